import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { GatewayError } from '../problem/gateway-error.ts';
import {
  nothingLeft,
  type RigOptions,
  type SentRequest,
  type UpstreamRig,
  upstreamRig,
} from '../testing/upstream-rig.ts';

const rigs: UpstreamRig[] = [];
const rigOf = (options?: RigOptions): UpstreamRig => {
  const rig = upstreamRig(options);
  rigs.push(rig);
  return rig;
};

afterEach(() => {
  for (const rig of rigs.splice(0)) expect(rig.leftovers()).toEqual(nothingLeft);
});

const budgetOf = (request: SentRequest | undefined): number => Number(request?.headers['bff-deadline-ms']);

describe('the time of a call', () => {
  test.each([
    ['what the deadline leaves without its reserve', {}, {}, 900],
    ['the timeout of the upstream', { timeoutMs: 700 }, {}, 700],
    ['the timeout of the operation', { timeoutMs: 700, operations: { get: { timeoutMs: 500 } } }, {}, 500],
    [
      'the timeout of the node',
      { timeoutMs: 700, operations: { get: { timeoutMs: 500 } } },
      { timeoutMs: 300 },
      300,
    ],
    ['a short deadline', { timeoutMs: 700 }, { timeoutMs: 300, deadlineMs: 200 }, 180],
  ] as const)('is %s, and the upstream is told', async (_what, options, call, budgetMs) => {
    const rig = rigOf(options);
    const started = await rig.start(call);
    expect(budgetOf(rig.last())).toBe(budgetMs);
    await rig.pass(budgetMs - 1);
    expect(started.outcome()).toBeUndefined();
    await rig.pass(1);
    expect(started.failure()?.code).toBe('upstream-timeout');
    expect(rig.last().abortedBy()).toBeDefined();
  });

  test('counts from the start of the request, not of the call', async () => {
    const rig = rigOf();
    const first = await rig.start();
    await rig.pass(250);
    await rig.last().answer({ status: 503, headers: { 'retry-after': '0' } });
    await rig.pass(25);
    expect(budgetOf(rig.last())).toBeLessThanOrEqual(650);
    expect(budgetOf(rig.last())).toBeGreaterThanOrEqual(625);
    await rig.last().answer();
    expect(first.outcome()).toEqual({ id: '1' });
  });

  test('runs while the call waits for a place', async () => {
    const rig = rigOf({ concurrency: { running: 1, queued: 1 } });
    await rig.start();
    const second = await rig.start();
    await rig.pass(200);
    await rig.sent[0]?.answer();
    expect(rig.sent.map(budgetOf)).toEqual([900, 700]);
    await rig.pass(700);
    expect(second.failure()?.code).toBe('upstream-timeout');
  });

  test('names the upstream in a timeout, and the client never sees the cause', async () => {
    const rig = rigOf({ timeoutMs: 100 });
    const started = await rig.start();
    await rig.pass(100);
    expect(started.failure()?.options).toMatchObject({ node: 'node' });
    expect(started.failure()?.message).not.toContain('shop.test');
  });

  test('leaves a call alone that ended in time', async () => {
    const rig = rigOf({ timeoutMs: 100 });
    const started = await rig.start();
    await rig.pass(99);
    await rig.last().answer();
    await rig.pass(10_000);
    expect(started.outcome()).toEqual({ id: '1' });
    expect(rig.last().abortedBy()).toBeUndefined();
  });
});

describe('an optional call that cannot end in time', () => {
  test('is skipped: nothing is sent, and the fact says so', async () => {
    const rig = rigOf();
    await rig.warm(300);
    const started = await rig.start({ worth: 5, timeoutMs: 299 });
    expect(started.failure()?.code).toBe('upstream-timeout');
    expect(started.fact()).toMatchObject({
      outcome: 'skipped',
      attempts: 0,
      hedges: 0,
      bytes: 0,
      durationMs: 0,
    });
    expect(rig.sent).toEqual([]);
  });

  test('is skipped for what is left of the request, not for what there was', async () => {
    const rig = rigOf();
    await rig.warm(300);
    const deadlineMs = 300; // 270 of it for calls
    expect((await rig.start({ worth: 10, deadlineMs })).fact()?.outcome).toBe('skipped');
  });

  test('is made when a typical one just fits', async () => {
    const rig = rigOf();
    await rig.warm(300);
    const started = await rig.start({ worth: 5, timeoutMs: 300 });
    await rig.last().answer();
    expect(started.outcome()).toEqual({ id: '1' });
  });

  test('is made while fewer than 20 calls are known', async () => {
    const rig = rigOf();
    await rig.warm(300, 19);
    await rig.start({ worth: 5, timeoutMs: 100 });
    await rig.last().answer();
    expect(rig.facts[0]).toMatchObject({ outcome: 'ok', attempts: 1 });
  });

  test('is judged by its own operation', async () => {
    const rig = rigOf();
    await rig.warm(300, 20, 'other');
    await rig.start({ worth: 5, timeoutMs: 100 });
    await rig.last().answer();
    expect(rig.facts[0]?.outcome).toBe('ok');
  });

  test('is made all the same when it is required', async () => {
    const rig = rigOf();
    await rig.warm(300);
    await rig.start({ timeoutMs: 100 });
    await rig.last().answer();
    expect(rig.facts[0]?.outcome).toBe('ok');
  });
});

describe('under pressure', () => {
  test('an optional call of little value is left out, one of more value and a required one are made', async () => {
    const rig = rigOf();
    rig.setPressure(1.5);
    expect((await rig.start({ worth: 5 })).fact()).toMatchObject({ outcome: 'shed', attempts: 0 });
    expect((await rig.start({ worth: 5 })).failure()?.code).toBe('upstream-busy');
    const valued = await rig.start({ worth: 6 });
    await rig.last().answer();
    rig.setPressure(100);
    const required = await rig.start();
    await rig.last().answer();
    expect([valued.outcome(), required.outcome()]).toEqual([{ id: '1' }, { id: '1' }]);
  });
});

describe('a cancelled call', () => {
  const gone = new GatewayError('client-gone');

  test('ends at once and takes its request with it', async () => {
    const rig = rigOf();
    const started = await rig.start();
    started.context.cancellation.cancel(gone);
    await turn();
    expect(started.outcome()).toBe(gone);
    expect(rig.last().abortedBy()).toBe(gone);
    expect(started.fact()).toMatchObject({ outcome: 'cancelled', attempts: 1 });
  });

  test('sends nothing when it was cancelled before', async () => {
    const rig = rigOf();
    const started = await rig.start({ cancelled: gone });
    expect(started.outcome()).toBe(gone);
    expect(started.fact()).toMatchObject({ outcome: 'cancelled', attempts: 0 });
    expect(rig.sent).toEqual([]);
  });

  test('sends nothing when it was cancelled in the moment it got its place', async () => {
    const rig = rigOf({ concurrency: { running: 1, queued: 1 } });
    await rig.start();
    const waiting = await rig.start();
    const freed = rig.sent[0]?.answer();
    while (rig.upstream.status().bulkhead.waiting > 0) await Promise.resolve(); // not one step further
    waiting.context.cancellation.cancel(gone);
    await freed;
    await turn();
    expect(rig.sent).toHaveLength(1);
    expect(waiting.fact()).toMatchObject({ outcome: 'cancelled', attempts: 0 });
  });

  test('says nothing against the upstream, however often it happens', async () => {
    const rig = rigOf({ breaker: { failureThreshold: 1 } });
    for (let time = 0; time < 20; time += 1) {
      const started = await rig.start();
      started.context.cancellation.cancel(new GatewayError('client-gone'));
      await turn();
    }
    expect(rig.upstream.status().breakers).toEqual([{ upstream: 'shop', state: 'closed' }]);
  });

  test('that had its own timeout counts against the upstream; one with little of the deadline left does not', async () => {
    const slow = rigOf({ breaker: { failureThreshold: 1 }, timeoutMs: 100 });
    await slow.start();
    await slow.pass(100);
    expect(slow.upstream.status().breakers[0]?.state).toBe('open');
    const late = rigOf({ breaker: { failureThreshold: 1 } });
    await late.start({ startAfterMs: 600 });
    await late.pass(300);
    expect(late.facts[0]?.outcome).toBe('upstream-timeout');
    expect(late.upstream.status().breakers[0]?.state).toBe('closed');
  });
});

describe('the fact of a call', () => {
  test('says when it began, how long it took and what came', async () => {
    const rig = rigOf();
    await rig.start({ startAfterMs: 40 });
    await rig.pass(30);
    await rig.last().answer();
    expect(rig.facts).toEqual([
      {
        node: 'node',
        method: 'GET',
        upstream: 'shop',
        operation: 'get',
        outcome: 'ok',
        startMs: 40,
        durationMs: 30,
        attempts: 1,
        hedges: 0,
        sent: [
          {
            reason: 'first',
            spanId: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown,
            target: 'http://shop.test',
            startMs: 40,
            durationMs: 30,
            status: 200,
            outcome: 'ok',
          },
        ],
        bytes: 10,
        status: 200,
      },
    ]);
  });

  test('counts the attempts, and keeps the status of the last', async () => {
    const rig = rigOf();
    await rig.start();
    await rig.last().answer({ status: 502 });
    await rig.pass(25);
    await rig.last().answer({ status: 504 });
    expect(rig.facts[0]).toMatchObject({ outcome: 'upstream-error', attempts: 2, hedges: 0, status: 504 });
  });

  test('has no status when none came', async () => {
    const rig = rigOf({ retry: { attempts: 0 } });
    await rig.start();
    await rig.last().fail();
    expect(rig.facts[0]).toMatchObject({ outcome: 'upstream-unreachable', attempts: 1 });
    expect(rig.facts[0]).not.toHaveProperty('status');
  });

  test('counts no attempt that the breaker refused', async () => {
    const rig = rigOf({ breaker: { failureThreshold: 1 }, retry: { attempts: 0 } });
    await rig.start();
    await rig.last().fail();
    const refused = await rig.start();
    expect(refused.fact()).toMatchObject({ outcome: 'circuit-open', attempts: 0 });
    expect(refused.failure()?.options.retryAfterMs).toBe(30_000);
    expect(rig.sent).toHaveLength(1);
  });

  test('is one per call, whatever happened', async () => {
    const rig = rigOf();
    await rig.start({ operation: 'post' });
    await rig.last().answer({ status: 500 });
    await rig.start({ operation: 'post' });
    await rig.last().answer({ body: 'no json' });
    expect(rig.facts.map(({ outcome }) => outcome)).toEqual(['upstream-error', 'upstream-bad-answer']);
  });
});

describe('a call of an operation that is switched off', () => {
  test('fails at once and sends nothing; others go on; switched on again it is made', async () => {
    const rig = rigOf();
    rig.upstream.switch('get', false);
    const off = await rig.start();
    expect(off.failure()).toMatchObject({
      code: 'circuit-open',
      options: { retryAfterMs: 30_000, node: 'node' },
    });
    expect(off.fact()?.attempts).toBe(0);
    expect(rig.upstream.status().off).toEqual(['get']);
    await rig.start({ operation: 'other' });
    await rig.last().answer();
    rig.upstream.switch('get', true);
    await rig.start();
    await rig.last().answer();
    expect(rig.facts.map(({ outcome }) => outcome)).toEqual(['circuit-open', 'ok', 'ok']);
  });
});
