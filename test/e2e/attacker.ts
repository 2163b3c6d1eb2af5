/**
 * An attacker with a web server of their own, and a page on it that the person has open.
 *
 * @module
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page, Response } from 'playwright-core';

export interface Attacker {
  /** `Set-Cookie` lines of the next page that is loaded. */
  cookies: readonly string[];
  /** Loads a page of this host and its script. */
  show(page: Page, host: string): Promise<void>;
  close(): Promise<void>;
}

const script = readFileSync(new URL(import.meta.resolve('./attacks.js')), 'utf8');
const document = `<!doctype html><meta charset="utf-8"><title>You have won</title><link rel="icon" href="data:,">
<script type="module">import * as attacks from '/attacks.js'; Object.assign(window, { attacks });</script>
<h1>You have won</h1>`;

export async function startAttacker(): Promise<Attacker> {
  const server = createServer((request, response) => {
    if (request.url === '/attacks.js') {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': [...attacker.cookies] });
    response.end(document);
    attacker.cookies = [];
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const attacker: Attacker = {
    cookies: [],
    async show(page, host) {
      await page.goto(`http://${host}:${port}/`);
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return attacker;
}

/** Runs an attack of `attacks.js` in the attacker's page; what it could read. */
export function attack(page: Page, name: string, ...args: readonly unknown[]): Promise<unknown> {
  return page.evaluate(`attacks.${name}(...${JSON.stringify(args)})`);
}

/** Runs an attack that leads the whole tab to the shop; the shop's answer, redirects followed. */
export async function lead(page: Page, name: string, ...args: readonly unknown[]): Promise<Response> {
  const [arrived] = await Promise.all([
    page.waitForNavigation({ waitUntil: 'commit' }),
    attack(page, name, ...args),
  ]);
  if (arrived === null) throw new Error(`${name} leads nowhere`);
  return arrived;
}
