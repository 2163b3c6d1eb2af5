/**
 * What an answer and the log say when the gateway itself is at fault (A50 and A79 and what is beside them): fixed
 * words, the id of the request, and the security headers; the log has the error without its secrets.
 */
import { anyone, bind, endpoint, get, post, tokenBucket, upstream } from 'bffkit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import * as faults from '../support/faults.ts';
import { type FaultyUpstream, faultyUpstream } from '../support/faulty-upstream.ts';
import { rawClient } from '../support/raw-client.ts';
import { neverOpens, type ServedBff, served } from '../support/served.ts';
import { refusal } from './standing.ts';

const secret = 'c4n4ry-S3cret';
const jwt = `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c3JfMSJ9.${secret}`;
const message = [
  `connect to postgres://shop:${secret}@10.0.0.7/orders failed`,
  `Authorization: Bearer ${secret}`,
  `{"password":"${secret}","refresh_token":"${secret}"}`,
  `cookie: __Host-Http-bff=${secret}`,
  `token ${jwt}`,
  'key bffk_live_abcdefghijkl_c4n4rySecretc4n4rySecretc4n4rySecret',
  `GET /bff/callback?code=${secret}&state=${secret}`,
].join('; ');
const visible = /c4n4ry/;

const Part = z.object({ id: z.string() });
const shop = upstream('shop', {
  operations: {
    get: get('/part', { response: Part }),
    create: post('/part', { body: Part, response: Part }),
  },
});
const options = { summary: 'X.', access: anyone(), deadlineMs: 1_000, cost: 0 } as const;
const fail = (): never => {
  throw new Error(message, { cause: new Error(`inner ${message}`) });
};
/** Everywhere that a team's own code runs. */
const places: Readonly<Record<string, () => unknown>> = {
  Error: fail,
  'a text': () => {
    throw message; // what people throw by mistake
  },
  'an object': () => {
    throw { status: 200, message, toString: () => message, toJSON: () => message };
  },
  'an Error with the name of a status': () => {
    throw Object.assign(new TypeError(message), {
      status: 418,
      statusCode: 418,
      body: message,
      headers: { a: message },
    });
  },
  'a rejection': () => Promise.reject(new Error(message)),
};
const handlers = Object.entries(places).map(([, run], index) =>
  endpoint('GET', `/handler/${index}`, options).handle(Part, async () => {
    await run();
    return { id: '1' };
  }),
);
const inPlan = endpoint('GET', '/plan', options)
  .plan(({ call }) => ({ part: call(shop.get, fail) }))
  .respond(Part, ({ part }) => part);
const inRespond = endpoint('GET', '/respond', options)
  .plan(({ call }) => ({ part: call(shop.get, () => ({})) }))
  .respond(Part, fail);
const inAnswer = endpoint('GET', '/answer', options).answer(fail);
const wrongOutput = endpoint('GET', '/output', options).handle(Part, async () =>
  JSON.parse(JSON.stringify({ id: { secret } })),
);
const read = endpoint('GET', '/part', options)
  .plan(({ call }) => ({ part: call(shop.get, () => ({})) }))
  .respond(Part, ({ part }) => part);
const create = endpoint('POST', '/part', { ...options, body: Part })
  .plan(({ call }) => ({ part: call(shop.create, ({ input }) => ({ body: input.body })) }))
  .respond(Part, ({ part }) => part);
const scarce = endpoint('GET', '/scarce', { ...options, cost: 100 }).handle(Part, async () => ({ id: '1' }));

let service: FaultyUpstream;
let bff: ServedBff;
beforeAll(async () => {
  service = await faultyUpstream(faults.ok({ id: 'p1' }));
  bff = await served({
    publicOrigin: 'https://shop.example',
    limits: tokenBucket({ capacity: 100, refillPerSecond: 0.001 }),
    upstreams: [bind(shop, { targets: service.url, breaker: neverOpens, retry: { attempts: 0 } })],
    endpoints: [...handlers, inPlan, inRespond, inAnswer, wrongOutput, read, create, scarce],
    routes: (app) =>
      app.get('/team', () => {
        throw new Error(message);
      }),
  });
});
afterEach(async () => {
  service.mode = faults.ok({ id: 'p1' });
  expect(await (await fetch(`${bff.url}/part`)).text()).toBe('{"id":"p1"}');
});
afterAll(async () => {
  await bff.close();
  await service.close();
});

describe('A79: code of a team that throws a secret', () => {
  const paths: [string, string][] = [
    ...Object.keys(places).map((what, index): [string, string] => [
      `in a handler, as ${what}`,
      `/handler/${index}`,
    ]),
    ['in a plan', '/plan'],
    ['in respond', '/respond'],
    ['in a plain answer', '/answer'],
    ['as output of another shape', '/output'],
    ['in a plain route', '/team'],
  ];

  test.each(paths)('%s: 500 in fixed words with the id, and a log without it', async (_where, path) => {
    const before = bff.log.length;
    const answer = await refusal(() => fetch(bff.url + path), { log: bff.log, secrets: [secret, 'c4n4ry'] });
    expect(answer.body).toEqual({
      type: 'urn:bffkit:problem:internal',
      title: 'Internal error',
      status: 500,
      code: 'internal',
      requestId: answer.headers.get('x-request-id'),
    });
    const lines = bff.log.slice(before).map((line) => JSON.stringify(line));
    expect(lines.join('\n')).not.toMatch(visible);
    expect(bff.log.slice(before)).toContainEqual(
      expect.objectContaining({ level: 'error', status: 500, requestId: answer.headers.get('x-request-id') }),
    );
  });

  test('the log says what it was, and where, for those who look for it', async () => {
    const before = bff.log.length;
    await fetch(`${bff.url}/handler/0`);
    const { cause } = bff.log.slice(before).find(({ msg }) => msg === 'request') ?? {};
    expect(cause).toMatch(/^Error: connect to postgres:\/\/\[redacted\]@10\.0\.0\.7\/orders failed/);
    expect(cause).toMatch(/leaks\.test\.ts/);
  });

  test('a service that repeats secrets in an answer that cannot be used: 502, and none of it is in the log', async () => {
    const before = bff.log.length;
    const answers = [
      faults.status(500, `X-Secret: ${secret}\r\n`),
      faults.text(`{"id":{"password":"${secret}"}}`),
      faults.text(`${secret} is no JSON`),
      faults.typed('text/html', secret),
      faults.redirect(`http://127.0.0.1:1/?token=${secret}`),
    ];
    for (const mode of answers) {
      service.mode = mode;
      const answer = await fetch(`${bff.url}/part`);
      expect(answer.status).toBe(502);
      expect(JSON.stringify([...answer.headers]) + (await answer.text())).not.toMatch(visible);
    }
    expect(JSON.stringify(bff.log.slice(before))).not.toMatch(visible);
  });

  test('what a client sends wrong is not repeated to it or to the log', async () => {
    const json = { 'content-type': 'application/json' };
    const wrong: [string, RequestInit][] = [
      ['/part', { method: 'POST', headers: json, body: `{"id":${JSON.stringify(secret)}` }],
      ['/part', { method: 'POST', headers: json, body: `{"id":{"x":"${secret}"}}` }],
      ['/part', { method: 'POST', headers: { 'content-type': `text/${secret}` }, body: secret }],
      [`/part?password=${secret}`, {}],
      [`/nowhere/${secret}`, {}],
      ['/part', { headers: { authorization: `Bearer ${secret}` } }],
      ['/part', { headers: { authorization: secret } }],
      ['/part', { headers: { x_secret: secret } }],
    ];
    for (const [path, init] of wrong) {
      const answer = await refusal(() => fetch(bff.url + path, init), { log: bff.log, secrets: [secret] });
      expect([path, init, answer.status < 500]).toEqual([path, init, true]);
    }
  });
});

describe('A50: the security headers stand in', () => {
  const headers = {
    'content-security-policy':
      "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  };
  const json = { 'content-type': 'application/json' };
  const answers: [number, string, RequestInit][] = [
    [200, '/part', {}],
    [304, '/part', { headers: { 'if-none-match': '*' } }],
    [400, '/part?x=1', {}],
    [404, '/nowhere', {}],
    [405, '/part', { method: 'DELETE' }],
    [413, '/part', { method: 'POST', headers: json, body: JSON.stringify({ id: 'x'.repeat(200_000) }) }],
    [415, '/part', { method: 'POST', body: 'x' }],
    [500, '/handler/0', {}],
    [500, '/team', {}],
  ];

  test.each(answers)('%i of %s', async (status, path, init) => {
    const answer = await fetch(bff.url + path, init);
    expect(answer.status).toBe(status);
    expect(Object.fromEntries(answer.headers)).toMatchObject(headers);
    for (const name of ['server', 'x-powered-by']) expect(answer.headers.get(name)).toBeNull();
  });

  test('429, 502 and 504', async () => {
    await fetch(`${bff.url}/scarce`);
    const statuses: [number, () => void, string][] = [
      [429, () => {}, '/scarce'],
      [502, () => (service.mode = faults.status(500)), '/part'],
      [504, () => (service.mode = faults.hang), '/part'],
    ];
    for (const [status, prepare, path] of statuses) {
      prepare();
      const answer = await fetch(bff.url + path);
      expect(answer.status).toBe(status);
      expect(Object.fromEntries(answer.headers)).toMatchObject(headers);
    }
  });

  test.each([
    ['421', 'GET /part HTTP/1.1\r\nHost: evil.example\r\n\r\n'],
    ['501', 'TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['431', `GET /part HTTP/1.1\r\nHost: localhost\r\n${'X-A: a\r\n'.repeat(101)}\r\n`],
    ['HEAD 200', 'HEAD /part HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
  ])('%s at the door', async (_what, bytes) => {
    const client = await rawClient(bff.url);
    client.write(bytes);
    const head = await new Promise<string>((resolve) =>
      client.socket.once('data', (data) => resolve(data.toString())),
    );
    client.socket.destroy();
    for (const [name, value] of Object.entries(headers))
      expect(head.toLowerCase()).toContain(`${name}: ${value.toLowerCase()}`);
  });
});
