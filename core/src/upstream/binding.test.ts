import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type BindingOptions, bind } from './binding.ts';
import { get, upstream } from './operation.ts';
import { defaultBreaker } from './resilience.ts';

const users = upstream('users', {
  operations: { get: get('/users/:id', { response: z.object({ id: z.string() }) }), list: get('/users') },
});
const target = 'http://users:8080';

test('an address is enough: the rest has defaults', () => {
  expect(bind(users, { target })).toEqual({
    name: 'users',
    origin: target,
    maxAnswerBytes: 5 * 1_024 * 1_024,
    connections: 64,
    breaker: {
      failureThreshold: 5,
      failureRateThreshold: 0.5,
      windowSize: 10,
      openMs: 30_000,
      halfOpenProbes: 3,
      successThreshold: 3,
    },
    timeoutMs: 30_000,
    operations: new Map(),
  });
});

test('what is set for the upstream and, tighter, for an operation is kept', () => {
  const binding = bind(users, {
    target,
    timeoutMs: 500,
    maxAnswerBytes: 1_000,
    connections: 8,
    breaker: { failureThreshold: 3 },
    operations: { get: { timeoutMs: 200 }, list: { breaker: { openMs: 1_000 } } },
  });
  expect(binding).toMatchObject({ timeoutMs: 500, maxAnswerBytes: 1_000, connections: 8 });
  expect(binding.breaker).toEqual({ ...defaultBreaker, failureThreshold: 3 });
  expect([...binding.operations]).toEqual([
    ['get', { timeoutMs: 200, breaker: undefined }],
    ['list', { timeoutMs: 500, breaker: { ...defaultBreaker, openMs: 1_000 } }],
  ]);
});

test.each([
  ['http://users', 'http://users'],
  ['https://users.example/', 'https://users.example'],
  ['http://users:80', 'http://users'],
  ['http://127.0.0.1:4101', 'http://127.0.0.1:4101'],
  ['http://[::1]:4101', 'http://[::1]:4101'],
  ['HTTP://Users.Example:8080', 'http://users.example:8080'],
])('the address %s is the origin %s', (address, origin) => {
  expect(bind(users, { target: address }).origin).toBe(origin);
});

describe('refuses to start with', () => {
  const refused =
    (options: object): (() => unknown) =>
    () =>
      bind(users, { target, ...options } as BindingOptions<'get' | 'list'>);

  test.each([
    '',
    'users',
    'users:8080',
    '//users',
    'ftp://users',
    'file:///etc/passwd',
    'http://',
    'http://users/v1',
    'http://users?x=1',
    'http://users#x',
    'http://us ers',
    'javascript:alert(1)',
    undefined,
  ])('the target %j', (address) => {
    expect(refused({ target: address })).toThrow(
      new RangeError(`upstream 'users': target must be an origin such as http://host:8080, got '${address}'`),
    );
  });

  test.each(['http://canary:canary@users:8080', 'http://canary@users', 'http://:canary@users'])(
    'credentials in the target, which are not repeated: %#',
    (address) => {
      expect(refused({ target: address })).toThrow(
        new RangeError("upstream 'users': target must not carry a user or a password"),
      );
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
    [{ connections: 0 }, "upstream 'users': connections must be a number from 1 to 10000, got 0"],
    [{ connections: 10_001 }, "upstream 'users': connections must be a number from 1 to 10000, got 10001"],
    [
      { breaker: { failureThreshold: 0 } },
      "upstream 'users': breaker: failureThreshold must be a number from 1 to 1000, got 0",
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
    [
      { operations: { get: { breaker: { openMs: 0 } } } },
      "upstream 'users', operation 'get': breaker: openMs must be a number from 1 to 3600000, got 0",
    ],
  ])('%j', (options, message) => {
    expect(refused(options)).toThrow(new RangeError(message));
  });
});
