import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explainKeys, maxExplainMs } from './signature.ts';

const keyOf = (letter: string): string => Buffer.alloc(32, letter).toString('base64');
const nowMs = 1_795_000_000_000;
const request = { method: 'GET', target: '/api/home?orders=2' };
const keys = explainKeys('explainKeys', [keyOf('a')]);
const header = keys.sign(request, nowMs + 60_000);

test('a header holds for its request until it expires', () => {
  expect(keys.holds(header, request, nowMs)).toBe(true);
  expect(keys.holds(header, request, nowMs + 59_999)).toBe(true);
  expect(keys.holds(header, request, nowMs + 60_000)).toBe(false);
});

test('an expiry further away than ten minutes holds no more than one that has passed', () => {
  const farHeader = keys.sign(request, nowMs + maxExplainMs + 1_000);
  expect(keys.holds(farHeader, request, nowMs)).toBe(false);
  expect(keys.holds(farHeader, request, nowMs + 1_000)).toBe(true);
});

test('it holds for any query of its path, and for no other path and no other method', () => {
  expect(keys.holds(header, { method: 'GET', target: '/api/home?orders=9' }, nowMs)).toBe(true);
  expect(keys.holds(header, { method: 'GET', target: '/api/home/' }, nowMs)).toBe(false);
  expect(keys.holds(header, { method: 'POST', target: '/api/home' }, nowMs)).toBe(false);
});

test('every changed character ends it', () => {
  fc.assert(
    fc.property(fc.nat(header.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, letter) => {
      fc.pre(header[at] !== letter);
      const changed = header.slice(0, at) + letter + header.slice(at + 1);
      // The last letter of base64url carries two bits that mean nothing.
      const isSame = Buffer.from(changed.slice(11), 'base64url').equals(
        Buffer.from(header.slice(11), 'base64url'),
      );
      fc.pre(at < 11 || !isSame);
      expect(keys.holds(changed, request, nowMs)).toBe(false);
    }),
  );
});

test('no other text holds, however long', () => {
  fc.assert(fc.property(fc.string({ maxLength: 100 }), (text) => !keys.holds(text, request, nowMs)));
  expect(keys.holds(header.repeat(10_000), request, nowMs)).toBe(false);
  expect(keys.holds(`${header}, ${header}`, request, nowMs)).toBe(false);
});

describe('the ring', () => {
  const ring = explainKeys('explainKeys', [keyOf('b'), keyOf('a')]);

  test('signs with the first key and holds with all', () => {
    expect(ring.holds(header, request, nowMs)).toBe(true);
    const fresh = ring.sign(request, nowMs + 60_000);
    expect(ring.holds(fresh, request, nowMs)).toBe(true);
    expect(keys.holds(fresh, request, nowMs)).toBe(false);
  });

  test('names its keys without showing them', () => {
    expect(ring.ids[1]).toBe(keys.ids[0]);
    expect(new Set(ring.ids).size).toBe(2);
    expect(ring.ids.join()).not.toContain(keyOf('a').slice(0, 6));
  });

  test.each([
    [[], 'explainKeys: keys must be 1 to 10 keys, got 0'],
    [Array.from({ length: 11 }, () => randomBytes(32).toString('base64')), 'must be 1 to 10 keys, got 11'],
    [['c2hvcnQ='], 'explainKeys: keys[0] must be 32 bytes as base64, got 5 bytes'],
    [[keyOf('a'), keyOf('a')], 'explainKeys: keys must differ'],
  ])('refuses %j', (wrong, message) => {
    expect(() => explainKeys('explainKeys', wrong)).toThrow(message);
  });
});
