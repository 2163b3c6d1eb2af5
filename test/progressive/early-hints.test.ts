/**
 * What a browser is told before any service has answered, over real connections: hints for who navigates,
 * silence for everyone else, and never a 1xx for HTTP/1.0.
 */
import { once } from 'node:events';
import { request } from 'node:http';
import { anyone, bind, endpoint, get, html, PageHints, ssr, upstream } from 'bffkit';
import { testBff } from 'bffkit/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import * as faults from '../support/faults.ts';
import { type FaultyUpstream, faultyUpstream } from '../support/faulty-upstream.ts';
import { type Http2Client, http2Client } from '../support/http2-client.ts';
import { rawClient } from '../support/raw-client.ts';
import { type ServedBff, served } from '../support/served.ts';
import { serverPair } from '../support/tls-files.ts';

const Part = z.object({ id: z.string() });
const shop = upstream('shop', { operations: { get: get('/part', { response: Part }) } });
const options = { summary: 'A page.', access: anyone(), deadlineMs: 10_000, cost: 0 } as const;
const style = { href: '/app.css', as: 'style' } as const;
const page = endpoint('GET', '/page', {
  ...options,
  earlyHints: [style, { href: 'https://images.example', rel: 'preconnect' }],
})
  .plan(({ call }) => ({ part: call(shop.get, () => ({})) }))
  .render(({ part }) => ({
    meta: { title: part.id },
    preload: [style, { href: `/${part.id}.js`, rel: 'modulepreload' }],
    body: html`<p>${part.id}</p>`,
  }));
const early = ['</app.css>; rel=preload; as=style', '<https://images.example/>; rel=preconnect'];

let service: FaultyUpstream;
let bff: ServedBff;
let secure: ServedBff;
let http2: Http2Client;

beforeAll(async () => {
  service = await faultyUpstream(faults.hang);
  const parts = { endpoints: [page], upstreams: [bind(shop, { targets: service.url })] };
  bff = await served(parts);
  secure = await served(parts, { tls: serverPair });
  http2 = await http2Client(secure.url);
});
afterAll(async () => {
  http2.close();
  await Promise.all([bff.close(), secure.close()]);
  await service.close();
});

/** Answers the service's next request when it is told to. */
function holdService(): Promise<() => void> {
  return new Promise((resolve) => {
    service.mode = (socket, asked) => resolve(() => faults.ok({ id: 'one' })(socket, asked));
  });
}

const navigates = { 'sec-fetch-mode': 'navigate' };

test('a browser that navigates hears of them before the service answers (HTTP/1.1)', async () => {
  const held = holdService();
  const asked = request(`${bff.url}/page`, { headers: navigates });
  asked.end();
  const [info] = await once(asked, 'information');
  expect(info).toMatchObject({ statusCode: 103, headers: { link: early.join(', ') } });
  (await held)();
  const [response] = await once(asked, 'response');
  expect(response.statusCode).toBe(200);
  expect(response.headers.link).toBe([...early, '</one.js>; rel=modulepreload'].join(', '));
  response.resume();
  await once(response, 'end');
});

test('over HTTP/2, too', async () => {
  const held = holdService();
  const stream = http2.begin(
    { ':path': '/page', ':authority': 'bff.test', ...navigates },
    { endStream: true },
  );
  const [info] = await once(stream, 'headers');
  expect(info).toMatchObject({ ':status': 103, link: early.join(', ') });
  (await held)();
  const [headers] = await once(stream, 'response');
  expect(headers).toMatchObject({ ':status': 200, 'content-type': 'text/html; charset=utf-8' });
  stream.resume();
  await once(stream, 'end');
});

test.each([
  ['a script', 'GET /page HTTP/1.1\r\nHost: bff.test\r\nSec-Fetch-Mode: cors\r\nConnection: close\r\n\r\n'],
  ['who says nothing', 'GET /page HTTP/1.1\r\nHost: bff.test\r\nConnection: close\r\n\r\n'],
  ['HEAD', 'HEAD /page HTTP/1.1\r\nHost: bff.test\r\nSec-Fetch-Mode: navigate\r\nConnection: close\r\n\r\n'],
  ['HTTP/1.0', 'GET /page HTTP/1.0\r\nHost: bff.test\r\nSec-Fetch-Mode: navigate\r\n\r\n'],
])('%s gets one status line', async (_who, bytes) => {
  service.mode = faults.ok({ id: 'one' });
  const client = await rawClient(bff.url);
  let text = '';
  client.socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  client.write(bytes);
  await client.closed;
  expect(text.match(/^HTTP\/1\.1 \d+/gm)).toEqual(['HTTP/1.1 200']);
});

test('who may not have the page gets no hints', async () => {
  const refused = await served({
    endpoints: [page],
    upstreams: [bind(shop, { targets: service.url })],
    addresses: { deny: ['127.0.0.0/8'] },
  });
  const asked = request(`${refused.url}/page`, { headers: navigates });
  let informed = 0;
  asked.on('information', () => {
    informed += 1;
  });
  asked.end();
  const [response] = await once(asked, 'response');
  response.resume();
  expect([response.statusCode, informed]).toEqual([403, 0]);
  await once(response, 'end');
  await refused.close();
});

describe('an answer in JSON', () => {
  const screen = endpoint('GET', '/screen', options)
    .plan(({ call }) => ({ part: call(shop.get, () => ({})) }))
    .respond(z.object({ id: z.string(), html: PageHints }), ({ part }) => ({
      id: part.id,
      html: ssr({ meta: { title: part.id, canonical: '/1' }, preload: [style] }),
    }));

  test('has what its page says of itself in the body, and the hints in Link', async () => {
    const response = await testBff([screen], { shop: () => ({ body: { id: 'one' } }) }).app.request(
      '/screen',
    );
    expect(response.headers.get('link')).toBe('</app.css>; rel=preload; as=style');
    expect(await response.json()).toEqual({
      id: 'one',
      html: { meta: { title: 'one', canonical: '/1' }, preload: [{ ...style, rel: 'preload' }] },
    });
  });
});

test.each([
  [[{ href: 'javascript:alert(1)', as: 'script' }], 'neither a path of this origin nor of a listed one'],
  [[{ href: '//evil.example/x', as: 'script' }], 'neither a path'],
  [[{ href: '/x' }], "'/x' needs 'as'"],
  [Array.from({ length: 21 }, () => style), 'at most 20, got 21'],
] as const)('a hint that cannot be one is refused at boot (%#)', (earlyHints, message) => {
  const wrong = endpoint('GET', '/x', { ...options, earlyHints }).answer(() => ({ status: 200 }));
  expect(() => testBff([wrong], {})).toThrow(message);
});
