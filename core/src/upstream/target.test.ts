import { describe, expect, test } from 'vitest';
import { parseTargets, sameTargets, type Target, TargetState } from './target.ts';

describe('an address may be written', () => {
  test('as one origin', () => {
    expect(parseTargets('orders', 'http://orders:8080')).toEqual([
      { origin: 'http://orders:8080', weight: 1 },
    ]);
  });

  test('as one object', () => {
    expect(parseTargets('orders', { url: 'https://orders', weight: 2, version: 'v2' })).toEqual([
      { origin: 'https://orders', weight: 2, version: 'v2' },
    ]);
  });

  test('as a list of both', () => {
    expect(parseTargets('orders', ['http://a:1', { url: 'http://b:2', weight: 0.5 }])).toEqual([
      { origin: 'http://a:1', weight: 1 },
      { origin: 'http://b:2', weight: 0.5 },
    ]);
  });

  test('in any spelling of the same origin', () => {
    expect(parseTargets('orders', 'HTTP://Orders:80/')).toEqual([{ origin: 'http://orders', weight: 1 }]);
    expect(parseTargets('orders', 'http://[::1]:8080')).toEqual([{ origin: 'http://[::1]:8080', weight: 1 }]);
  });
});

const origin = 'must be an origin such as http://host:8080, got';

describe('refuses to start', () => {
  test.each<[unknown, string]>([
    ['', `orders: target ${origin} ''`],
    ['orders:8080', `orders: target ${origin} 'orders:8080'`],
    ['ftp://orders', `orders: target ${origin} 'ftp://orders'`],
    ['http://orders/v1', `orders: target ${origin} 'http://orders/v1'`],
    ['http://orders/?', `orders: target ${origin} 'http://orders/?'`],
    ['http://orders/#x', `orders: target ${origin} 'http://orders/#x'`],
    ['http://me:secret@orders', `orders: target ${origin} one with credentials`],
    ['me:secret@orders', `orders: target ${origin} one with credentials`],
    [undefined, `orders: target ${origin} 'undefined'`],
    [{ weight: 1 }, `orders: target.url ${origin} 'undefined'`],
    [['http://a', 7], `orders: targets[1] ${origin} '7'`],
    [['http://a', null], `orders: targets[1] ${origin} 'null'`],
    [[{ url: 'http://a/b' }], `orders: targets[0].url ${origin} 'http://a/b'`],
    [[], 'orders: targets must be from 1 to 1000 addresses, got 0'],
    [
      Array.from({ length: 1_001 }, (_, index) => `http://a:${index}`),
      'orders: targets must be from 1 to 1000 addresses, got 1001',
    ],
    [['http://a', 'http://A:80/'], 'orders: targets[1] lists http://a a second time'],
    [{ url: 'http://a', weight: 0 }, 'orders: target.weight must be a number from 0.001 to 65535, got 0'],
    [{ url: 'http://a', weight: -1 }, 'orders: target.weight must be a number from 0.001 to 65535, got -1'],
    [
      { url: 'http://a', weight: Number.NaN },
      'orders: target.weight must be a number from 0.001 to 65535, got NaN',
    ],
    [{ url: 'http://a', weight: '2' }, 'orders: target.weight must be a number from 0.001 to 65535, got 2'],
    [{ url: 'http://a', wieght: 2 }, "orders: target: unknown option 'wieght'; did you mean 'weight'?"],
    [
      { url: 'http://a', version: '' },
      "orders: target.version must be 1 to 32 letters, digits, dots, dashes, got ''",
    ],
    [
      { url: 'http://a', version: 'v2\r\nx: y' },
      "orders: target.version must be 1 to 32 letters, digits, dots, dashes, got 'v2\r\nx: y'",
    ],
  ])('%j', (list, message) => {
    expect(() => parseTargets('orders', list)).toThrow(new RangeError(message));
  });
});

test('a thousand targets are allowed', () => {
  const list = Array.from({ length: 1_000 }, (_, index) => `http://a:${index + 1}`);
  expect(parseTargets('orders', list)).toHaveLength(1_000);
});

describe('two lists are the same', () => {
  const list: readonly Target[] = [
    { origin: 'http://a', weight: 1 },
    { origin: 'http://b', weight: 2, version: 'v1' },
  ];

  test('when every target is', () => {
    expect(sameTargets(list, structuredClone(list))).toBe(true);
    expect(sameTargets([], [])).toBe(true);
  });

  test.each<[string, readonly Target[]]>([
    ['a target more', [...list, { origin: 'http://c', weight: 1 }]],
    ['a target less', list.slice(1)],
    ['another order', list.toReversed()],
    ['another origin', [{ origin: 'http://x', weight: 1 }, ...list.slice(1)]],
    ['another weight', [{ origin: 'http://a', weight: 3 }, ...list.slice(1)]],
    ['another version', [{ origin: 'http://a', weight: 1, version: 'v1' }, ...list.slice(1)]],
  ])('not with %s', (_difference, other) => {
    expect(sameTargets(list, other)).toBe(false);
    expect(sameTargets(other, list)).toBe(false);
  });
});

test('nothing is held against a new target', () => {
  expect(new TargetState({ origin: 'http://a', weight: 1 })).toMatchObject({
    pending: 0,
    failures: 0,
    ejectedUntilMs: 0,
    health: 'unknown',
  });
});
