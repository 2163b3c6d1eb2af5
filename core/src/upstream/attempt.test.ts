import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { EventBus } from '../context/event-bus.ts';
import type { AttemptFact } from '../context/events.ts';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { type FakeUpstream, testBff } from '../testing/index.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { testContext } from '../testing/test-context.ts';
import {
  manualWire,
  nothingLeft,
  type RigOptions,
  type UpstreamRig,
  upstreamRig,
} from '../testing/upstream-rig.ts';
import { type Attempt, type AttemptParts, startAttempt } from './attempt.ts';
import { resolveBinding } from './binding.ts';
import { Latency } from './latency.ts';
import { get, upstream } from './operation.ts';
import { seededRandom } from './random.ts';
import type { Verdict } from './resilience.ts';
import { resolveTargetOptions } from './target-options.ts';
import { TargetSet } from './target-set.ts';

/** One attempt on a wire the test holds, with a breaker that notes what it is told. */
function attemptRig(parts: Partial<AttemptParts> = {}) {
  const clock = manualClock();
  const wire = manualWire();
  const verdicts: Verdict[] = [];
  const sent: AttemptFact[] = [];
  const latency = new Latency();
  const targets = new TargetSet(resolveTargetOptions('shop', { targets: 'http://shop.test' }), {
    clock,
    random: seededRandom(1),
    transport: wire.transport,
    onProblem: () => {},
    onChange: () => {},
  });
  const context = testContext({}, { clock, events: new EventBus() });
  const start = (): Attempt =>
    startAttempt(
      {
        write: (_context, _request, { origin }) => ({
          operation: 'get',
          method: 'GET',
          origin,
          target: '/part',
          headers: {},
          body: undefined,
          maxAnswerBytes: 1_000,
        }),
        read: (_context, answer) => answer.status,
        breaker: {
          state: 'closed',
          isolate: () => () => {},
          admit: () => (verdict) => verdicts.push(verdict),
        },
        targets,
        transport: wire.transport,
        latency,
        needsTls: false,
        ...parts,
      },
      context,
      {},
      { wish: {}, budgetMs: 500, identity: {}, reason: 'first', onNewConnection: false, sent },
    );
  return { clock, wire, verdicts, latency, targets, sent, start };
}

describe('an attempt', () => {
  test('is counted at its target and reported once, when it ends', async () => {
    const rig = attemptRig();
    const attempt = rig.start();
    expect(attempt.target?.pending).toBe(1);
    expect(rig.verdicts).toEqual([]);
    await rig.wire.sent[0]?.answer();
    expect(await attempt.outcome).toMatchObject({ ok: true, value: 200 });
    expect(attempt.target?.pending).toBe(0);
    expect(rig.verdicts).toEqual(['success']);
  });

  test.each([
    ['upstream-unreachable', 'failure'],
    ['upstream-timeout', 'failure'],
    ['upstream-broken-answer', 'failure'],
    ['upstream-bad-answer', 'success'],
    ['client-gone', 'neutral'],
    ['internal', 'neutral'],
  ] as const)('that fails with %s is a %s', async (code, verdict) => {
    const rig = attemptRig();
    const attempt = rig.start();
    await rig.wire.sent[0]?.fail(code);
    expect(await attempt.outcome).toMatchObject({ ok: false, error: { code }, answer: undefined });
    expect(rig.verdicts).toEqual([verdict]);
    expect(attempt.target?.pending).toBe(0);
  });

  test('whose answer cannot be read fails with it, and keeps the answer', async () => {
    const rig = attemptRig({
      read: () => {
        throw new TypeError('a bug of ours');
      },
    });
    const attempt = rig.start();
    await rig.wire.sent[0]?.answer({ status: 201 });
    expect(await attempt.outcome).toMatchObject({
      ok: false,
      error: { code: 'internal' },
      answer: { status: 201 },
    });
    expect(rig.verdicts).toEqual(['neutral']);
  });

  test('that is aborted ends with the reason, and says what the abort says', async () => {
    for (const verdict of ['failure', 'neutral'] as const) {
      const rig = attemptRig();
      const attempt = rig.start();
      const reason = new GatewayError('upstream-timeout');
      attempt.abort(reason, verdict);
      attempt.abort(new GatewayError('client-gone'), 'success');
      expect(await attempt.outcome).toEqual({ ok: false, error: reason, answer: undefined });
      expect(rig.verdicts).toEqual([verdict]);
    }
  });

  test('that came to an end is not moved by a late abort', async () => {
    const rig = attemptRig();
    const attempt = rig.start();
    await rig.wire.sent[0]?.answer();
    attempt.abort(new GatewayError('client-gone'), 'neutral');
    expect((await attempt.outcome).ok).toBe(true);
    expect(rig.verdicts).toEqual(['success']);
  });

  test('teaches the latency when it succeeds, and only then', async () => {
    const rig = attemptRig();
    const ends = (attempt: number): ((() => Promise<void>) | undefined)[] => [
      () => rig.wire.sent[attempt]?.answer() ?? Promise.resolve(),
      () => rig.wire.sent[attempt]?.fail() ?? Promise.resolve(),
    ];
    for (let attempt = 0; attempt < 40; attempt += 1) {
      const { outcome } = rig.start();
      rig.clock.advance(attempt % 2 === 0 ? 30 : 1);
      await ends(attempt)[attempt % 2]?.();
      await outcome;
      if (attempt < 37) expect(rig.latency.quantile(0.5)).toBeUndefined();
    }
    expect(rig.latency.quantile(0.01)).toBe(30);
  });

  test.each<[string, Partial<AttemptParts>, string]>([
    [
      'the breaker refuses',
      {
        breaker: {
          state: 'open',
          isolate: () => () => {},
          admit() {
            throw new GatewayError('circuit-open', { retryAfterMs: 1_000 });
          },
        },
      },
      'circuit-open',
    ],
    [
      'the request cannot be written',
      {
        write() {
          throw new TypeError('no parameter');
        },
      },
      'internal',
    ],
  ])('is not started when %s: that is its outcome', async (_what, parts, code) => {
    const rig = attemptRig(parts);
    const attempt = rig.start();
    expect(attempt.target).toBeUndefined();
    expect(await attempt.outcome).toMatchObject({ ok: false, error: { code }, answer: undefined });
    attempt.abort(new GatewayError('client-gone'), 'failure');
    expect(rig.wire.sent).toEqual([]);
    expect(rig.verdicts).toEqual([]);
    expect(rig.targets.pick()?.pending).toBe(0);
  });

  test('is not started while no target is known', async () => {
    const rig = upstreamRig({ targets: { start: () => () => {} }, retry: { attempts: 0 } });
    const started = await rig.start();
    expect(started.failure()?.code).toBe('upstream-unreachable');
    expect(started.fact()?.attempts).toBe(0);
    expect(rig.upstream.isReady).toBe(false);
  });
});

describe('a breaker', () => {
  const rigs: UpstreamRig[] = [];
  const rigOf = (options: RigOptions): UpstreamRig => {
    const rig = upstreamRig({ retry: { attempts: 0 }, outlier: false, ...options });
    rigs.push(rig);
    return rig;
  };
  afterEach(() => {
    for (const rig of rigs.splice(0)) expect(rig.leftovers()).toEqual(nothingLeft);
  });
  const stateOf = (rig: UpstreamRig) => rig.upstream.status().breakers.map(({ state }) => state);

  test('is shared by the operations of an upstream, unless one has its own', async () => {
    const rig = rigOf({ operations: { other: { breaker: { failureThreshold: 2 } } } });
    for (let call = 0; call < 5; call += 1) {
      await rig.start();
      await rig.last().answer({ status: 500 });
    }
    expect(rig.upstream.status().breakers).toEqual([
      { upstream: 'shop', state: 'open' },
      { upstream: 'shop', operation: 'other', state: 'closed' },
    ]);
    expect((await rig.start({ operation: 'put' })).failure()?.code).toBe('circuit-open');
    await rig.start({ operation: 'other' });
    await rig.last().answer();
    expect(rig.facts.at(-1)?.outcome).toBe('ok');
  });

  test('is not opened by 4xx or by answers that cannot be used', async () => {
    const rig = rigOf({});
    for (const answer of [{ status: 404 }, { status: 429 }, { body: 'no json' }]) {
      for (let call = 0; call < 20; call += 1) {
        await rig.start();
        await rig.last().answer(answer);
      }
    }
    expect(stateOf(rig)).toEqual(['closed']);
  });

  test('that rests lets a few probes through, and closes when they succeed', async () => {
    const rig = rigOf({ breaker: { failureThreshold: 1, openMs: 1_000 } });
    await rig.start();
    await rig.last().answer({ status: 500 });
    expect(stateOf(rig)).toEqual(['open']);
    await rig.pass(1_000);
    const calls = [];
    for (let call = 0; call < 5; call += 1) calls.push(await rig.start());
    expect(calls.map((call) => call.failure()?.code)).toEqual([
      undefined,
      undefined,
      undefined,
      'circuit-open',
      'circuit-open',
    ]);
    for (const request of rig.sent.slice(1)) await request.answer();
    expect(stateOf(rig)).toEqual(['closed']);
  });

  test('gets the probe back of a caller that left', async () => {
    const rig = rigOf({
      breaker: { failureThreshold: 1, openMs: 1_000, halfOpenProbes: 1, successThreshold: 1 },
    });
    await rig.start();
    await rig.last().answer({ status: 500 });
    await rig.pass(1_000);
    const leaver = await rig.start();
    leaver.context.cancellation.cancel(new GatewayError('client-gone'));
    await rig.pass(0);
    await rig.start();
    await rig.last().answer();
    expect(stateOf(rig)).toEqual(['closed']);
  });
});

describe('an endpoint whose breaker is open', () => {
  const Part = z.object({ id: z.string() });
  const shop = upstream('shop', { operations: { get: get('/part', { response: Part }) } });
  const options = { summary: 'A part.', access: anyone(), deadlineMs: 1_000 } as const;
  const required = endpoint('GET', '/required', options)
    .plan(({ call }) => ({ part: call(shop.get, () => ({})) }))
    .respond(Part, ({ part }) => part);
  const optional = endpoint('GET', '/optional', options)
    .plan(({ optional }) => ({
      part: optional(shop.get, () => ({}), { fallback: ({ code }) => ({ id: code }) }),
    }))
    .respond(Part, ({ part }) => part);
  const failing: FakeUpstream = () => ({ status: 500 });
  const open = async () => {
    const upstreams = [resolveBinding('shop', [], { targets: 'http://shop.test', retry: { attempts: 0 } })];
    const bff = testBff([required, optional], { shop: failing }, { upstreams });
    for (let call = 0; call < 5; call += 1) await bff.app.request('/required');
    return bff;
  };

  test('answers 503 with Retry-After, and sends nothing', async () => {
    const bff = await open();
    bff.clock.advance(10_000);
    const answer = await bff.app.request('/required');
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('20');
    expect(await answer.json()).toMatchObject({ code: 'circuit-open' });
    expect(bff.requests).toHaveLength(5);
  });

  test('answers at once with the declared fallback where there is one', async () => {
    const bff = await open();
    const answer = await bff.app.request('/optional');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('bff-degraded')).toBe('part');
    expect(await answer.json()).toEqual({ id: 'circuit-open' });
    expect(bff.requests).toHaveLength(5);
    expect(bff.clock.pending()).toBe(0);
  });
});
