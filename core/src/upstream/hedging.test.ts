import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { GatewayError } from '../problem/gateway-error.ts';
import { nothingLeft, type RigOptions, type UpstreamRig, upstreamRig } from '../testing/upstream-rig.ts';
import { resolveHedge } from './hedging.ts';

const rigs: UpstreamRig[] = [];
const rigOf = (options?: RigOptions): UpstreamRig => {
  const rig = upstreamRig({ hedge: { maxShare: 0.5 }, ...options });
  rigs.push(rig);
  return rig;
};
/** An upstream that usually answers after 10 ms. */
async function warmRig(options?: RigOptions): Promise<UpstreamRig> {
  const rig = rigOf(options);
  await rig.warm(10, 40);
  return rig;
}

afterEach(() => {
  for (const rig of rigs.splice(0)) expect(rig.leftovers()).toEqual(nothingLeft);
});

describe('a second attempt', () => {
  test('starts when the first takes longer than almost all others, not before', async () => {
    const rig = await warmRig();
    await rig.start();
    await rig.pass(9);
    expect(rig.sent).toHaveLength(1);
    await rig.pass(1);
    expect(rig.sent).toHaveLength(2);
    await rig.last().answer();
    expect(rig.facts[0]).toMatchObject({ outcome: 'ok', attempts: 2, hedges: 1 });
  });

  test('waits for the quantile that is configured', async () => {
    const rig = rigOf({ hedge: { quantile: 0.5, maxShare: 0.5 } });
    for (let call = 0; call < 20; call += 1) await rig.start();
    for (const request of rig.sent) {
      await rig.pass(10); // they take 10, 20, … 200 ms
      await request.answer();
    }
    await rig.start();
    await rig.pass(109);
    expect(rig.sent).toHaveLength(21);
    await rig.pass(1);
    expect(rig.sent).toHaveLength(22);
    await rig.last().answer();
  });

  test('is not made when the first answers in time', async () => {
    const rig = await warmRig();
    await rig.start();
    await rig.pass(9);
    await rig.last().answer();
    await rig.pass(1_000);
    expect(rig.sent).toHaveLength(1);
  });

  test('is not made while fewer than 20 calls are known', async () => {
    const rig = rigOf();
    await rig.warm(10, 19);
    await rig.start();
    await rig.pass(800);
    expect(rig.sent).toHaveLength(1);
    await rig.last().answer();
  });

  test('is not made where it is not configured', async () => {
    const rig = upstreamRig();
    await rig.warm(10, 40);
    await rig.start();
    await rig.pass(800);
    expect(rig.sent).toHaveLength(1);
    await rig.last().answer();
  });

  test.each(['put', 'del', 'post', 'safePost'] as const)(
    'is made for GET only, not for %s',
    async (operation) => {
      const rig = rigOf();
      await rig.warm(10, 40, operation);
      await rig.start({ operation });
      await rig.pass(800);
      expect(rig.sent).toHaveLength(1);
      await rig.last().answer();
    },
  );

  test('goes to another target where there is one', async () => {
    for (let time = 0; time < 10; time += 1) {
      const rig = await warmRig({ targets: ['http://a.test', 'http://b.test'] });
      await rig.start();
      await rig.pass(10);
      expect(rig.sent.map(({ origin }) => origin).sort()).toEqual(['http://a.test', 'http://b.test']);
      await rig.last().answer();
    }
  });

  test('gets what is left of the time', async () => {
    const rig = await warmRig();
    await rig.start();
    await rig.pass(10);
    expect(rig.sent.map(({ headers }) => headers['bff-deadline-ms'])).toEqual(['900', '890']);
    await rig.last().answer();
  });

  test('stays within 5 % of the calls by default', async () => {
    const rig = await warmRig({ hedge: {} });
    const slow = [];
    for (let call = 0; call < 60; call += 1) slow.push(await rig.start()); // 100 in ten seconds, 60 of them slow
    await rig.pass(50);
    expect(rig.sent.length - slow.length).toBe(5);
    for (const request of rig.sent) await request.answer();
  });

  test('draws from the budget of the retries', async () => {
    const rig = await warmRig({ retryBudget: { share: 0, floorPerSecond: 0.2 } });
    for (let call = 0; call < 5; call += 1) await rig.start();
    await rig.pass(10);
    expect(rig.sent).toHaveLength(7);
    expect(rig.upstream.status().retryBudget).toEqual({ spent: 2, allowed: 2 });
    for (const request of rig.sent) await request.answer();
  });

  test('is not made after the call was cancelled', async () => {
    const rig = await warmRig();
    const started = await rig.start();
    started.context.cancellation.cancel(new GatewayError('client-gone'));
    await rig.pass(100);
    expect(rig.sent).toHaveLength(1);
    expect(rig.facts[0]).toMatchObject({ outcome: 'cancelled', hedges: 0 });
  });

  test('does not count when the breaker refuses it', async () => {
    const rig = await warmRig({ breaker: { failureThreshold: 1 }, retry: { attempts: 0 } });
    await rig.start();
    await rig.start({ operation: 'other' });
    await rig.last().fail(); // opens the breaker of both
    await rig.pass(10);
    expect(rig.sent).toHaveLength(2);
    await rig.sent[0]?.answer({ status: 503 });
    expect(rig.facts.at(-1)).toMatchObject({
      outcome: 'upstream-error',
      status: 503,
      attempts: 1,
      hedges: 0,
    });
  });
});

describe('of two attempts', () => {
  test.each([
    ['first', 0],
    ['second', 1],
  ])('the %s to answer wins, and the other is cancelled', async (_which, winner) => {
    const rig = await warmRig();
    const started = await rig.start();
    await rig.pass(10);
    await rig.sent[winner]?.answer({ body: { id: `${winner}` } });
    expect(started.outcome()).toEqual({ id: `${winner}` });
    expect(rig.sent[1 - winner]?.abortedBy()?.code).toBe('upstream-timeout');
    expect(rig.sent[winner]?.abortedBy()).toBeUndefined();
  });

  test.each([0, 1])('attempt %i may lose: that says nothing against the upstream', async (loser) => {
    const rig = await warmRig({
      breaker: { failureThreshold: 1 },
      targets: ['http://a.test', 'http://b.test'],
      outlier: { failures: 1 },
    });
    for (let call = 0; call < 10; call += 1) {
      await rig.start();
      await rig.pass(10);
      await rig.sent.at(loser === 0 ? -1 : -2)?.answer();
    }
    expect(rig.facts.map(({ outcome, hedges }) => [outcome, hedges])).toEqual(Array(10).fill(['ok', 1]));
    expect(rig.upstream.status().breakers[0]?.state).toBe('closed');
  });

  test.each([0, 1])('attempt %i may fail: the other still wins', async (loser) => {
    const rig = await warmRig();
    const started = await rig.start();
    await rig.pass(10);
    await rig.sent[loser]?.answer({ status: 500 });
    expect(started.outcome()).toBeUndefined();
    await rig.sent[1 - loser]?.answer();
    expect(started.outcome()).toEqual({ id: '1' });
  });

  test.each([
    ['the first fails first', [0, 1]],
    ['the second fails first', [1, 0]],
  ])('both may fail, the failure of the first is the answer: %s', async (_what, order) => {
    const rig = await warmRig({ retry: { attempts: 0 } });
    const started = await rig.start();
    await rig.pass(10);
    for (const index of order) await rig.sent[index]?.answer({ status: 500 + index });
    expect(started.failure()?.options.cause).toEqual(new Error('the upstream answered 500'));
    expect(rig.facts[0]).toMatchObject({ status: 500, attempts: 2, hedges: 1 });
  });

  test('both end with the call', async () => {
    const rig = await warmRig();
    const started = await rig.start();
    await rig.pass(10);
    const gone = new GatewayError('client-gone');
    started.context.cancellation.cancel(gone);
    await turn();
    expect(rig.sent.map((request) => request.abortedBy())).toEqual([gone, gone]);
    expect(started.outcome()).toBe(gone);
  });

  test('a call whose first attempt fails early is retried, not hedged', async () => {
    const rig = await warmRig();
    await rig.start();
    await rig.last().answer({ status: 503 });
    await rig.pass(5);
    await rig.pass(20);
    await rig.sent[1]?.answer();
    expect(rig.facts[0]).toMatchObject({ outcome: 'ok' });
    expect(rig.sent[0]?.abortedBy()).toBeUndefined();
  });
});

test.each([
  [{ quantil: 0.9 }, "web: hedge: unknown option 'quantil'; did you mean 'quantile'?"],
  [{ quantile: 0.4 }, 'web: hedge: quantile must be a number from 0.5 to 0.999, got 0.4'],
  [{ quantile: 1 }, 'web: hedge: quantile must be a number from 0.5 to 0.999, got 1'],
  [{ maxShare: 0 }, 'web: hedge: maxShare must be a number from 0.001 to 0.5, got 0'],
  [{ maxShare: 0.6 }, 'web: hedge: maxShare must be a number from 0.001 to 0.5, got 0.6'],
])('the options %j are refused', (options: object, message) => {
  expect(() => resolveHedge('web', options)).toThrow(new RangeError(message));
});

test('hedging means the 95th percentile and 5 % unless it says otherwise', () => {
  expect(resolveHedge('web', {})).toEqual({ quantile: 0.95, maxShare: 0.05 });
});
