import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashPair, hashText, rendezvousBid, unit } from './hash.ts';

test('hashes never change: instances of different releases must choose alike', () => {
  expect(hashText('')).toBe(2_872_998_923);
  expect(hashText('usr_0001')).toBe(1_403_890_413);
  expect(hashText('Zürich 🚲')).toBe(1_230_039_218);
  expect(hashPair(1, 2)).toBe(2_117_216_093);
});

test('the order of a pair matters', () => {
  expect(hashPair(1, 2)).not.toBe(hashPair(2, 1));
});

test('keys that differ in one digit spread evenly', () => {
  const tenths = new Array<number>(10).fill(0);
  for (let index = 0; index < 10_000; index += 1) {
    const tenth = Math.floor(unit(hashText(`usr_${index}`)) * 10);
    tenths[tenth] = (tenths[tenth] ?? Number.NaN) + 1;
  }
  expect(Math.min(...tenths)).toBeGreaterThan(850);
  expect(Math.max(...tenths)).toBeLessThan(1_150);
});

test('every hash is a whole number of 32 bits, and every bid positive and finite', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.string(),
      fc.double({ min: 0.001, max: 65_535, noNaN: true }),
      (a, b, weight) => {
        const hash = hashPair(hashText(a), hashText(b));
        expect(Number.isInteger(hash) && hash >= 0 && hash < 2 ** 32).toBe(true);
        const bid = rendezvousBid(hash, weight);
        expect(bid > 0 && Number.isFinite(bid)).toBe(true);
      },
    ),
  );
});

test('the ends of the range are inside (0, 1), so that no bid is endless', () => {
  expect(unit(0)).toBeGreaterThan(0);
  expect(unit(2 ** 32 - 1)).toBeLessThan(1);
  expect(Number.isFinite(rendezvousBid(2 ** 32 - 1, 65_535))).toBe(true);
});
