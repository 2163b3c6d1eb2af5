import { describe, expect, test } from 'vitest';
import { manualClock } from '../testing/manual-clock.ts';
import { staticTargets } from './discovery.ts';
import type { Target } from './target.ts';
import { resolveTargetOptions, type TargetOptions } from './target-options.ts';

function listOf(options: TargetOptions): readonly Target[] | undefined {
  let list: readonly Target[] | undefined;
  const onTargets = (targets: readonly Target[]): void => {
    list = targets;
  };
  resolveTargetOptions('orders', options).discovery.start(onTargets, {
    clock: manualClock(),
    random: () => 0,
    onProblem: () => {},
  });
  return list;
}

test('addresses are a discovery that never changes', () => {
  expect(listOf({ targets: 'http://a' })).toEqual([{ origin: 'http://a', weight: 1 }]);
  expect(listOf({ targets: { url: 'http://a', weight: 2 } })).toEqual([{ origin: 'http://a', weight: 2 }]);
  expect(listOf({ targets: ['http://a', 'http://b'] })).toHaveLength(2);
});

test('a discovery is taken as it is', () => {
  const discovery = staticTargets([{ origin: 'http://a', weight: 1 }]);
  expect(resolveTargetOptions('orders', { targets: discovery }).discovery).toBe(discovery);
});

test('by default calls go to the least pending, failing targets are ejected, nothing is probed', () => {
  expect(resolveTargetOptions('orders', { targets: 'http://a' })).toMatchObject({
    balance: 'least-pending',
    health: undefined,
    outlier: { failures: 5, ejectMs: 30_000, maxEjectedShare: 0.5 },
  });
});

test('what is set is kept, and ejection can be turned off', () => {
  const options = {
    targets: 'http://a',
    balance: 'sticky',
    health: { path: '/up' },
    outlier: false,
  } as const;
  expect(resolveTargetOptions('orders', options)).toMatchObject({
    balance: 'sticky',
    health: { path: '/up', everyMs: 5_000 },
    outlier: undefined,
  });
});

describe('refuses to start', () => {
  test.each<[object, string]>([
    [{}, "orders: target must be an origin such as http://host:8080, got 'undefined'"],
    [{ targets: null }, "orders: target must be an origin such as http://host:8080, got 'null'"],
    [{ targets: 'orders' }, "orders: target must be an origin such as http://host:8080, got 'orders'"],
    [
      { targets: 'http://a', balance: 'random' },
      "orders: balance must be one of least-pending, round-robin, sticky, got 'random'",
    ],
    [{ targets: 'http://a', helth: {} }, "orders: unknown option 'helth'; did you mean 'health'?"],
    [
      { targets: 'http://a', health: {} },
      "orders: health: path must be a path such as /health, got 'undefined'",
    ],
    [
      { targets: 'http://a', outlier: { failures: 0 } },
      'orders: outlier: failures must be a number from 1 to 1000, got 0',
    ],
  ])('%o', (options, message) => {
    expect(() => resolveTargetOptions('orders', options as TargetOptions)).toThrow(new RangeError(message));
  });
});
