import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { EventBus, type RequestFact } from '../context/events.ts';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { asCaller, type FakeUpstream, testBff } from '../testing/index.ts';
import { get, upstream } from '../upstream/operation.ts';
import { jsonLogger, type LoggerOptions, logFacts } from './access-log.ts';

type Line = Readonly<Record<string, unknown>>;

/** A log that keeps its lines. */
function keptLog(
  events: EventBus,
  options: Partial<LoggerOptions> = {},
): { readonly lines: Line[]; stop(): void } {
  const lines: Line[] = [];
  const logger = jsonLogger({ name: 'web', write: (line) => lines.push(JSON.parse(line)), ...options });
  return { lines, stop: logFacts(events, logger) };
}

const fact: RequestFact = {
  bff: 'web',
  requestId: 'request-1',
  traceId: 'request-1',
  method: 'GET',
  route: '/api/products/:id',
  status: 200,
  durationMs: 12.345,
  bytes: 512,
  degraded: [],
  calls: [],
};

describe('a line', () => {
  test('says what was asked and how it ended, in JSON of one line', () => {
    const events = new EventBus();
    const texts: string[] = [];
    logFacts(events, jsonLogger({ name: 'web', write: (line) => texts.push(line) }));
    events.emit('request', fact);
    expect(texts).toHaveLength(1);
    expect(texts[0]).toMatch(/^\{[^\n]*\}\n$/);
    const { time, ...line } = JSON.parse(texts[0] ?? '') as Line;
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(line).toEqual({
      level: 'info',
      service: 'web',
      requestId: 'request-1',
      method: 'GET',
      route: '/api/products/:id',
      status: 200,
      bytes: 512,
      ms: 12.3,
      msg: 'request',
    });
  });

  test('says who asked, what failed, what was left out and which calls were made', () => {
    const events = new EventBus();
    const { lines } = keptLog(events);
    const call = {
      node: 'recs',
      upstream: 'recommendations',
      operation: 'list',
      bytes: 0,
      attempts: 1,
      hedges: 0,
    };
    events.emit('request', {
      ...fact,
      code: 'upstream-timeout',
      cause: new TypeError('no answer'),
      principal: { kind: 'user', id: 'usr_1', tenant: 'acme' },
      degraded: ['recs'],
      calls: [{ ...call, outcome: 'upstream-timeout', startMs: 1.04, durationMs: 300 }],
    });
    expect(lines[0]).toMatchObject({
      code: 'upstream-timeout',
      cause: 'TypeError: no answer',
      principal: 'user:usr_1',
      tenant: 'acme',
      degraded: ['recs'],
      calls: [
        {
          node: 'recs',
          call: 'recommendations.list',
          outcome: 'upstream-timeout',
          startMs: 1,
          ms: 300,
          attempts: 1,
        },
      ],
    });
  });

  test.each([
    [499, 'info'],
    [500, 'error'],
    [504, 'error'],
    [404, 'info'],
  ])('of status %i has level %s', (status, level) => {
    const events = new EventBus();
    const { lines } = keptLog(events);
    events.emit('request', { ...fact, status });
    expect(lines[0]).toMatchObject({ status, level });
  });

  test('of a cause stays one line of bounded length, whatever was thrown', () => {
    const events = new EventBus();
    const { lines } = keptLog(events);
    for (const cause of [
      new Error(`two\nlines ${'x'.repeat(5_000)}`),
      'x'.repeat(5_000),
      { no: 'message' },
      Symbol('s'),
    ]) {
      events.emit('request', { ...fact, cause });
    }
    expect(lines).toHaveLength(4);
    for (const { cause } of lines) expect(String(cause).length).toBeLessThanOrEqual(1_000);
  });

  test('is written when a breaker changes', () => {
    const events = new EventBus();
    const { lines } = keptLog(events);
    events.emit('breaker', { upstream: 'users', from: 'closed', to: 'open' });
    expect(lines[0]).toMatchObject({
      level: 'warn',
      upstream: 'users',
      from: 'closed',
      to: 'open',
      msg: 'breaker',
    });
  });
});

test('what operators do goes into a stream of its own, whole', () => {
  const events = new EventBus();
  const { lines } = keptLog(events);
  const audit = {
    actor: 'ada',
    action: 'key.create',
    target: 'aaaaaaaaaaaa',
    atMs: 1,
    details: { partner: 'acme', scopes: ['orders:read'] },
  };
  events.emit('audit', audit);
  expect(lines).toMatchObject([{ level: 'info', msg: 'audit', stream: 'audit', ...audit }]);
});

test('stopped, it writes nothing more', () => {
  const events = new EventBus();
  const { lines, stop } = keptLog(events);
  stop();
  events.emit('request', fact);
  events.emit('breaker', { upstream: 'users', from: 'closed', to: 'open' });
  expect(lines).toEqual([]);
});

test('a level keeps lesser lines out, and silent keeps all', () => {
  const events = new EventBus();
  const errors = keptLog(events, { level: 'error' });
  const silent = keptLog(events, { level: 'silent' });
  events.emit('request', fact);
  events.emit('request', { ...fact, status: 503 });
  expect([errors.lines.length, silent.lines.length]).toEqual([1, 0]);
});

describe('of a real request nothing secret is written', () => {
  const User = z.object({ id: z.string() });
  const users = upstream('users', { operations: { get: get('/users/:id', { response: User }) } });
  const user = endpoint('POST', '/api/users/:id', {
    summary: 'A user.',
    access: anyone(),
    query: z.object({ q: z.string().optional(), page: z.coerce.number().optional() }),
    body: z.object({ password: z.string(), kind: z.enum(['a', 'b']).optional() }),
    deadlineMs: 500,
  })
    .plan(({ call }) => ({ user: call(users.get, ({ input }) => ({ params: { id: input.params.id } })) }))
    .respond(User, ({ user }) => user);

  const good: FakeUpstream = () => ({ body: { id: 'canary-answer' } });
  const json = { 'content-type': 'application/json' };

  test.each<[string, string, RequestInit, FakeUpstream]>([
    [
      'a good one',
      '/api/users/canary-path?q=canary-query',
      { headers: json, body: '{"password":"canary-body"}' },
      good,
    ],
    ['a body that is not JSON', '/api/users/1', { headers: json, body: 'canary-body' }, good],
    [
      'a body with a wrong value',
      '/api/users/1',
      { headers: json, body: '{"password":"x","kind":"canary-body"}' },
      good,
    ],
    [
      'a query with a wrong value',
      '/api/users/1?page=canary-query',
      { headers: json, body: '{"password":"x"}' },
      good,
    ],
    [
      'a parameter that is refused',
      '/api/users/canary%0apath',
      { headers: json, body: '{"password":"x"}' },
      good,
    ],
    ['a path nobody serves', '/canary-path?canary=1', {}, good],
    [
      'a credential nobody knows',
      '/api/users/1',
      { headers: { ...json, authorization: 'Bearer canary-token', cookie: 'sid=canary-cookie' }, body: '{}' },
      good,
    ],
    [
      'an answer that is not JSON',
      '/api/users/1',
      { headers: json, body: '{"password":"x"}' },
      () => ({ body: 'canary-answer' }),
    ],
    [
      'an answer of the wrong type',
      '/api/users/1',
      { headers: json, body: '{"password":"x"}' },
      () => ({ body: { id: ['canary-answer'] } }),
    ],
    [
      'a failing service',
      '/api/users/1',
      { headers: json, body: '{"password":"x"}' },
      () => ({ status: 500, headers: { 'x-secret': 'canary-header' }, body: 'canary-answer' }),
    ],
  ])('%s', async (_what, path, init, fake) => {
    const bff = testBff([user], { users: fake });
    const { lines } = keptLog(bff.events);
    const headers = { ...asCaller('usr_1'), ...init.headers };
    await bff.app.request(path, { method: 'POST', ...init, headers });
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toContain('canary');
    expect(['/api/users/:id', '*']).toContain(lines[0]?.route);
  });
});
