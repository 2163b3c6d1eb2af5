/**
 * The curves by Node's own server and `undici.request`, written by hand, without a feature.
 *
 * @module
 */
import { createServer, type ServerResponse } from 'node:http';
import { request } from 'undici';
import { branchOf, sizes, trimmedOf, widths } from '../../work/curves.ts';
import type { Order, Page, Recommendation } from '../../work/shop.ts';
import { dispatcher } from '../agent.ts';
import { announce, readAssignment } from '../gateway.ts';

const { branches, sized } = readAssignment().curves;

async function read<Answer>(origin: string): Promise<Answer> {
  const { body } = await request(`${origin}/orders`, { dispatcher });
  return (await body.json()) as Answer;
}

async function fanOut(response: ServerResponse, width: number): Promise<void> {
  const pages = await Promise.all(
    branches.slice(0, width).map((origin) => read<Page<Recommendation>>(origin)),
  );
  send(response, JSON.stringify({ parts: pages.map(branchOf) }));
}

async function trim(response: ServerResponse, origin: string): Promise<void> {
  send(response, JSON.stringify(trimmedOf(await read<Page<Order>>(origin))));
}

async function passWhole(response: ServerResponse, origin: string): Promise<void> {
  const { body } = await request(`${origin}/orders`, { dispatcher });
  send(response, await body.text());
}

function send(response: ServerResponse, json: string): void {
  response.setHeader('content-type', 'application/json');
  response.setHeader('content-length', Buffer.byteLength(json));
  response.end(json);
}

const routes = new Map<string, (response: ServerResponse) => Promise<void>>();
for (const width of widths) routes.set(`/width/${width}`, (response) => fanOut(response, width));
for (const [index, kilobytes] of sizes.entries()) {
  const origin = sized[index] ?? '';
  routes.set(`/trim/${kilobytes}`, (response) => trim(response, origin));
  for (const curve of ['whole', 'unread']) {
    routes.set(`/${curve}/${kilobytes}`, (response) => passWhole(response, origin));
  }
}

const server = createServer((incoming, response) => {
  const route = routes.get(incoming.url ?? '');
  if (route === undefined) {
    response.writeHead(404).end();
    return;
  }
  route(response).catch(() => response.writeHead(502).end());
});
server.listen(0, '127.0.0.1', () => announce(server.address()));
