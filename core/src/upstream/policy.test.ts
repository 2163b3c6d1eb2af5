import { describe, expect, test } from 'vitest';
import {
  type CallPolicyOptions,
  type ConcurrencyOptions,
  resolveBreaker,
  resolveConcurrency,
  resolvePolicy,
  tightenPolicy,
} from './policy.ts';

/** What somebody might write who does not ask the compiler. */
type Loose = Readonly<Record<string, unknown>>;
const policyOf = (options: Loose) => resolvePolicy('shop', options as CallPolicyOptions);
const within = (upstream: Loose, operation: Loose) =>
  tightenPolicy('shop.get', operation as CallPolicyOptions, policyOf(upstream));

test('by default a call may take 30 s and is tried once more, without hedging or a breaker of its own', () => {
  const defaults = {
    timeoutMs: 30_000,
    breaker: undefined,
    retry: { attempts: 1, backoffMs: 25, maxBackoffMs: 250 },
    hedge: undefined,
  };
  expect(policyOf({})).toEqual(defaults);
  expect(within({}, {})).toEqual(defaults);
});

describe('an upstream', () => {
  test.each<[Loose, string]>([
    [{ timeoutMs: 0 }, 'shop: timeoutMs must be a number from 1 to 30000, got 0'],
    [{ timeoutMs: 30_001 }, 'shop: timeoutMs must be a number from 1 to 30000, got 30001'],
    [{ timeoutMs: '500' }, 'shop: timeoutMs must be a number from 1 to 30000, got 500'],
    [{ timeoutMs: Number.NaN }, 'shop: timeoutMs must be a number from 1 to 30000, got NaN'],
    [{ retry: { attempts: 6 } }, 'shop: retry: attempts must be a number from 0 to 5, got 6'],
    [{ retry: { attempts: -1 } }, 'shop: retry: attempts must be a number from 0 to 5, got -1'],
    [{ retry: { attempts: 1.5 } }, 'shop: retry: attempts must be a whole number from 0 to 5, got 1.5'],
    [
      { retry: { tries: 1 } },
      "shop: retry: unknown option 'tries'; it knows attempts, backoffMs, maxBackoffMs",
    ],
    [{ retry: { attemps: 1 } }, "shop: retry: unknown option 'attemps'; did you mean 'attempts'?"],
    [{ retry: { backoffMs: -1 } }, 'shop: retry: backoffMs must be a number from 0 to 10000, got -1'],
    [{ retry: { backoffMs: 500 } }, 'shop: retry: maxBackoffMs must be a number from 500 to 30000, got 250'],
    [
      { retry: { maxBackoffMs: 30_001 } },
      'shop: retry: maxBackoffMs must be a number from 25 to 30000, got 30001',
    ],
    [{ hedge: { quantile: 2 } }, 'shop: hedge: quantile must be a number from 0.5 to 0.999, got 2'],
    [{ hedge: { share: 0.1 } }, "shop: hedge: unknown option 'share'; it knows quantile, maxShare"],
    [
      { breaker: { failureThreshold: 0 } },
      'shop: breaker: failureThreshold must be a number from 1 to 1000000, got 0',
    ],
  ])('with %j is refused', (options, message) => {
    expect(() => policyOf(options)).toThrow(new RangeError(message));
  });

  test('may set everything within its range', () => {
    const options = {
      timeoutMs: 500,
      retry: { attempts: 5, backoffMs: 0, maxBackoffMs: 0 },
      hedge: { quantile: 0.5, maxShare: 0.5 },
    };
    expect(policyOf(options)).toEqual({ ...options, breaker: undefined });
  });
});

describe('an operation', () => {
  test('has what its upstream has, unless it says otherwise', () => {
    const upstream = { timeoutMs: 500, retry: { attempts: 3, backoffMs: 10 }, hedge: { maxShare: 0.1 } };
    expect(within(upstream, {})).toEqual(policyOf(upstream));
    expect(within(upstream, { retry: { attempts: 1 } }).retry).toEqual({
      attempts: 1,
      backoffMs: 10,
      maxBackoffMs: 250,
    });
  });

  test('may be tighter in everything', () => {
    const tight = within(
      { timeoutMs: 500, retry: { attempts: 3 }, hedge: {} },
      {
        timeoutMs: 100,
        retry: { attempts: 0 },
        hedge: { maxShare: 0.01 },
      },
    );
    expect(tight).toMatchObject({
      timeoutMs: 100,
      retry: { attempts: 0 },
      hedge: { quantile: 0.95, maxShare: 0.01 },
    });
  });

  test('may hedge where its upstream does not say', () => {
    expect(within({}, { hedge: { maxShare: 0.2 } }).hedge).toEqual({ quantile: 0.95, maxShare: 0.2 });
  });

  test('keeps what its upstream says of hedging and it does not', () => {
    const { hedge } = within({ hedge: { quantile: 0.9, maxShare: 0.02 } }, { hedge: { quantile: 0.99 } });
    expect(hedge).toEqual({ quantile: 0.99, maxShare: 0.02 });
  });

  test('may have a breaker of its own', () => {
    expect(within({}, { breaker: { failureThreshold: 2 } }).breaker).toEqual(
      resolveBreaker('', { failureThreshold: 2 }),
    );
    expect(within({ breaker: { failureThreshold: 2 } }, {}).breaker).toBeUndefined(); // it shares the upstream's
  });

  test.each<[Loose, Loose, string]>([
    [{ timeoutMs: 500 }, { timeoutMs: 501 }, 'shop.get: timeoutMs must be a number from 1 to 500, got 501'],
    [{}, { retry: { attempts: 2 } }, 'shop.get: retry: attempts must be a number from 0 to 1, got 2'],
    [
      { retry: { attempts: 0 } },
      { retry: { attempts: 1 } },
      'shop.get: retry: attempts must be a number from 0 to 0, got 1',
    ],
    [
      { hedge: { maxShare: 0.02 } },
      { hedge: { maxShare: 0.03 } },
      'shop.get: hedge: maxShare must be a number from 0.001 to 0.02, got 0.03',
    ],
    [{}, { timeoutms: 1 }, "shop.get: unknown option 'timeoutms'; did you mean 'timeoutMs'?"],
    [
      {},
      { concurrency: {} },
      "shop.get: unknown option 'concurrency'; it knows timeoutMs, breaker, retry, hedge",
    ],
  ])('of an upstream with %j may not have %j', (upstream, operation, message) => {
    expect(() => within(upstream, operation)).toThrow(new RangeError(message));
  });
});

describe('a breaker', () => {
  test('opens at 5 failures in a row or at half of 10, for 30 s, and closes after 3 probes', () => {
    expect(resolveBreaker('shop')).toEqual({
      failureThreshold: 5,
      failureRateThreshold: 0.5,
      windowSize: 10,
      openMs: 30_000,
      halfOpenProbes: 3,
      successThreshold: 3,
    });
  });

  test.each<[Loose, string]>([
    [
      { failureThreshold: 1.5 },
      'shop: breaker: failureThreshold must be a whole number from 1 to 1000000, got 1.5',
    ],
    [
      { failureRateThreshold: 1 },
      'shop: breaker: failureRateThreshold must be a number from 0.01 to 0.99, got 1',
    ],
    [{ windowSize: 0 }, 'shop: breaker: windowSize must be a number from 1 to 10000, got 0'],
    [{ openMs: 0 }, 'shop: breaker: openMs must be a number from 1 to 3600000, got 0'],
    [{ halfOpenProbes: 0 }, 'shop: breaker: halfOpenProbes must be a number from 1 to 100, got 0'],
    [{ successThreshold: 101 }, 'shop: breaker: successThreshold must be a number from 1 to 100, got 101'],
    [{ openMS: 1 }, "shop: breaker: unknown option 'openMS'; did you mean 'openMs'?"],
  ])('with %j is refused', (options, message) => {
    expect(() => resolveBreaker('shop', options)).toThrow(new RangeError(message));
  });
});

describe('concurrency', () => {
  test.each<[string, ConcurrencyOptions | undefined, ReturnType<typeof resolveConcurrency>]>([
    ['64 and 64 by default', undefined, { running: 64, queued: 64, most: 64 }],
    ['any number', { running: 7, queued: 0 }, { running: 7, queued: 0, most: 7 }],
    [
      'from 4 to 200 when adaptive',
      { running: 'adaptive' },
      { running: { min: 4, max: 200 }, queued: 64, most: 200 },
    ],
    ['between bounds', { running: { min: 2, max: 9 } }, { running: { min: 2, max: 9 }, queued: 64, most: 9 }],
    [
      'between one bound and its default',
      { running: { max: 50 } },
      { running: { min: 4, max: 50 }, queued: 64, most: 50 },
    ],
  ])('is %s', (_what, options, resolved) => {
    expect(resolveConcurrency('shop', options)).toEqual(resolved);
  });

  test.each<[Loose, string]>([
    [{ running: 0 }, 'shop: concurrency: running must be a number from 1 to 10000, got 0'],
    [{ running: 1.5 }, 'shop: concurrency: running must be a whole number from 1 to 10000, got 1.5'],
    [{ queued: -1 }, 'shop: concurrency: queued must be a number from 0 to 10000, got -1'],
    [{ queue: 1 }, "shop: concurrency: unknown option 'queue'; did you mean 'queued'?"],
    [{ running: { mim: 1 } }, "shop: concurrency.running: unknown option 'mim'; did you mean 'min'?"],
    [{ running: { min: 0 } }, 'shop: concurrency.running: min must be a number from 1 to 10000, got 0'],
    [
      { running: { min: 9, max: 8 } },
      'shop: concurrency.running: max must be a number from 9 to 10000, got 8',
    ],
    [
      { running: 'adaptiv' },
      "shop: concurrency: running must be a number, 'adaptive' or { min, max }, got 'adaptiv'",
    ],
    [
      { running: null },
      "shop: concurrency: running must be a number, 'adaptive' or { min, max }, got 'null'",
    ],
  ])('with %j is refused', (options, message) => {
    expect(() => resolveConcurrency('shop', options as ConcurrencyOptions)).toThrow(new RangeError(message));
  });
});
