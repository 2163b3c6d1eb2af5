/**
 * The base: Node's own server and `undici.request`, written by hand, without a feature.
 *
 * @module
 */
import { createServer, type ServerResponse } from 'node:http';
import { request } from 'undici';
import type { Payloads } from '../work/payloads.ts';
import { feedOf, homeOf } from '../work/trim.ts';
import { dispatcher } from './agent.ts';
import { announce, readAssignment } from './gateway.ts';

const { services } = readAssignment();

async function read<Name extends keyof Payloads>(name: Name): Promise<Payloads[Name]> {
  const { body } = await request(services[name], { dispatcher });
  return (await body.json()) as Payloads[Name];
}

async function passThrough(response: ServerResponse): Promise<void> {
  const { body } = await request(services.product, { dispatcher });
  send(response, await body.text());
}

async function home(response: ServerResponse): Promise<void> {
  const [profile, orders, products] = await Promise.all([read('profile'), read('orders'), read('products')]);
  send(response, JSON.stringify(homeOf({ profile, orders, products })));
}

async function feed(response: ServerResponse): Promise<void> {
  const [account, purchases, recommendations, reviews, notifications, prices] = await Promise.all([
    read('account'),
    read('purchases'),
    read('recommendations'),
    read('reviews'),
    read('notifications'),
    read('prices'),
  ]);
  const parts = { account, purchases, recommendations, reviews, notifications, prices };
  send(response, JSON.stringify(feedOf(parts)));
}

function send(response: ServerResponse, json: string): void {
  response.setHeader('content-type', 'application/json');
  response.setHeader('content-length', Buffer.byteLength(json));
  response.end(json);
}

const routes = new Map([
  ['/s1', passThrough],
  ['/s2', home],
  ['/s3', feed],
]);

const server = createServer((incoming, response) => {
  const route = routes.get(incoming.url ?? '');
  if (route === undefined) {
    response.writeHead(404).end();
    return;
  }
  route(response).catch(() => response.writeHead(502).end());
});
server.listen(0, '127.0.0.1', () => announce(server.address()));
