/**
 * Randomness as a parameter, for choices that must be fast and not secret: which target, how much
 * jitter. A test gives a seed and gets the same choices every time.
 *
 * @see {@link https://prng.di.unimi.it/ Vigna, pseudo-random generators}: 32 bits of state are enough to spread load
 * @module
 */
import { randomInt } from 'node:crypto';

/** The next number in `[0, 1)`. Never for tokens, ids or anything an attacker must not guess. */
export type Random = () => number;

/**
 * Mulberry32: the same seed gives the same numbers.
 *
 * @param seed Any number; its low 32 bits count.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return function nextRandom() {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A generator with a seed of the system's: every process chooses differently. */
export function systemRandom(): Random {
  return seededRandom(randomInt(2 ** 32));
}

/** `ms` give or take a fifth, so that instances that started together do not stay together. */
export function jittered(ms: number, random: Random): number {
  return ms * (0.8 + 0.4 * random());
}
