/**
 * Attacks by services on clients and on the gateway (A45 to A49 and what is beside them): what a service sends
 * must reach neither the headers of a browser, nor another caller, nor another address, nor a prototype.
 */
import { deflateSync, gzipSync } from 'node:zlib';
import { bind, endpoint, get, signedIn, tokenBucket, type UpstreamIdentity, upstream } from 'bffkit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { gzipBomb } from '../support/bombs.ts';
import * as faults from '../support/faults.ts';
import { type Fault, type FaultyUpstream, faultyUpstream } from '../support/faulty-upstream.ts';
import { neverOpens, type ServedBff, served } from '../support/served.ts';
import { shortest } from '../support/within.ts';

const canary = 'c4n4ry';
const Part = z.object({ id: z.string() });
const Loose = z.looseObject({ id: z.string() });
const Bag = z.object({ id: z.string(), tags: z.record(z.string(), z.unknown()) });
const shop = upstream('shop', {
  operations: {
    get: get('/part', { response: Part }),
    mine: get('/mine', { response: Part, forwardResponseHeaders: ['etag'] }),
    loose: get('/loose', { response: Loose }),
    bag: get('/bag', { response: Bag }),
    list: get('/list', { response: z.array(Loose) }),
  },
});
const options = { summary: 'A part.', access: signedIn(), deadlineMs: 2_000, cost: 0 } as const;
const Any = z.object({ all: z.unknown() });
const endpoints = [
  endpoint('GET', '/part', options)
    .plan(({ call }) => ({ part: call(shop.get, () => ({})) }))
    .respond(Part, ({ part }) => part),
  endpoint('GET', '/mine', options)
    .plan(({ call }) => ({ part: call(shop.mine, () => ({})) }))
    .respond(Part, ({ part }) => part),
  endpoint('GET', '/stale', options)
    .plan(({ call }) => ({
      part: call(shop.mine, () => ({}), { cache: { scope: 'principal', ttlMs: 0, staleIfErrorMs: 60_000 } }),
    }))
    .respond(Part, ({ part }) => part),
  endpoint('GET', '/joined', options)
    .plan(({ call }) => ({
      loose: call(shop.loose, () => ({})),
      bag: call(shop.bag, () => ({})),
      list: call(shop.list, () => ({})),
    }))
    .respond(Any, ({ loose, bag, list }) => ({ all: { ...loose, ...bag, list } })),
];

/** Whoever asks is named to the service, as a token would. */
const byName: UpstreamIdentity = {
  name: 'by-name',
  headers: ({ principal }) => ({ authorization: `Bearer ${canary}-${principal?.subject}` }),
};

let service: FaultyUpstream;
let bff: ServedBff;
beforeAll(async () => {
  service = await faultyUpstream(faults.ok({ id: 'p1' }));
  bff = await served({
    limits: tokenBucket({ capacity: 10_000 }),
    upstreams: [
      bind(shop, { targets: service.url, identity: byName, breaker: neverOpens, retry: { attempts: 0 } }),
    ],
    endpoints,
  });
});
afterEach(async () => {
  service.mode = faults.ok({ id: 'p1' });
  expect(await textOf('/part')).toBe('{"id":"p1"}'); // the next request is served
  expect(JSON.stringify(bff.log)).not.toContain(canary);
});
afterAll(async () => {
  await bff.close();
  await service.close();
});

function ask(path: string, caller = 'ada', headers: Record<string, string> = {}): Promise<Response> {
  return fetch(bff.url + path, { headers: { 'x-test-caller': caller, ...headers } });
}

async function textOf(path: string, caller = 'ada'): Promise<string> {
  return (await ask(path, caller)).text();
}

async function expectBadGateway(answer: Response): Promise<void> {
  const text = await answer.text();
  expect([answer.status, answer.headers.get('content-type')]).toEqual([502, 'application/problem+json']);
  expect([answer.headers.get('cache-control'), answer.headers.getSetCookie()]).toEqual(['no-store', []]);
  expect(text + JSON.stringify([...answer.headers])).not.toMatch(/c4n4ry|169\.254|127\.0\.0\.1/);
}

describe('A45: headers of a service', () => {
  const evil = [
    'Set-Cookie: __Host-Http-bff=c4n4ry',
    'Set-Cookie2: a=c4n4ry',
    'Server: c4n4ry',
    'X-Powered-By: c4n4ry',
    'Via: c4n4ry',
    'Access-Control-Allow-Origin: *',
    'Access-Control-Allow-Credentials: true',
    'Clear-Site-Data: "*"',
    'Refresh: 0; url=http://c4n4ry',
    'Location: http://c4n4ry',
    'Link: <http://c4n4ry>; rel=preload',
    'Strict-Transport-Security: max-age=0',
    'Alt-Svc: h3="c4n4ry:443"',
    'Content-Disposition: attachment; filename=c4n4ry',
    'X-Internal-User: c4n4ry',
    'Connection: x-secret',
    'X-Secret: c4n4ry',
    'Trailer: X-Late',
    '',
  ].join('\r\n');
  const raw =
    (status: number, body: string): Fault =>
    (socket) => {
      const head = `HTTP/1.1 103 Early Hints\r\nSet-Cookie: early=c4n4ry\r\n\r\nHTTP/1.1 ${status} X\r\n`;
      const chunk = `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n`;
      socket.write(
        `${head}Content-Type: application/json\r\n${evil}Transfer-Encoding: chunked\r\n\r\n${chunk}0\r\nX-Late: c4n4ry\r\nSet-Cookie: late=c4n4ry\r\n\r\n`,
      );
    };

  test.each([
    [200, 200],
    [500, 502],
    [302, 502],
    [401, 502],
    [429, 503],
  ])('with %i, hints before and trailers after it, reach no client', async (status, expected) => {
    service.mode = raw(status, '{"id":"p1","secret":"c4n4ry"}');
    const answer = await ask('/part');
    expect(answer.status).toBe(expected);
    expect(JSON.stringify([...answer.headers]) + (await answer.text())).not.toContain(canary);
    for (const name of [
      'access-control-allow-origin',
      'access-control-allow-credentials',
      'clear-site-data',
      'server',
    ])
      expect([name, answer.headers.get(name)]).toEqual([name, null]);
  });
});

describe('A46: two people on one path', () => {
  /** Tells everybody that all may keep it, and answers by who asks. */
  const personal: Fault = (socket, { headers }) => {
    const id = headers.authorization?.replace(/.*-/, '') ?? 'nobody';
    const more = 'Cache-Control: public, max-age=600\r\nETag: "same"\r\nVary: Accept\r\n';
    const body = JSON.stringify({ id });
    socket.write(
      `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`,
    );
  };

  test('see their own, one after the other and at once, with a call for each', async () => {
    service.mode = personal;
    const calls = service.requests.length;
    expect([await textOf('/mine', 'ada'), await textOf('/mine', 'ben')]).toEqual([
      '{"id":"ada"}',
      '{"id":"ben"}',
    ]);
    expect(service.requests.length - calls).toBe(2);
    const names = Array.from({ length: 40 }, (_, index) => `usr${index % 8}`);
    const texts = await Promise.all(names.map((name) => textOf('/mine', name)));
    expect(texts).toEqual(names.map((id) => JSON.stringify({ id })));
  });

  test('are not mixed up by a validator: 304 is only for who has the same answer', async () => {
    service.mode = personal;
    const first = await ask('/mine', 'ada');
    const etag = first.headers.get('etag') ?? '"same"';
    expect(first.headers.get('cache-control')).toMatch(/private|no-store/);
    const other = await ask('/mine', 'ben', { 'if-none-match': etag });
    if (other.status !== 304) expect(await other.text()).toBe('{"id":"ben"}');
    expect([other.status, other.headers.get('etag') === etag && other.status === 200]).toEqual([200, false]);
  });

  test('never stand in for each other when the service fails', async () => {
    service.mode = personal;
    expect(await textOf('/stale', 'ada')).toBe('{"id":"ada"}');
    service.mode = faults.status(503);
    expect(await textOf('/stale', 'ada')).toBe('{"id":"ada"}');
    await expectBadGateway(await ask('/stale', 'ben'));
  });
});

describe('A47: a redirect of a service', () => {
  const elsewhere = () => faultyUpstream(faults.ok({ id: 'metadata' }));
  const targets = ['http://169.254.169.254/', '//169.254.169.254/', '/other', 'file:///etc/passwd'];

  test.each([301, 302, 303, 305, 307, 308])(
    '%i is 502, not followed, and nobody else gets the token',
    async (code) => {
      const other = await elsewhere();
      for (const location of [...targets, `${other.url}/latest`]) {
        const head = `HTTP/1.1 ${code} X\r\nContent-Type: application/json\r\nContent-Length: 11\r\n`;
        const body = '{"id":"p1"}'; // a good one: what counts is where it points
        service.mode = (socket) =>
          void socket.write(`${head}Location: ${location}\r\nRefresh: 0; url=${location}\r\n\r\n${body}`);
        const calls = service.requests.length;
        await expectBadGateway(await ask('/part'));
        expect(service.requests.length - calls).toBe(1);
      }
      expect([other.requests.length, other.openSockets()]).toEqual([0, 0]);
      await other.close();
    },
  );

  test('that comes with a good answer is an answer', async () => {
    service.mode = (socket) =>
      void socket.write(
        'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLocation: http://169.254.169.254/\r\nContent-Length: 11\r\n\r\n{"id":"p1"}',
      );
    const answer = await ask('/part');
    expect([answer.status, answer.headers.get('location')]).toEqual([200, null]);
  });
});

describe('A48: a compression bomb', () => {
  const megabytes = 200;
  const gzip = gzipBomb(megabytes);
  const deflate = deflateSync(Buffer.alloc(20 * 1_024 * 1_024), { level: 9 });
  const bombs: [string, Fault][] = [
    ['gzip', faults.bytes(gzip, { coding: 'gzip' })],
    ['x-gzip', faults.bytes(gzip, { coding: 'x-gzip' })],
    ['gzip, gzip', faults.bytes(gzipSync(gzip), { coding: 'gzip, gzip' })],
    ['deflate', faults.bytes(deflate, { coding: 'deflate' })],
    ['identity, gzip', faults.bytes(gzip, { coding: 'identity, gzip' })],
    ['nothing it says', faults.bytes(gzip)],
  ];

  test.each(bombs)('in %s is 502 in less than a second and 50 MB', async (_coding, mode) => {
    expect(gzip.length).toBeLessThan(300_000);
    service.mode = mode;
    const ms = await shortest(1_000, 3, async () => {
      const [beforeMb, startMs] = [mostMegabytes(), performance.now()];
      await expectBadGateway(await ask('/part'));
      const tookMs = performance.now() - startMs;
      expect(mostMegabytes() - beforeMb).toBeLessThan(50);
      return tookMs;
    });
    expect(ms).toBeLessThan(1_000);
  });

  /** The most memory this process has ever held. */
  const mostMegabytes = (): number => process.resourceUsage().maxRSS / 1_024;
});

describe('A49: a prototype in what a service sends', () => {
  const poison = [
    '"__proto__":{"isAdmin":true}',
    '"constructor":{"prototype":{"isAdmin":true}}',
    '"\\u005f_proto__":{"isAdmin":true}',
    '"prototype":{"isAdmin":true}',
  ];
  const clean = (): void => {
    expect(['isAdmin' in {}, 'isAdmin' in [], 'isAdmin' in (() => {})]).toEqual([false, false, false]);
    expect(Object.keys(Object.prototype)).toEqual([]);
  };

  test.each(poison)(
    '%s is in no part of an answer made of several, and changes no object',
    async (member) => {
      service.mode = (socket, request) => {
        const one = `{"id":"p1",${member},"a":1}`;
        const body = {
          '/loose': one,
          '/bag': `{"id":"p1","tags":{${member},"b":2},${member}}`,
          '/list': `[${one},{"id":"p2","deep":${one}}]`,
        }[request.path];
        faults.text(body ?? '{}')(socket, request);
      };
      const answer = await ask('/joined');
      const text = await answer.text();
      clean();
      if (answer.status === 502) return;
      expect(answer.status).toBe(200);
      const { all } = JSON.parse(text) as { readonly all: Record<string, unknown> };
      expect(all.isAdmin).toBeUndefined();
      expect(Object.getPrototypeOf(all)).toBe(Object.prototype);
      expect(text).not.toContain('__proto__');
      const copy: Record<string, unknown> = {};
      Object.assign(copy, all, all.tags);
      expect(copy.isAdmin).toBeUndefined();
    },
  );

  test('a part that is declared lets nothing else through', async () => {
    service.mode = faults.text(`{"id":"p1",${poison.join()}}`);
    expect(await textOf('/part')).toBe('{"id":"p1"}');
    clean();
  });
});
