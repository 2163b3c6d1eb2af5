import { expect, test } from 'vitest';
import { resolveCache } from './cache-options.ts';
import { termsOf } from './directives.ts';

const declared = { ttlMs: 60_000, swrMs: 30_000, staleIfErrorMs: 90_000 };
const terms = (scope: 'public' | 'principal', headers: Record<string, string>, status = 200) =>
  termsOf(resolveCache('test', { scope, ...declared }), { status, header: (name) => headers[name] });
const control = (text: string, scope: 'public' | 'principal' = 'public') =>
  terms(scope, { 'cache-control': text });

test('a service that says nothing leaves what is declared', () => {
  expect(terms('public', {})).toMatchObject({
    isStorable: true,
    freshMs: 60_000,
    swrMs: 30_000,
    staleIfErrorMs: 90_000,
  });
});

test.each([
  ['max-age=10', 10_000],
  ['max-age=600', 60_000],
  ['max-age=10, s-maxage=20', 20_000],
  ['MAX-AGE="10"', 10_000],
  ['max-age=10, max-age=5', 5_000],
  ['max-age=soon', 0],
  ['max-age=-1', 0],
  ['max-age', 0],
  ['no-cache', 0],
  ['no-cache="set-cookie", max-age=10', 0],
  ['x=", max-age=5"', 60_000],
])('the shorter time wins: %s', (text, freshMs) => {
  expect(control(text).freshMs).toBe(freshMs);
});

test('the time for shared caches is not for what belongs to one caller', () => {
  expect(control('max-age=10, s-maxage=20', 'principal').freshMs).toBe(10_000);
  expect(control('s-maxage=20', 'principal').freshMs).toBe(60_000);
});

test('what an answer spent in caches before counts', () => {
  expect(terms('public', { 'cache-control': 'max-age=10', age: '4' }).freshMs).toBe(6_000);
  expect(terms('public', { 'cache-control': 'max-age=10', age: '40' }).freshMs).toBe(0);
});

test('prohibitions hold whatever is declared', () => {
  expect(control('no-store').isStorable).toBe(false);
  expect(control('no-store', 'principal').isStorable).toBe(false);
  expect(control('private').isStorable).toBe(false);
  expect(control('private', 'principal').isStorable).toBe(true);
  expect(terms('principal', { 'set-cookie': 'a=b' }).isStorable).toBe(false);
  expect(terms('public', { vary: '*' }).isStorable).toBe(false);
  expect(terms('public', {}, 206).isStorable).toBe(false);
});

test('stale answers are served as long as both sides agree', () => {
  expect(control('stale-while-revalidate=5, stale-if-error=600')).toMatchObject({
    swrMs: 5_000,
    staleIfErrorMs: 90_000,
  });
  for (const strict of ['must-revalidate', 'proxy-revalidate', 'no-cache']) {
    expect(control(strict)).toMatchObject({ swrMs: 0, staleIfErrorMs: 0 });
  }
  expect(control('proxy-revalidate', 'principal')).toMatchObject({ swrMs: 30_000 });
});

test.each([
  [{ scope: 'all', ttlMs: 1 }, "scope must be 'public' or 'principal', got all"],
  [{ ttlMs: 1 }, "scope must be 'public' or 'principal', got undefined"],
  [{ scope: 'public' }, 'ttlMs must be a number from 0 to 604800000, got undefined'],
  [{ scope: 'public', ttlMs: 1, ttl: 2 }, "unknown option 'ttl'; did you mean 'ttlMs'?"],
  [{ scope: 'public', ttlMs: 1, tags: [' '] }, "a tag must be 1 to 128 letters, digits or _.:@-, got ' '"],
  [{ scope: 'public', ttlMs: 1, tags: Array(17).fill('a') }, 'tags must be a list of at most 16, got 17'],
  [
    { scope: 'public', ttlMs: 1, vary: ['Accept'] },
    "vary must name headers in lower case that do not say who calls, got 'Accept'",
  ],
  [
    { scope: 'public', ttlMs: 1, vary: ['cookie'] },
    "vary must name headers in lower case that do not say who calls, got 'cookie'",
  ],
])('boot refuses %j', (options, message) => {
  expect(() => resolveCache('GET /x', options as never)).toThrow(`GET /x: cache: ${message}`);
});
