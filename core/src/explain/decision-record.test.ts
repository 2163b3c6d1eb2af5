import { expect, test } from 'vitest';
import type { AttemptFact, CallFact, RequestFact } from '../context/events.ts';
import { Pseudonyms } from '../telemetry/pseudonyms.ts';
import { decisionRecord, type ExplainedNode, type Known } from './decision-record.ts';

const canary = 'canary-8d1f-secret';
const pseudonyms = new Pseudonyms();

const node = (name: string, more: Partial<ExplainedNode> = {}): ExplainedNode => ({
  name,
  kind: 'call',
  dependencies: [],
  conditional: false,
  ...more,
});

const nodes = [
  node('profile'),
  node('recent', { dependencies: ['profile'] }),
  node('productIds', { kind: 'derive', dependencies: ['recent'] }),
  node('products', { kind: 'each', dependencies: ['productIds'] }),
  node('offer', { conditional: true }),
];

const known: Known = { nodes, breakers: [], nowMs: 1_795_000_000_000, pseudonyms };

const attempt: AttemptFact = {
  reason: 'first',
  spanId: '00f067aa0ba902b7',
  target: 'http://10.0.0.7:4103',
  startMs: 12,
  durationMs: 20,
  status: 200,
  outcome: 'ok',
};

const profile: CallFact = {
  node: 'profile',
  upstream: 'users',
  operation: 'get',
  method: 'GET',
  outcome: 'ok',
  startMs: 1.234_56,
  durationMs: 10,
  attempts: 1,
  hedges: 0,
  sent: [],
  status: 200,
  bytes: 120,
};
const recent: CallFact = {
  ...profile,
  node: 'recent',
  upstream: 'orders',
  operation: 'list',
  startMs: 12,
  durationMs: 75,
  attempts: 3,
  hedges: 1,
  sent: [
    { ...attempt, reason: 'hedge', startMs: 50, durationMs: 37 },
    { ...attempt, outcome: 'upstream-unreachable' },
    { ...attempt, reason: 'retry', startMs: 45, durationMs: 42, outcome: 'cancelled' },
  ],
};

const fact: RequestFact = {
  bff: 'web',
  requestId: '4bf92f3577b34da6a3ce929d0e0e4736',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  trace: { spanId: '00f067aa0ba902b7', isSampled: false },
  method: 'GET',
  route: '/api/home',
  status: 200,
  durationMs: 100,
  bytesIn: 0,
  bytes: 5_000,
  principal: { kind: 'user', id: 'usr_0001', tenant: 'acme' },
  degraded: [],
  calls: [profile, recent],
  lookups: [],
  standing: [{ limit: 'default', allowed: true, remaining: 98, retryAfterMs: 0, resetAfterMs: 200 }],
  limit: {
    caller: {
      principal: 'user::usr_0001',
      subject: 'usr_0001',
      address: '203.0.113.9',
      endpointClass: 'default',
    },
    cost: 2,
    atMs: 1,
    order: 1,
    refusedBy: [],
  },
};

test('says what was decided, in order, and where the time went', () => {
  const record = decisionRecord(fact, { ...known, credential: 'Bearer' });
  expect(record).toMatchObject({
    bff: 'web',
    at: '2026-11-18T11:06:40.000Z',
    method: 'GET',
    route: '/api/home',
    status: 200,
    identity: { kind: 'user', tenant: 'acme', by: 'Bearer' },
    limits: { decidedBy: 'store', cost: 2, refusedBy: [], standing: fact.standing },
    calls: [
      { node: 'profile', operation: 'users.get', startMs: 1.23, slackMs: 0, waitedFor: [] },
      { node: 'recent', operation: 'orders.list', slackMs: 0, retries: 1, hedges: 1, waitedFor: ['profile'] },
    ],
    bytesIn: 0,
    bytesOut: 5_000,
    time: { totalMs: 100, upstreamMs: 85, gatewayMs: 15 },
    criticalPath: ['profile', 'recent'],
  });
  expect(record.calls[1]?.sent.map(({ reason }) => reason)).toEqual(['first', 'retry', 'hedge']);
  expect(record).not.toHaveProperty('problem');
});

test('calls stand in the order in which they began, whichever ended first', () => {
  const late = { ...profile, node: 'offer', startMs: 20, durationMs: 1 };
  const { calls } = decisionRecord({ ...fact, calls: [profile, late, recent] }, known);
  expect(calls.map((call) => call.node)).toEqual(['profile', 'recent', 'offer']);
});

test('a person is a pseudonym, as in the log; a partner is itself', () => {
  const idOf = (principal: NonNullable<RequestFact['principal']>): string | undefined =>
    decisionRecord({ ...fact, principal }, known).identity?.id;
  expect(idOf({ kind: 'user', id: 'usr_0001' })).toBe(pseudonyms.principal({ kind: 'user', id: 'usr_0001' }));
  expect(idOf({ kind: 'partner', id: 'acme' })).toBe('partner:acme');
});

test('nothing of a cause, an address of a caller or an identifier of a person is in it', () => {
  const cause = Object.assign(new Error(`password=${canary}`), { code: 'ECONNREFUSED' });
  const failed: CallFact = { ...profile, outcome: 'upstream-unreachable', cause };
  const strange: CallFact = {
    ...profile,
    outcome: 'internal',
    cause: Object.assign(cause, { code: canary }),
  };
  const text = JSON.stringify(
    [failed, strange].map((call) =>
      decisionRecord({ ...fact, calls: [call], code: 'upstream-unreachable', cause }, known),
    ),
  );
  expect(text).not.toContain(canary);
  expect(text).not.toContain('203.0.113.9');
  expect(text).not.toContain('usr_0001');
});

test('why a call failed or was not made is said in words of our own', () => {
  const whyOf = (call: Partial<CallFact>): string | undefined =>
    decisionRecord({ ...fact, calls: [{ ...profile, ...call }] }, known).calls[0]?.why;
  const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:4101'), { code: 'ECONNREFUSED' });
  expect(whyOf({ outcome: 'ok' })).toBeUndefined();
  expect(whyOf({ outcome: 'cancelled' })).toBe('the request had ended');
  expect(whyOf({ outcome: 'upstream-unreachable', cause: refused })).toBe(
    'A service cannot be reached (ECONNREFUSED)',
  );
  expect(whyOf({ outcome: 'circuit-open' })).toBe('A service is resting after failures');
  expect(whyOf({ outcome: 'skipped', cause: new Error('secret') })).toBe('not enough time left to start');
  expect(whyOf({ outcome: 'shed', cause: new Error('secret') })).toBe('not begun: the process is overloaded');
});

test('what stood in for the store is named, and what refused', () => {
  const limit = { ...fact.limit, standIn: 'local', refusedBy: ['default'] } as NonNullable<
    RequestFact['limit']
  >;
  const { limits, problem } = decisionRecord({ ...fact, limit, status: 429, code: 'rate-limited' }, known);
  expect(limits).toMatchObject({ decidedBy: 'local', refusedBy: ['default'] });
  expect(problem).toEqual({ code: 'rate-limited', title: 'Too many requests' });
});

test('a breaker of the operation comes before that of its upstream', () => {
  const shared = { upstream: 'users', state: 'open' } as const;
  const own = { upstream: 'users', operation: 'get', state: 'half-open' } as const;
  const stateWith = (breakers: Known['breakers']) =>
    decisionRecord({ ...fact, calls: [profile] }, { ...known, breakers }).calls[0]?.breaker;
  expect(stateWith([])).toBeUndefined();
  expect(stateWith([shared])).toBe('open');
  expect(stateWith([shared, own])).toBe('half-open');
  expect(stateWith([{ ...own, operation: 'list' }])).toBeUndefined();
});

test('a node that called nobody says why', () => {
  const whys = (more: Partial<RequestFact>) =>
    Object.fromEntries(
      decisionRecord({ ...fact, ...more }, known).notCalled.map((each) => [each.node, each.why]),
    );
  expect(whys({})).toEqual({ products: 'no-keys', offer: 'condition' });
  expect(whys({ lookups: [{ node: 'products', outcome: 'hit', startMs: 3 }] })).toEqual({
    products: 'cache',
    offer: 'condition',
  });
  expect(whys({ calls: [profile], code: 'upstream-error' })).toEqual({
    recent: 'not-reached',
    products: 'not-reached',
    offer: 'not-reached',
  });
  const whole = whys({ calls: [], lookups: [{ outcome: 'stale', startMs: 0 }] });
  expect(new Set(Object.values(whole))).toEqual(new Set(['cache']));
});

test('what is missing in the answer says why', () => {
  const failed: CallFact = { ...recent, outcome: 'upstream-timeout' };
  expect(decisionRecord({ ...fact, degraded: ['recent', 'offer'], calls: [failed] }, known).degraded).toEqual(
    [{ node: 'recent', why: 'upstream-timeout' }, { node: 'offer' }],
  );
});

test('a record is bounded however many calls there were', () => {
  const sent = Array.from({ length: 50 }, () => attempt);
  const calls = Array.from({ length: 1_000 }, () => ({ ...profile, sent }));
  const record = decisionRecord({ ...fact, calls }, known);
  expect([record.calls.length, record.callsLeftOut, record.calls[0]?.sent.length]).toEqual([100, 900, 10]);
});
