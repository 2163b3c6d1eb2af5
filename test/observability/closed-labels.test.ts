/**
 * Nothing a client sends makes a new series: after a round of every kind of request, a hundred thousand random ones
 * of these kinds leave the number of series as it is.
 */
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { anyone, endpoint, get, post, scopes, tokenBucket, upstream } from 'bffkit';
import { asCaller, type TestBff, testBff } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';

const plenty = tokenBucket({ capacity: 1_000_000, refillPerSecond: 1_000 });

const total = 100_000;
const chunk = 1_000;

const Id = z.object({ id: z.string() });
const users = upstream('users', {
  operations: {
    get: get('/users/:id', { response: Id, passes: [404] }),
    add: post('/users', { body: Id, response: Id }),
  },
});
const recs = upstream('recs', { operations: { list: get('/recs', { response: z.array(z.string()) }) } });
const endpoints = [
  endpoint('GET', '/api/users/:id', {
    summary: 'A user.',
    access: scopes('users:read'),
    deadlineMs: 1_000,
    slo: { availability: 99.9, latency: { p: 99, ms: 500 } },
  })
    .plan(({ call, optional }) => ({
      user: call(users.get, ({ input }) => ({ params: { id: input.params.id } })),
      recs: optional(recs.list, () => ({}), { fallback: () => [] }),
    }))
    .respond(Id, ({ user }) => user),
  endpoint('POST', '/api/users', {
    summary: 'Adds a user.',
    access: anyone(),
    deadlineMs: 1_000,
    body: Id,
    cost: 0,
  })
    .plan(({ call }) => ({ user: call(users.add, ({ input }) => ({ body: input.body })) }))
    .respond(Id, ({ user }) => user),
];

/** Numbers in [0, 1), the same in every run. @see {@link https://en.wikipedia.org/wiki/Xorshift Xorshift} */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const random = numbers(20_261_122);
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_';

function word(length = 1 + Math.floor(random() * 24)): string {
  return Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join('');
}

function oneOf<T>(values: readonly T[]): T {
  return values[Math.floor(random() * values.length)] as T;
}

type Text = () => string;

const methods: readonly Text[] = [
  ...['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((method) => () => method),
  () => `X${word(6)}`,
];
const targets: readonly Text[] = [
  () => `/api/users/${word()}`,
  () => `/api/users/missing-${word()}`,
  () => `/api/users/${word()}?${word()}=${word()}`,
  () => `/api/users/${word()}/${word()}`,
  () =>
    `/api/users/%${Math.floor(random() * 256)
      .toString(16)
      .padStart(2, '0')}${word()}`,
  () => '/api/users',
  () => `/${word()}`,
  () => `/${word()}/${word()}?${word()}`,
];
const headers: readonly (() => Record<string, string>)[] = [
  () => ({}),
  () => asCaller(word(), 'users:read'),
  () => asCaller(word(), `${word()}:read`),
  () => ({
    ...asCaller(word(), 'users:read'),
    accept: word(),
    'user-agent': word(),
    [`x-${word()}`]: word(),
  }),
  () => ({
    ...asCaller(word(), 'users:read'),
    'x-request-id': word(),
    traceparent: `00-${word(32)}-${word(16)}-01`,
  }),
  () => ({ host: `${word()}.test` }),
  () => ({ authorization: `Bearer ${word()}`, cookie: `${word()}=${word()}` }),
];

interface Wanted {
  readonly method: string;
  readonly target: string;
  readonly headers: Record<string, string>;
}

function wanted(method: Text, target: Text, head: () => Record<string, string>): Wanted {
  return { method: method(), target: target(), headers: { host: 'bff.test', ...head() } };
}

/** Asks as Node's server does: the short way, else the app. */
async function ask(bff: TestBff, { method, target, headers: sent }: Wanted): Promise<void> {
  const incoming = {
    method,
    url: target,
    httpVersion: '1.1',
    httpVersionMajor: 1,
    httpVersionMinor: 1,
    headers: sent,
    rawHeaders: Object.entries(sent).flat(),
    socket: { remoteAddress: `203.0.113.${Math.floor(random() * 256)}` },
  };
  const { promise, resolve } = Promise.withResolvers<void>();
  const outgoing = Object.assign(new EventEmitter(), {
    destroyed: false,
    headersSent: false,
    writableFinished: false,
    writeHead() {},
    end: () => resolve(),
  });
  if (bff.direct(incoming as unknown as IncomingMessage, outgoing as unknown as ServerResponse))
    return promise;
  const hasBody = !['GET', 'HEAD'].includes(method);
  const body = hasBody ? { body: oneOf(['{"id":"1"}', `{"${word()}":1}`, word()]) } : {};
  const type = oneOf(['application/json', 'text/plain']);
  const answer = await bff.app.request(target, {
    method,
    headers: { ...sent, 'content-type': type },
    ...body,
  });
  await answer.arrayBuffer();
}

async function series(bff: TestBff): Promise<string[]> {
  const lines = (await bff.metrics.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => line.slice(0, line.lastIndexOf(' ')));
}

test('a hundred thousand random requests leave the number of series as it is', {
  timeout: 300_000,
}, async () => {
  const bff = testBff(
    endpoints,
    {
      users: ({ target }) => (target.includes('missing') ? { status: 404 } : { body: { id: 'x' } }),
      recs: () => oneOf([{ body: [] }, { status: 503 }]),
    },
    {
      // Nobody is refused for asking often: that would come late, and by chance.
      limits: plenty,
      authFailureLimit: plenty,
    },
  );
  for (let round = 0; round < 6; round += 1) {
    for (const method of methods) {
      for (const target of targets) {
        await Promise.all(headers.map((head) => ask(bff, wanted(method, target, head))));
      }
    }
  }
  const before = await series(bff);
  for (let done = 0; done < total; done += chunk) {
    await Promise.all(
      Array.from({ length: chunk }, () => ask(bff, wanted(oneOf(methods), oneOf(targets), oneOf(headers)))),
    );
  }
  const after = await series(bff);
  expect(after.filter((name) => !before.includes(name))).toEqual([]);
  expect(after).toHaveLength(before.length);
  expect(new Set(after).size).toBe(after.length);
  const count = 'bff_http_request_duration_seconds_count';
  const counted = (await bff.metrics.text())
    .split('\n')
    .filter((line) => line.startsWith(count))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  expect(counted).toBe(total + 6 * methods.length * targets.length * headers.length);
});
