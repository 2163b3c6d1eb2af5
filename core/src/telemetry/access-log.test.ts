import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { EventBus } from '../context/event-bus.ts';
import type { RequestFact } from '../context/events.ts';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { asCaller, type FakeUpstream, testBff } from '../testing/index.ts';
import { get, upstream } from '../upstream/operation.ts';
import { type LogOptions, logFacts } from './access-log.ts';
import { jsonLogger, type Logger, type LoggerOptions } from './logger.ts';
import { Pseudonyms } from './pseudonyms.ts';

type Line = Readonly<Record<string, unknown>>;

/** A log that keeps its lines. */
function keptLog(
  events: EventBus,
  options: Partial<LoggerOptions> & { readonly log?: LogOptions; readonly key?: string } = {},
): { readonly lines: Line[]; stop(): void } {
  const lines: Line[] = [];
  const { log, key, ...own } = options;
  const logger = jsonLogger({ name: 'web', write: (line) => lines.push(JSON.parse(line)), ...own });
  return { lines, stop: logFacts({ events, pseudonyms: pseudonymsOf(key) }, logger, log) };
}

function pseudonymsOf(key?: string): Pseudonyms {
  const pseudonyms = new Pseudonyms();
  if (key !== undefined) pseudonyms.useKey(key);
  return pseudonyms;
}

const fact: RequestFact = {
  bff: 'web',
  requestId: '0af7651916cd43dd8448eb211c80319c',
  traceId: '0af7651916cd43dd8448eb211c80319c',
  trace: { spanId: 'b7ad6b7169203331', isSampled: false },
  method: 'GET',
  route: '/api/products/:id',
  status: 200,
  durationMs: 12.345,
  bytesIn: 17,
  bytes: 512,
  degraded: [],
  calls: [],
  lookups: [],
  standing: [],
};

describe('a line', () => {
  test('says what was asked and how it ended, in JSON of one line', () => {
    const events = new EventBus();
    const texts: string[] = [];
    logFacts(
      { events, pseudonyms: new Pseudonyms() },
      jsonLogger({ name: 'web', write: (line) => texts.push(line) }),
    );
    events.emit('request', fact);
    expect(texts).toHaveLength(1);
    expect(texts[0]).toMatch(/^\{[^\n]*\}\n$/);
    const { time, ...line } = JSON.parse(texts[0] ?? '') as Line;
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(line).toEqual({
      level: 'info',
      service: 'web',
      requestId: fact.requestId,
      traceId: fact.traceId,
      method: 'GET',
      route: '/api/products/:id',
      status: 200,
      bytesIn: 17,
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
      method: 'GET',
      bytes: 31,
      attempts: 1,
      hedges: 0,
      sent: [],
    };
    events.emit('request', {
      ...fact,
      code: 'upstream-timeout',
      cause: new TypeError('no answer'),
      principal: { kind: 'user', id: 'usr_1', tenant: 'acme' },
      degraded: ['recs'],
      calls: [
        { ...call, outcome: 'upstream-timeout', startMs: 1.04, durationMs: 300 },
        { ...call, outcome: 'ok', status: 304, attempts: 3, hedges: 1, startMs: 0, durationMs: 2.25 },
      ],
    });
    expect(lines[0]).toMatchObject({
      code: 'upstream-timeout',
      cause: 'TypeError: no answer',
      principal: expect.stringMatching(/^user:[\w-]{16}$/),
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
          bytes: 31,
        },
        { outcome: 'ok', status: 304, startMs: 0, ms: 2.3, attempts: 3, hedges: 1 },
      ],
      upstreamBytes: 62,
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

  test('says where the request stands: its span, its limits, what the cache said', () => {
    const events = new EventBus();
    const { lines } = keptLog(events);
    const standing = { allowed: true, remaining: 9, retryAfterMs: 0, resetAfterMs: 400 };
    events.emit('request', {
      ...fact,
      requestId: 'of "a" peer',
      trace: { spanId: 'b7ad6b7169203331', isSampled: true },
      lookups: [
        { outcome: 'miss', startMs: 0 },
        { node: 'recs', outcome: 'hit', startMs: 1 },
      ],
      limit: {
        caller: { address: '203.0.113.7', endpointClass: 'default' },
        cost: 1,
        atMs: 1_790_000_000_000,
        order: 3,
        refusedBy: [],
      },
      standing: [
        { limit: 'default', ...standing },
        { limit: 'month', ...standing, remaining: 2 },
      ],
    });
    expect(lines[0]).toMatchObject({
      requestId: 'of "a" peer',
      traceId: fact.traceId,
      spanId: 'b7ad6b7169203331',
      cache: [{ outcome: 'miss' }, { node: 'recs', outcome: 'hit' }],
      limit: { at: 1_790_000_000_000, n: 3, tightest: { limit: 'month', remaining: 2, resetAfterMs: 400 } },
    });
  });

  test('is JSON, whatever stands in it', () => {
    const events = new EventBus();
    const { lines } = keptLog(events, { name: 'a "name"\n' });
    const texts = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(texts, texts, texts, fc.double({ noNaN: false }), (route, text, tenant, durationMs) => {
        events.emit('request', {
          ...fact,
          route,
          method: text,
          requestId: text,
          durationMs,
          cause: text,
          principal: { kind: 'partner', id: text, tenant },
          degraded: [text],
        });
        expect(lines.pop()).toMatchObject({ route, method: text, principal: `partner:${text}`, tenant });
      }),
    );
  });

  test('has the same fields for a logger that takes no text', () => {
    const events = new EventBus();
    const key = 'a key of more than thirty-two characters';
    const { lines } = keptLog(events, { key });
    const seen: object[] = [];
    const plain: Logger = { info: (fields) => void seen.push(fields), warn() {}, error() {} };
    logFacts({ events, pseudonyms: pseudonymsOf(key) }, plain);
    events.emit('request', { ...fact, principal: { kind: 'user', id: 'usr_1' } });
    const { level: _level, time: _time, service: _service, msg: _msg, ...fields } = lines[0] ?? {};
    expect(seen).toEqual([fields]);
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

test('what operators do goes where they want it, and nowhere else', () => {
  const events = new EventBus();
  const audits: Line[] = [];
  const audit = jsonLogger({ name: 'web', write: (line) => audits.push(JSON.parse(line)) });
  const { lines } = keptLog(events, { log: { audit } });
  const fact = {
    actor: 'ada',
    action: 'key.revoke',
    target: 'k1',
    atMs: 1,
    details: { note: 'password=abc' },
  };
  events.emit('audit', fact);
  expect(audits).toMatchObject([{ stream: 'audit', actor: 'ada', details: { note: 'password=[redacted]' } }]);
  expect(lines).toEqual([]);
});

test('what operators do is never lost in silence: it is in the log, and a problem is told', () => {
  const events = new EventBus();
  const audit = jsonLogger({
    name: 'web',
    write() {
      throw new Error('ENOSPC: no space left');
    },
  });
  const { lines } = keptLog(events, { log: { audit } });
  const problems: string[] = [];
  events.on('problem', ({ part }) => problems.push(part));
  events.emit('audit', { actor: 'ada', action: 'key.revoke', target: 'k1', atMs: 1 });
  expect(lines).toMatchObject([
    { level: 'error', msg: 'audit', stream: 'audit', actor: 'ada' },
    { level: 'error', msg: 'problem', part: 'audit log', cause: 'Error: ENOSPC: no space left' },
  ]);
  expect(problems).toEqual(['audit log']);
});

describe('a person', () => {
  const person = { ...fact, principal: { kind: 'user', id: 'usr_1', tenant: 'acme' } };
  const nameIn = (key?: string, change: Partial<RequestFact['principal']> = {}): unknown => {
    const events = new EventBus();
    const { lines } = keptLog(events, key === undefined ? {} : { key });
    events.emit('request', { ...person, principal: { ...person.principal, ...change } });
    return lines[0]?.principal;
  };
  const key = 'a key of more than thirty-two characters';

  test('has one name in all logs of a key, another under another key or in another tenant', () => {
    const name = nameIn(key);
    expect(nameIn(key)).toBe(name);
    expect(nameIn(`${key}!`)).not.toBe(name);
    expect(nameIn(key, { tenant: 'other' })).not.toBe(name);
    expect(nameIn()).not.toBe(nameIn()); // each has a random one of its own
  });

  test('is found by whoever has the key', () => {
    const hash = createHmac('sha256', key).update('user:acme:usr_1').digest('base64url');
    expect(nameIn(key)).toBe(`user:${hash.slice(0, 16)}`);
  });

  test('has the same name where a quota is told', () => {
    const events = new EventBus();
    const { lines } = keptLog(events, { key });
    const caller = {
      principal: 'user:acme:usr_1',
      kind: 'user',
      subject: 'usr_1',
      tenant: 'acme',
      address: '203.0.113.7',
      endpointClass: 'default',
    } as const;
    events.emit('quota', { limit: 'month', caller, percent: 80, used: 8, max: 10 });
    expect(lines).toMatchObject([{ quota: 'month', principal: nameIn(key), tenant: 'acme' }]);
    expect(JSON.stringify(lines)).not.toMatch(/usr_1|203\.0/);
  });

  test('is no partner: those keep their names', () => {
    expect(nameIn(key, { kind: 'partner', id: 'acme' })).toBe('partner:acme');
  });

  test('is not named under a key that can be guessed', () => {
    expect(() => nameIn('short-canary')).toThrow(/pseudonymKey must have at least 32 characters/);
    expect(() => nameIn('short-canary')).not.toThrow(/canary/);
  });
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
