import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DecisionRecord, ExplainedCall } from '../explain/decision-record.ts';
import { showRecord } from './show-record.ts';
import { terminalOf } from './terminal.ts';

const call: ExplainedCall = {
  node: 'profile',
  operation: 'users.get',
  outcome: 'ok',
  startMs: 10,
  durationMs: 20,
  status: 200,
  bytes: 100,
  attempts: 1,
  retries: 0,
  hedges: 0,
  sent: [],
  waitedFor: [],
  slackMs: 0,
};
const attempt = {
  spanId: '0'.repeat(16),
  target: 'http://10.0.0.7:4104',
  startMs: 30,
  durationMs: 30,
} as const;

const record: DecisionRecord = {
  requestId: '4bf92f3577b34da6a3ce929d0e0e4736',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  bff: 'web',
  at: '2026-11-22T06:22:14.123Z',
  method: 'GET',
  route: '/api/home',
  status: 200,
  identity: { kind: 'user', id: 'user:JZgw4lKWLfWs8Ndr', by: 'Bearer' },
  limits: {
    decidedBy: 'local',
    cost: 2,
    refusedBy: [],
    standing: [{ limit: 'default', allowed: true, remaining: 98, retryAfterMs: 0, resetAfterMs: 200 }],
  },
  cache: [{ outcome: 'miss', startMs: 1 }],
  calls: [
    call,
    {
      ...call,
      node: 'latest',
      operation: 'reviews.list',
      outcome: 'upstream-error',
      why: 'A service failed',
      startMs: 30,
      durationMs: 70,
      attempts: 2,
      retries: 1,
      breaker: 'open',
      sent: [
        { ...attempt, reason: 'first', status: 503, outcome: 'upstream-error' },
        { ...attempt, reason: 'retry', startMs: 70, status: 503, outcome: 'upstream-error' },
      ],
    },
    {
      ...call,
      node: 'offers',
      operation: 'offers.list',
      outcome: 'shed',
      why: 'not begun: the process is overloaded',
      attempts: 0,
      slackMs: 9,
    },
  ],
  callsLeftOut: 0,
  notCalled: [
    { node: 'offer', why: 'condition' },
    { node: 'stock', why: 'condition' },
  ],
  degraded: [{ node: 'latest', why: 'upstream-error' }],
  bytesIn: 0,
  bytesOut: 12_345,
  time: { totalMs: 100, upstreamMs: 90, gatewayMs: 10 },
  criticalPath: ['profile', 'derive#2', 'latest'],
};

test('reads from what was decided to where the time went', () => {
  expect(`\n${showRecord(record, { columns: 91, hasColours: false })}`).toMatchInlineSnapshot(`
    "
    GET /api/home  200  100 ms
    web  2026-11-22 06:22:14 UTC   4bf92f3577b34da6a3ce929d0e0e4736

      caller      user:JZgw4lKWLfWs8Ndr, by Bearer
      limits      default: 98 left, all back in 0.2 s
                  decided by 'local', as the store was away, cost 2
      cache       the whole answer: miss
      not called  offer, stock: its condition did not hold
      missing     latest: upstream-error
      size        12.3 kB out

                 0 ───────────────────────────── 100 ms
      ● profile     ░███████▍                              20.0 ms  200
      ● latest              ███████████▊░░░░███████████    70.0 ms  upstream-error, 2 attempts
          first             ███████████▊                   30.0 ms  upstream-error
          retry                            ░███████████    30.0 ms  upstream-error
        offers      ×░░░░░░░░                              20.0 ms  shed, slack 9.0 ms

      why         latest: A service failed   offers: not begun: the process is overloaded
      breakers    reviews.list: open
      time        90.0 ms in services   10.0 ms in the gateway (10 %)
      critical    profile → latest
    "
  `);
});

test('a request that reached nothing is short', () => {
  const { identity: _identity, limits: _limits, ...rest } = record;
  const refused: DecisionRecord = {
    ...rest,
    status: 401,
    problem: { code: 'not-signed-in', title: 'Sign-in required' },
    cache: [],
    calls: [],
    notCalled: [],
    degraded: [],
    criticalPath: [],
    time: { totalMs: 0.7, upstreamMs: 0, gatewayMs: 0.7 },
  };
  expect(`\n${showRecord(refused, { columns: 80, hasColours: false })}`).toMatchInlineSnapshot(`
    "
    GET /api/home  401  0.70 ms
    web  2026-11-22 06:22:14 UTC   4bf92f3577b34da6a3ce929d0e0e4736

      problem     not-signed-in: Sign-in required
      caller      nobody signed in
      size        12.3 kB out

      time        0 ms in services   0.70 ms in the gateway (100 %)
    "
  `);
});

test('no line is longer than the terminal, however narrow it is and however long the names are', () => {
  const name = fc.stringMatching(/^[a-z]{1,40}$/);
  const time = fc.double({ min: 0, max: 5_000, noNaN: true });
  const anyCall = fc
    .record({ node: name, operation: name, startMs: time, durationMs: time, slackMs: time })
    .map((each): ExplainedCall => ({ ...call, ...each }));
  fc.assert(
    fc.property(fc.array(anyCall, { maxLength: 8 }), fc.integer({ min: 60, max: 200 }), (calls, columns) => {
      const text = showRecord(
        { ...record, calls: [...record.calls, ...calls] },
        { columns, hasColours: false },
      );
      for (const line of text.split('\n')) expect(line.length).toBeLessThan(columns);
    }),
  );
});

test('colours change no letter, and only a terminal that wants them has any', () => {
  const plain = showRecord(record, { columns: 100, hasColours: false });
  const coloured = showRecord(record, { columns: 100, hasColours: true });
  expect(plain).not.toContain('\x1b');
  expect(coloured).toContain('\x1b[31m');
  expect(coloured.replaceAll(new RegExp(String.raw`${'\x1b'}\[\d+m`, 'g'), '')).toBe(plain);
  expect(terminalOf({}, {})).toEqual({ columns: 100, hasColours: false });
  expect(terminalOf({ isTTY: true, columns: 72 }, {})).toEqual({ columns: 72, hasColours: true });
  expect(terminalOf({ isTTY: true }, { NO_COLOR: '1' }).hasColours).toBe(false);
});
