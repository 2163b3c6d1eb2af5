import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { GatewayError } from '../problem/gateway-error.ts';
import type { FakeAnswer } from '../testing/fake-upstreams.ts';
import {
  nothingLeft,
  type RigOperation,
  type RigOptions,
  type UpstreamRig,
  upstreamRig,
} from '../testing/upstream-rig.ts';
import { seededRandom } from './random.ts';
import { backoffMs, defaultRetry, retryAdvice } from './retry.ts';

const rigs: UpstreamRig[] = [];
const rigOf = (options?: RigOptions): UpstreamRig => {
  const rig = upstreamRig(options);
  rigs.push(rig);
  return rig;
};

afterEach(() => {
  for (const rig of rigs.splice(0)) expect(rig.leftovers()).toEqual(nothingLeft);
});

const spentOf = (rig: UpstreamRig): number => rig.upstream.status().retryBudget.spent;

/** Makes a call whose first attempt ends so, lets any backoff pass, and answers what then comes. Returns how many were sent. */
async function attemptsAfter(rig: UpstreamRig, end: FakeAnswer | GatewayError, operation?: RigOperation) {
  const before = rig.sent.length;
  await rig.start(operation === undefined ? {} : { operation });
  if (end instanceof GatewayError) await rig.last().fail(end.code, end.options);
  else await rig.last().answer(end);
  await rig.pass(250);
  if (rig.sent.length > before + 1) await rig.last().answer();
  return rig.sent.length - before;
}

describe('a failure', () => {
  test.each([
    ['502', { status: 502 }],
    ['503', { status: 503 }],
    ['504', { status: 504 }],
    ['429 that says when', { status: 429, headers: { 'retry-after': '0' } }],
    ['a connection that broke before an answer', new GatewayError('upstream-unreachable')],
  ])('is tried once more: %s', async (_what, end) => {
    const rig = rigOf();
    expect(await attemptsAfter(rig, end)).toBe(2);
    expect(rig.facts[0]).toMatchObject({ outcome: 'ok', attempts: 2, hedges: 0 });
    expect(spentOf(rig)).toBe(1);
  });

  test.each([
    ['500', { status: 500 }],
    ['501', { status: 501 }],
    ['505', { status: 505 }],
    ['400', { status: 400 }],
    ['404', { status: 404 }],
    ['408', { status: 408 }],
    ['429 that does not say when', { status: 429 }],
    ['429 with a date', { status: 429, headers: { 'retry-after': 'Sun, 22 Nov 2026 00:00:00 GMT' } }],
    ['a redirect', { status: 302 }],
    ['an answer that is no JSON', { body: 'oops' }],
    ['an answer of another shape', { body: { id: 7 } }],
    ['an answer that broke off', new GatewayError('upstream-broken-answer')],
    ['an answer that is too large', new GatewayError('upstream-bad-answer')],
    ['silence of the socket', new GatewayError('upstream-timeout')],
  ])('is not tried again: %s', async (_what, end) => {
    const rig = rigOf();
    expect(await attemptsAfter(rig, end)).toBe(1);
    expect(spentOf(rig)).toBe(0);
  });

  test.each([
    ['get', 2],
    ['put', 2],
    ['del', 2],
    ['safePost', 2],
    ['post', 1],
    ['patch', 1],
  ] as const)('of %s leads to %i attempts, whatever it was', async (operation, attempts) => {
    const rig = rigOf();
    expect(await attemptsAfter(rig, { status: 503 }, operation)).toBe(attempts);
    expect(await attemptsAfter(rig, new GatewayError('upstream-unreachable'), operation)).toBe(attempts);
    const stale = new GatewayError('upstream-unreachable', { isStaleConnection: true });
    expect(await attemptsAfter(rig, stale, operation)).toBe(attempts);
  });
});

describe('how often', () => {
  test('once by default, then the last failure is the answer', async () => {
    const rig = rigOf();
    const started = await rig.start();
    await rig.last().answer({ status: 503 });
    await rig.pass(25);
    await rig.last().answer({ status: 502 });
    await rig.pass(1_000);
    expect(rig.sent).toHaveLength(2);
    expect(started.failure()?.options.cause).toEqual(new Error('the upstream answered 502'));
  });

  test('as often as configured, never when that is 0', async () => {
    for (const attempts of [0, 3]) {
      const rig = rigOf({ retry: { attempts }, outlier: false });
      await rig.start({ deadlineMs: 30_000 });
      for (let made = 0; made <= attempts; made += 1) {
        await rig.last().answer({ status: 503 });
        await rig.pass(250);
      }
      expect(rig.sent).toHaveLength(attempts + 1);
      expect(rig.facts).toHaveLength(1);
    }
  });

  test('not beyond the budget of the upstream', async () => {
    const rig = rigOf({
      retryBudget: { share: 0, floorPerSecond: 0.2 },
      breaker: { failureThreshold: 100, failureRateThreshold: 0.99 },
    });
    const sent: number[] = [];
    for (let call = 0; call < 4; call += 1) sent.push(await attemptsAfter(rig, { status: 503 }));
    expect(sent).toEqual([2, 2, 1, 1]);
  });
});

describe('when', () => {
  test('the wait is random below a bound that doubles up to its maximum', () => {
    expect([0, 1, 2, 3, 4, 50].map((retry) => backoffMs(defaultRetry, retry, 1))).toEqual([
      25, 50, 100, 200, 250, 250,
    ]);
    fc.assert(
      fc.property(fc.nat(10), fc.nat(), (retry, seed) => {
        const waitMs = backoffMs(defaultRetry, retry, seededRandom(seed)());
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThan(Math.min(250, 25 * 2 ** retry));
      }),
    );
  });

  test('the wait uses the whole range', () => {
    const random = seededRandom(7);
    const waits = Array.from({ length: 1_000 }, () => backoffMs(defaultRetry, 0, random()));
    expect(Math.min(...waits)).toBeLessThan(1);
    expect(Math.max(...waits)).toBeGreaterThan(24);
    expect(waits.reduce((sum, wait) => sum + wait, 0) / waits.length).toBeCloseTo(12.5, 0);
  });

  test('nothing is sent before the wait is over', async () => {
    const rig = rigOf({ random: () => 0.8 });
    await rig.start();
    await rig.last().answer({ status: 503 });
    await rig.pass(19);
    expect(rig.sent).toHaveLength(1);
    await rig.pass(1);
    expect(rig.sent).toHaveLength(2);
    await rig.last().answer();
  });

  test.each([429, 503])('not before the Retry-After of a %i', async (status) => {
    const rig = rigOf();
    const started = await rig.start({ deadlineMs: 5_000 });
    await rig.last().answer({ status, headers: { 'retry-after': '2' } });
    await rig.pass(1_999);
    expect(rig.sent).toHaveLength(1);
    await rig.pass(1);
    await rig.last().answer();
    expect(started.outcome()).toEqual({ id: '1' });
  });

  test.each([429, 503])(
    'never when the Retry-After of a %i does not fit: it fails at once',
    async (status) => {
      const rig = rigOf();
      const started = await rig.start();
      await rig.last().answer({ status, headers: { 'retry-after': '1' } });
      expect(started.failure()?.code).toBe(status === 429 ? 'upstream-busy' : 'upstream-error');
      expect(spentOf(rig)).toBe(0);
    },
  );

  test('never when a typical attempt no longer fits', async () => {
    const rig = rigOf({ random: () => 0 });
    await rig.warm(300);
    const started = await rig.start();
    await rig.pass(600);
    await rig.last().answer({ status: 503 });
    expect(started.failure()?.code).toBe('upstream-error');
    await rig.start();
    await rig.pass(599);
    await rig.last().answer({ status: 503 });
    await rig.last().answer();
    expect(rig.facts.map(({ attempts }) => attempts)).toEqual([1, 2]);
  });
});

describe('where', () => {
  test('at another target where there is one', async () => {
    for (let seed = 0; seed < 30; seed += 1) {
      const rig = rigOf({ targets: ['http://a.test', 'http://b.test'], random: seededRandom(seed) });
      await attemptsAfter(rig, { status: 503 });
      expect(rig.sent.map(({ origin }) => origin).sort()).toEqual(['http://a.test', 'http://b.test']);
    }
  });

  test('at the same target when there is no other', async () => {
    const rig = rigOf();
    await attemptsAfter(rig, { status: 503 });
    expect(rig.sent.map(({ origin }) => origin)).toEqual(['http://shop.test', 'http://shop.test']);
  });
});

describe('a kept-alive connection that was dead', () => {
  const stale = { isStaleConnection: true };

  test('costs nothing: the next attempt goes out at once, without budget', async () => {
    const rig = rigOf({ retry: { attempts: 0 }, retryBudget: { share: 0, floorPerSecond: 0 } });
    await rig.start();
    await rig.last().fail('upstream-unreachable', stale);
    expect(rig.sent).toHaveLength(2);
    await rig.last().answer();
    expect(rig.facts[0]).toMatchObject({ outcome: 'ok', attempts: 2 });
    expect(spentOf(rig)).toBe(0);
  });

  test('is forgiven once per call; a second one is a failure like another', async () => {
    const rig = rigOf();
    await rig.start();
    await rig.last().fail('upstream-unreachable', stale);
    await rig.last().fail('upstream-unreachable', stale);
    await rig.pass(25);
    expect(rig.sent).toHaveLength(3);
    expect(spentOf(rig)).toBe(1);
    await rig.last().fail('upstream-unreachable', stale);
    await rig.pass(1_000);
    expect(rig.facts[0]).toMatchObject({ outcome: 'upstream-unreachable', attempts: 3 });
  });

  test('says nothing against the service: ten at once open no breaker and eject no target', async () => {
    const rig = rigOf({ targets: ['http://a.test', 'http://b.test'] });
    for (let call = 0; call < 10; call += 1) await rig.start();
    for (const request of [...rig.sent]) await request.fail('upstream-unreachable', stale);
    expect(rig.sent).toHaveLength(20);
    for (const request of rig.sent) await request.answer();
    expect(rig.facts.map(({ outcome }) => outcome)).toEqual(Array(10).fill('ok'));
  });
});

describe('nothing is tried again', () => {
  test('after the client left, also when it leaves during the wait', async () => {
    const rig = rigOf({ random: () => 0.9 });
    const gone = new GatewayError('client-gone');
    const waiting = await rig.start();
    await rig.last().answer({ status: 503 });
    waiting.context.cancellation.cancel(gone);
    await turn();
    expect(waiting.outcome()).toBe(gone);
    await rig.pass(1_000);
    expect(rig.sent).toHaveLength(1);
    const running = await rig.start();
    running.context.cancellation.cancel(gone);
    await rig.pass(1_000);
    expect(rig.sent).toHaveLength(2);
  });

  test("after the deadline, or the call's own timeout", async () => {
    const rig = rigOf({ random: () => 0 });
    await rig.start();
    await rig.pass(900);
    await rig.start({ timeoutMs: 50 });
    await rig.pass(1_000);
    expect(rig.facts.map(({ outcome, attempts }) => [outcome, attempts])).toEqual([
      ['upstream-timeout', 1],
      ['upstream-timeout', 1],
    ]);
  });

  test('after the breaker refused', async () => {
    const rig = rigOf({ breaker: { failureThreshold: 1 } });
    await rig.start();
    await rig.last().answer({ status: 503 });
    await rig.pass(25);
    expect(rig.sent).toHaveLength(1);
    expect(rig.facts[0]).toMatchObject({ attempts: 1 });
  });
});

describe('the advice', () => {
  const answer = (status: number, retryAfter?: string) => ({
    status,
    header: (name: string) => (name === 'retry-after' ? retryAfter : undefined),
    body: Buffer.alloc(0),
  });
  const error = new GatewayError('upstream-error');

  test('waits as long as the answer asks for', () => {
    expect(retryAdvice(error, answer(429, '3'))).toEqual({ kind: 'again', afterMs: 3_000 });
    expect(retryAdvice(error, answer(503, '3'))).toEqual({ kind: 'again', afterMs: 3_000 });
    expect(retryAdvice(error, answer(503))).toEqual({ kind: 'again', afterMs: 0 });
    expect(retryAdvice(error, answer(503, 'soon'))).toEqual({ kind: 'again', afterMs: 0 });
    expect(retryAdvice(error, answer(429, 'soon'))).toEqual({ kind: 'never' });
  });

  test('is never for any other status, and for any code of ours but a failed connection', () => {
    for (let status = 100; status < 600; status += 1) {
      if (status === 429 || (status >= 502 && status <= 504)) continue;
      expect(retryAdvice(error, answer(status, '0'))).toEqual({ kind: 'never' });
    }
    for (const code of [
      'client-gone',
      'circuit-open',
      'upstream-timeout',
      'deadline-exceeded',
      'internal',
    ] as const)
      expect(retryAdvice(new GatewayError(code), undefined)).toEqual({ kind: 'never' });
  });
});
