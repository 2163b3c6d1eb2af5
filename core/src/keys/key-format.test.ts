import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createKey, environmentForm, keyIdForm, parseKey, shownKey } from './key-format.ts';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const visible = Array.from({ length: 95 }, (_, index) => String.fromCodePoint(32 + index));
const keys = fc
  .tuple(fc.constantFrom('live', 'test', 'eu', 'sandbox2'), fc.infiniteStream(fc.nat({ max: 61 })))
  .map(([environment, digits]) => createKey(environment, () => digits.next().value));

test('a new key has 59 characters and says its environment and its id', () => {
  const { key, id, environment } = createKey('live');
  expect(key).toMatch(/^bffk_live_[A-Za-z0-9]{12}_[A-Za-z0-9]{36}$/);
  expect(key).toHaveLength(59);
  expect(parseKey(key)).toEqual({ environment, id });
  expect(shownKey({ environment, id })).toBe(key.slice(0, 22));
});

test('two keys have nothing in common, and use the whole alphabet', () => {
  const made = Array.from({ length: 200 }, () => createKey('live').key.slice(10));
  expect(new Set(made).size).toBe(200);
  expect(new Set(made.join('').replaceAll('_', ''))).toEqual(new Set(alphabet));
});

test('every key can be read', () => {
  fc.assert(
    fc.property(keys, ({ key, ...name }) => {
      expect(parseKey(key)).toEqual(name);
    }),
  );
});

test('the checksum is the CRC-32 of what is before it, in base 62', () => {
  const { key } = createKey('live', () => 0);
  expect(key).toBe(`bffk_live_${'0'.repeat(12)}_${'0'.repeat(30)}20MQJu`);
});

test('every change of one character is refused', () => {
  const { key } = createKey('live');
  const accepted = [...key].flatMap((_, index) =>
    visible
      .map((character) => key.slice(0, index) + character + key.slice(index + 1))
      .filter((changed) => changed !== key && parseKey(changed) !== undefined),
  );
  expect(accepted).toEqual([]);
});

test('a character too many, too few or swapped with its neighbour is refused', () => {
  fc.assert(
    fc.property(keys, fc.nat(), fc.constantFrom(...alphabet), ({ key }, position, character) => {
      const at = position % key.length;
      const [before, here, next, after] = [
        key.slice(0, at),
        key[at] ?? '',
        key[at + 1] ?? '',
        key.slice(at + 2),
      ];
      const changed = [
        before + next + after,
        before + character + here + next + after,
        before + next + here + after,
      ];
      for (const each of changed) if (each !== key) expect(parseKey(each)).toBeUndefined();
    }),
  );
});

test('a made-up key is refused', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^bffk_live_[A-Za-z0-9]{12}_[A-Za-z0-9]{36}$/), (key) => {
      expect(parseKey(key)).toBeUndefined();
    }),
  );
});

test('the parts have their lengths, no more and no less', () => {
  const lengths = (form: RegExp): number[] =>
    Array.from({ length: 20 }, (_, length) => length).filter((length) => form.test('a'.repeat(length)));
  expect(lengths(keyIdForm)).toEqual([12]);
  expect(lengths(environmentForm)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
  expect(['live', 'eu1', 'Live', '1eu', 'a_b'].map((name) => environmentForm.test(name))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

test.each([
  '',
  'bffk_',
  'bffk_live',
  `bffk_live_${'a'.repeat(12)}`,
  `${createKey('live').key}\n`,
  `x${createKey('live').key}`,
])('%j is no key', (text) => {
  expect(parseKey(text)).toBeUndefined();
});
