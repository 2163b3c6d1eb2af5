import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { registerSlos, type SloTarget } from './slo-metrics.ts';

const target: SloTarget = {
  method: 'GET',
  route: '/api/home',
  availability: 0.999,
  latency: { share: 0.99, ms: 500 },
};
type Answer = readonly [status: number, durationMs: number, degraded?: readonly string[]];

/** The counters after these answers, as `sli: bad of all`. */
async function countedAfter(answers: readonly Answer[], declared: SloTarget = target): Promise<string[]> {
  const registry = new Registry();
  const count = registerSlos([registry], [declared])('GET', '/api/home');
  for (const [status, durationMs, degraded = []] of answers) count?.({ status, durationMs, degraded });
  const values = new Map<string, string[]>();
  for (const metric of ['bff_slo_bad_requests_total', 'bff_slo_requests_total']) {
    for (const [, sli = '', value = ''] of (await registry.metrics()).matchAll(
      new RegExp(`^${metric}\\{method="GET",route="/api/home",sli="(\\w+)"\\} (\\d+)$`, 'gm'),
    )) {
      values.set(sli, [...(values.get(sli) ?? []), value]);
    }
  }
  return [...values].map(([sli, [bad, all]]) => `${sli}: ${bad} of ${all}`);
}

describe('an objective', () => {
  test.each<[string, Answer[], string[]]>([
    ['is there from the start', [], ['availability: 0 of 0', 'latency: 0 of 0', 'degraded: 0 of 0']],
    ['counts a good answer', [[200, 10]], ['availability: 0 of 1', 'latency: 0 of 1', 'degraded: 0 of 1']],
    ['counts 304 as good', [[304, 10]], ['availability: 0 of 1', 'latency: 0 of 1', 'degraded: 0 of 1']],
    [
      'keeps its promise at exactly the limit',
      [
        [200, 500],
        [200, 500.1],
      ],
      ['availability: 0 of 2', 'latency: 1 of 2', 'degraded: 0 of 2'],
    ],
    [
      'counts a failure as unavailable, and as neither slow nor fast',
      [
        [500, 1],
        [503, 900],
      ],
      ['availability: 2 of 2', 'latency: 0 of 0', 'degraded: 0 of 0'],
    ],
    [
      'counts an answer without an optional part apart: it is available',
      [[200, 10, ['recs']]],
      ['availability: 0 of 1', 'latency: 0 of 1', 'degraded: 1 of 1'],
    ],
    [
      'does not count what the client did wrong',
      [
        [400, 1],
        [401, 1],
        [404, 1],
        [429, 900],
      ],
      ['availability: 0 of 0', 'latency: 0 of 0', 'degraded: 0 of 0'],
    ],
    [
      'counts a client that left only after it had waited too long',
      [
        [499, 100],
        [499, 501],
      ],
      ['availability: 0 of 0', 'latency: 1 of 1', 'degraded: 0 of 0'],
    ],
  ])('%s', async (_what, answers, expected) => {
    expect(await countedAfter(answers)).toEqual(expected);
  });

  test('that was not declared has no series', async () => {
    const { latency: _, ...available } = target;
    expect(await countedAfter([[200, 9_000]], available)).toEqual([
      'availability: 0 of 1',
      'degraded: 0 of 1',
    ]);
  });
});

test('endpoints without an objective, and other methods of one with it, count nothing', () => {
  const sloOf = registerSlos([new Registry()], [target]);
  expect([sloOf('GET', '/api/other'), sloOf('HEAD', '/api/home')]).toEqual([undefined, undefined]);
});

test('the objectives are metrics themselves', async () => {
  const registry = new Registry();
  registerSlos([registry], [target]);
  const text = await registry.metrics();
  expect(text).toContain('bff_slo_objective_ratio{method="GET",route="/api/home",sli="availability"} 0.999');
  expect(text).toContain('bff_slo_objective_ratio{method="GET",route="/api/home",sli="latency"} 0.99');
});
