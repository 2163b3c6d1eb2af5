import { describe, expect, test } from 'vitest';
import type { AttemptFact, CallFact, RequestFact } from '../context/events.ts';
import { spanTree } from './span-tree.ts';

const sent: AttemptFact = {
  reason: 'first',
  spanId: '00000000000000a1',
  target: 'http://10.0.0.7:4103',
  startMs: 11,
  durationMs: 30,
  status: 200,
  outcome: 'ok',
};
const call: CallFact = {
  node: 'recent',
  upstream: 'orders',
  operation: 'list',
  method: 'GET',
  outcome: 'ok',
  startMs: 10,
  durationMs: 40,
  attempts: 1,
  hedges: 0,
  sent: [sent],
  status: 200,
  bytes: 321,
};
const fact: RequestFact = {
  bff: 'web',
  requestId: '0af7651916cd43dd8448eb211c80319c',
  traceId: '0af7651916cd43dd8448eb211c80319c',
  trace: { spanId: '00000000000000aa', isSampled: true },
  method: 'GET',
  route: '/api/home',
  status: 200,
  durationMs: 60,
  bytesIn: 0,
  bytes: 512,
  degraded: [],
  calls: [call],
  lookups: [],
  standing: [],
};

describe('the span of a request', () => {
  test('has the route template for a name and says how it ended', () => {
    expect(spanTree(fact)).toMatchObject({
      kind: 'server',
      name: 'GET /api/home',
      spanId: '00000000000000aa',
      startMs: 0,
      endMs: 60,
      attributes: {
        'http.request.method': 'GET',
        'http.route': '/api/home',
        'http.response.status_code': 200,
        'http.response.body.size': 512,
        'bff.name': 'web',
      },
    });
    expect(spanTree(fact)).not.toHaveProperty('error');
  });

  test('fails where the gateway did, not where the client did', () => {
    expect(spanTree({ ...fact, status: 502, code: 'upstream-error' }).error).toBe('upstream-error');
    const refused = spanTree({ ...fact, status: 404, code: 'not-found' });
    expect(refused.error).toBeUndefined();
    expect(refused.attributes['error.type']).toBe('not-found');
  });

  test('names the parts that are missing and the limit that refused', () => {
    const limit = {
      caller: { principal: 'user:usr_1', address: '203.0.113.9', limitClass: 'default' },
      cost: 2,
      atMs: 0,
      order: 1,
      refusedBy: ['month'],
      standIn: 'local',
    } as unknown as NonNullable<RequestFact['limit']>;
    const { attributes } = spanTree({ ...fact, degraded: ['recs'], limit });
    expect(attributes).toMatchObject({
      'bff.degraded': ['recs'],
      'bff.limit.decision': 'refused',
      'bff.limit.refused_by': ['month'],
      'bff.limit.cost': 2,
      'bff.limit.stand_in': 'local',
    });
  });

  test('holds nothing personal', () => {
    const text = JSON.stringify(
      spanTree({
        ...fact,
        principal: { kind: 'user', id: 'usr_secret', tenant: 'tenant_secret' },
        cause: new Error('secret'),
        calls: [{ ...call, cause: new Error('secret') }],
      }),
    );
    expect(text).not.toContain('secret');
    expect(text).toContain('"bff.principal.kind":"user"');
  });

  test('notes what the cache was asked', () => {
    const lookups = [
      { outcome: 'miss', startMs: 1 },
      { node: 'recent', outcome: 'hit', startMs: 2 },
    ] as const;
    expect(spanTree({ ...fact, lookups }).events).toEqual([
      { name: 'cache', atMs: 1, attributes: { 'bff.cache.outcome': 'miss' } },
      { name: 'cache', atMs: 2, attributes: { 'bff.cache.outcome': 'hit', 'bff.node': 'recent' } },
    ]);
  });
});

describe('below it', () => {
  test('every node stands with its requests', () => {
    const retry: AttemptFact = { ...sent, reason: 'retry', spanId: '00000000000000a2', startMs: 25 };
    const failed: AttemptFact = { ...sent, status: 503, outcome: 'upstream-error', durationMs: 5 };
    const [node] = spanTree({
      ...fact,
      calls: [{ ...call, attempts: 2, sent: [failed, { ...retry, durationMs: 25 }] }],
    }).children;
    expect(node).toMatchObject({
      kind: 'node',
      name: 'recent',
      startMs: 10,
      endMs: 50,
      attributes: { 'bff.upstream': 'orders', 'bff.operation': 'list', 'bff.attempts': 2 },
      children: [
        {
          kind: 'client',
          name: 'orders.list',
          spanId: '00000000000000a1',
          startMs: 11,
          endMs: 16,
          error: 'upstream-error',
          attributes: {
            'http.request.method': 'GET',
            'bff.attempt.reason': 'first',
            'http.response.status_code': 503,
            'error.type': 'upstream-error',
            'server.address': '10.0.0.7',
            'server.port': 4103,
          },
        },
        { name: 'orders.list', spanId: '00000000000000a2', startMs: 25, endMs: 50 },
      ],
    });
    expect(node).not.toHaveProperty('error');
  });

  test.each(['cancelled', 'skipped', 'shed'] as const)('a call that was %s did not fail', (outcome) => {
    const [node] = spanTree({ ...fact, calls: [{ ...call, outcome, sent: [] }] }).children;
    expect(node).not.toHaveProperty('error');
    expect(node?.attributes['bff.outcome']).toBe(outcome);
  });

  test('nothing lasts longer than what it is a part of', () => {
    const late: AttemptFact = { ...sent, startMs: 11, durationMs: 1_000 };
    const [node] = spanTree({ ...fact, calls: [{ ...call, durationMs: 900, sent: [late] }] }).children;
    expect(node?.endMs).toBe(60);
    expect(node?.children[0]?.endMs).toBe(60);
  });
});
