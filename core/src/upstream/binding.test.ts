import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { manualClock } from '../testing/manual-clock.ts';
import { type BindingOptions, bind, resolveBinding } from './binding.ts';
import { get, upstream } from './operation.ts';
import { seededRandom } from './random.ts';
import { defaultBreaker } from './resilience.ts';
import { defaultRetry } from './retry.ts';
import type { Target } from './target.ts';

const users = upstream('users', {
  operations: { get: get('/users/:id', { response: z.object({ id: z.string() }) }), list: get('/users') },
});
const targets = 'http://users:8080';

test('an address is enough: the rest has defaults', () => {
  const { targets: where, ...rest } = bind(users, { targets });
  expect(where).toMatchObject({ balance: 'least-pending', health: undefined, outlier: { failures: 5 } });
  expect(rest).toEqual({
    name: 'users',
    maxAnswerBytes: 5 * 1_024 * 1_024,
    breaker: defaultBreaker,
    policy: { timeoutMs: 30_000, breaker: undefined, retry: defaultRetry, hedge: undefined },
    concurrency: { running: 64, queued: 64, most: 64 },
    retryBudget: { share: 0.2, floorPerSecond: 3 },
    shadow: undefined,
    operations: new Map(),
  });
});

test('what is set for the upstream and, tighter, for an operation is kept', () => {
  const binding = bind(users, {
    targets,
    timeoutMs: 500,
    maxAnswerBytes: 1_000,
    concurrency: { running: 8 },
    breaker: { failureThreshold: 3 },
    operations: { get: { timeoutMs: 200, retry: { attempts: 0 } }, list: { breaker: { openMs: 1_000 } } },
  });
  expect(binding).toMatchObject({ maxAnswerBytes: 1_000, concurrency: { running: 8, most: 8 } });
  expect(binding.breaker).toEqual({ ...defaultBreaker, failureThreshold: 3 });
  expect(binding.operations.get('get')).toMatchObject({ timeoutMs: 200, retry: { attempts: 0 } });
  expect(binding.operations.get('list')).toMatchObject({
    timeoutMs: 500,
    breaker: { ...defaultBreaker, openMs: 1_000 },
  });
});

test('the addresses are those of the configuration', () => {
  let known: readonly Target[] = [];
  const { discovery } = bind(users, {
    targets: ['http://a.test', { url: 'http://b.test', weight: 3 }],
  }).targets;
  discovery.start(
    (list) => {
      known = list;
    },
    { clock: manualClock(), random: seededRandom(1), onProblem: () => {} },
  )();
  expect(known).toEqual([
    { origin: 'http://a.test', weight: 1 },
    { origin: 'http://b.test', weight: 3 },
  ]);
});

test('an upstream may be bound by name, without its contract', () => {
  expect(resolveBinding('users', [], { targets })).toEqual({
    ...bind(users, { targets }),
    targets: expect.anything() as unknown,
  });
});

describe('refuses to start with', () => {
  const refused =
    (options: object): (() => unknown) =>
    () =>
      bind(users, { targets, ...options } as BindingOptions<'get' | 'list'>);

  test.each(['', 'users:8080', 'ftp://users', 'http://users/v1', undefined])('the target %j', (address) => {
    expect(refused({ targets: address })).toThrow(
      new RangeError(`upstream 'users': target must be an origin such as http://host:8080, got '${address}'`),
    );
  });

  test.each(['http://canary:canary@users:8080', 'http://canary@users'])(
    'credentials in the target, which are not repeated: %#',
    (address) => {
      expect(refused({ targets: address })).not.toThrow(/canary/);
      expect(refused({ targets: address })).toThrow(RangeError);
    },
  );

  test.each<[object, string]>([
    [{ timeoutMs: 0 }, "upstream 'users': timeoutMs must be a number from 1 to 30000, got 0"],
    [{ timeoutMs: 30_001 }, "upstream 'users': timeoutMs must be a number from 1 to 30000, got 30001"],
    [{ timeoutMs: '5' }, "upstream 'users': timeoutMs must be a number from 1 to 30000, got 5"],
    [{ maxAnswerBytes: 0 }, "upstream 'users': maxAnswerBytes must be a number from 1 to 1073741824, got 0"],
    [
      { maxAnswerBytes: 1.5 },
      "upstream 'users': maxAnswerBytes must be a whole number from 1 to 1073741824, got 1.5",
    ],
    [
      { concurrency: { running: 0 } },
      "upstream 'users': concurrency: running must be a number from 1 to 10000, got 0",
    ],
    [{ retry: { attempts: 6 } }, "upstream 'users': retry: attempts must be a number from 0 to 5, got 6"],
    [
      { retry: { attempts: 0 }, operations: { get: { retry: { attempts: 1 } } } },
      "upstream 'users', operation 'get': retry: attempts must be a number from 0 to 0, got 1",
    ],
    [
      { retryBudget: { share: 2 } },
      "upstream 'users': retryBudget: share must be a number from 0 to 1, got 2",
    ],
    [
      { hedge: { quantile: 1 } },
      "upstream 'users': hedge: quantile must be a number from 0.5 to 0.999, got 1",
    ],
    [
      { breaker: { failureThreshold: 0 } },
      "upstream 'users': breaker: failureThreshold must be a number from 1 to 1000000, got 0",
    ],
    [
      { breaker: { failureRateThreshold: 0 } },
      "upstream 'users': breaker: failureRateThreshold must be a number from 0.01 to 0.99, got 0",
    ],
    [
      { breaker: { failureRateThreshold: 1 } },
      "upstream 'users': breaker: failureRateThreshold must be a number from 0.01 to 0.99, got 1",
    ],
    [
      { breaker: { windowSize: 0 } },
      "upstream 'users': breaker: windowSize must be a number from 1 to 10000, got 0",
    ],
    [
      { breaker: { openMs: 0 } },
      "upstream 'users': breaker: openMs must be a number from 1 to 3600000, got 0",
    ],
    [
      { breaker: { halfOpenProbes: 0 } },
      "upstream 'users': breaker: halfOpenProbes must be a number from 1 to 100, got 0",
    ],
    [
      { breaker: { successThreshold: 1.5 } },
      "upstream 'users': breaker: successThreshold must be a whole number from 1 to 100, got 1.5",
    ],
    [
      { breaker: { openms: 5 } },
      "upstream 'users': breaker: unknown option 'openms'; did you mean 'openMs'?",
    ],
    [{ timeout: 5 }, "upstream 'users': unknown option 'timeout'; did you mean 'timeoutMs'?"],
    [{ operations: { got: {} } }, "upstream 'users': operations: unknown option 'got'; did you mean 'get'?"],
    [
      { operations: { get: { timeout: 5 } } },
      "upstream 'users', operation 'get': unknown option 'timeout'; did you mean 'timeoutMs'?",
    ],
    [
      { timeoutMs: 500, operations: { get: { timeoutMs: 501 } } },
      "upstream 'users', operation 'get': timeoutMs must be a number from 1 to 500, got 501",
    ],
    [{ target: targets }, "upstream 'users': unknown option 'target'; did you mean 'targets'?"],
    [{ breakers: {} }, "upstream 'users': unknown option 'breakers'; did you mean 'breaker'?"],
    [{ targets: [] }, "upstream 'users': targets must be from 1 to 1000 addresses, got 0"],
    [
      { balance: 'random' },
      "upstream 'users': balance must be one of least-pending, round-robin, sticky, got 'random'",
    ],
    [
      { retryBudget: { floorPerSecond: -1 } },
      "upstream 'users': retryBudget: floorPerSecond must be a number from 0 to 1000, got -1",
    ],
    [
      { retryBudget: { floor: 1 } },
      "upstream 'users': retryBudget: unknown option 'floor'; it knows share, floorPerSecond",
    ],
    [
      { shadow: { target: 'x', sample: 1 } },
      "upstream 'users': shadow: target must be an origin such as http://host:8080, got 'x'",
    ],
    [{ health: { pth: '/' } }, "upstream 'users': health: unknown option 'pth'; did you mean 'path'?"],
    [
      { outlier: { failures: 0 } },
      "upstream 'users': outlier: failures must be a number from 1 to 1000, got 0",
    ],
    [
      { operations: { remove: {} } },
      "upstream 'users': operations: unknown option 'remove'; it knows get, list",
    ],
    [
      { operations: { get: { retry: { attempts: 2 } } } },
      "upstream 'users', operation 'get': retry: attempts must be a number from 0 to 1, got 2",
    ],
    [
      { operations: { get: { maxAnswerBytes: 1 } } },
      "upstream 'users', operation 'get': unknown option 'maxAnswerBytes'; it knows timeoutMs, breaker, retry, hedge",
    ],
    [
      { operations: { get: { breaker: { openMs: 0 } } } },
      "upstream 'users', operation 'get': breaker: openMs must be a number from 1 to 3600000, got 0",
    ],
  ])('%j', (options, message) => {
    expect(refused(options)).toThrow(new RangeError(message));
  });
});
