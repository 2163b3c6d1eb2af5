import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { keyHash, keyHashForm } from './key-hash.ts';

const [first, second, third] = ['a'.repeat(32), 'b'.repeat(32), 'c'.repeat(40)];

test('what is kept is the HMAC-SHA-256 of the key under the pepper', () => {
  expect(keyHash(first).of('key')).toBe(createHmac('sha256', first).update('key').digest('hex'));
});

test('a key matches its own hash only, and never the lack of one', () => {
  const hash = keyHash(first);
  expect(hash.matches('key', hash.of('key'))).toBe(true);
  expect(hash.matches('kez', hash.of('key'))).toBe(false);
  expect(hash.matches('key', undefined)).toBe(false);
  expect(keyHash(second).matches('key', hash.of('key'))).toBe(false);
});

test('while the pepper changes the first hashes and all verify', () => {
  const changing = keyHash([second, first, third]);
  for (const pepper of [first, second, third]) {
    expect(changing.matches('key', keyHash(pepper).of('key'))).toBe(true);
  }
  expect(changing.of('key')).toBe(keyHash(second).of('key'));
});

test('a hash is 64 lowercase hexadecimal digits, and up to five peppers may make one', () => {
  const hash = keyHash([first, second, third, 'd'.repeat(32), 'e'.repeat(32)]).of('key');
  expect(
    [hash, `${hash}0`, `0${hash}`, hash.slice(1), hash.toUpperCase()].map((text) => keyHashForm.test(text)),
  ).toEqual([true, false, false, false, false]);
});

describe('refuses to start with', () => {
  test.each<[string, string | string[], string]>([
    ['a short pepper', 'a'.repeat(31), 'apiKeys: pepper 1 must have at least 32 characters, got 31'],
    ['a short one among others', [first, ''], 'apiKeys: pepper 2 must have at least 32 characters, got 0'],
    ['no pepper', [], 'apiKeys: pepper must be 1 to 5 texts, got 0'],
    ['too many', Array(6).fill(first), 'apiKeys: pepper must be 1 to 5 texts, got 6'],
  ])('%s', (_what, peppers, message) => {
    expect(() => keyHash(peppers)).toThrow(new RangeError(message));
  });
});
