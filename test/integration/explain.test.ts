/**
 * `bffkit explain` as a person runs it: a process of its own, a BFF and its admin port on sockets, an upstream that
 * fails once. No secret of the request is in what is written.
 */
import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { anyone, bind, endpoint, get, upstream } from 'bffkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type ServedBff, served } from '../support/served.ts';

const main = fileURLToPath(new URL('../../core/src/cli/main.ts', import.meta.url));
const key = Buffer.alloc(32, 'k').toString('base64');
const adminToken = 'the token of the admin port of this test';
const canary = 'canary-c0ffee-secret';

const shop = upstream('shop', {
  operations: { get: get('/part', { response: z.object({ id: z.string() }) }) },
});
const home = endpoint('GET', '/api/home', { summary: 'Home.', access: anyone(), deadlineMs: 2_000 })
  .plan(({ call }) => ({ part: call(shop.get, () => ({})) }))
  .respond(z.object({ id: z.string() }), ({ part }) => ({ id: part.id }));

let service: Server;
let running: ServedBff;
let asked = 0;
const seen: string[] = [];

beforeAll(async () => {
  service = createServer((incoming, outgoing) => {
    asked += 1;
    seen.push(JSON.stringify(incoming.headers));
    outgoing.writeHead(asked === 1 ? 503 : 200, { 'content-type': 'application/json' });
    outgoing.end(JSON.stringify({ id: 'p1' }));
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const { port } = service.address() as AddressInfo;
  running = await served(
    {
      upstreams: [bind(shop, { targets: `http://127.0.0.1:${port}` })],
      endpoints: [home],
      explainKeys: [key],
    },
    { adminToken },
  );
});

afterAll(async () => {
  await running.close();
  service.close();
});

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function explain(env: Readonly<Record<string, string>>, ...parameters: readonly string[]): Promise<Run> {
  const all = { ...process.env, BFFKIT_ADMIN: running.adminUrl, BFFKIT_ADMIN_TOKEN: adminToken, ...env };
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'explain', ...parameters], { env: all }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });
}

test('a request in production is explained to who has the key, with every attempt and without a secret', async () => {
  const curl = ['curl', `${running.url}/api/home`, '-H', `x-canary: ${canary}`, '-b', `sid=${canary}`];
  const { code, out, err } = await explain({ BFFKIT_EXPLAIN_KEY: key }, ...curl);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^GET \/api\/home {2}200 /);
  expect(out).toMatch(/● part +shop\.get .*200, 2 attempts\n/);
  expect(out).toMatch(/ {2}first +http.* upstream-(?:busy|error)\n/);
  expect(out).toMatch(/ {2}retry +http:\/\/127\.0\.0\.1:\d+ .* 200\n/);
  expect(out).not.toContain('\x1b');
  const written = [out, ...seen, JSON.stringify(running.log)].join('\n');
  for (const hidden of [canary, key, adminToken, 'bff-explain']) expect(written).not.toContain(hidden);
});

test('without the right key, or the token of the admin port, it says what is missing', async () => {
  const curl = ['curl', `${running.url}/api/home`];
  const other = Buffer.alloc(32, 'x').toString('base64');
  expect((await explain({ BFFKIT_EXPLAIN_KEY: '' }, ...curl)).err).toContain('set BFFKIT_EXPLAIN_KEY');
  expect((await explain({ BFFKIT_EXPLAIN_KEY: other }, ...curl)).err).toContain('none of the explainKeys');
  const { code, err } = await explain({ BFFKIT_ADMIN_TOKEN: '' }, ...curl);
  expect(err).toBe('bffkit: the admin port asks for a token: set BFFKIT_ADMIN_TOKEN\n');
  expect(code).toBe(1);
});

test('nobody listens: said in a line', async () => {
  const { err } = await explain({ BFFKIT_ADMIN: 'http://127.0.0.1:9' }, 'curl', `${running.url}/api/home`);
  expect(err).toMatch(/^bffkit: no answer from http:\/\/127\.0\.0\.1:9: .*\n$/);
});
