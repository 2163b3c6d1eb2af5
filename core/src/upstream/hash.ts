/**
 * Stable hashes for choices that every instance must make alike: which target a key sticks to, which
 * side of a split a subject is on. Not for secrets: whoever knows the key can compute them.
 *
 * @see {@link http://www.isthe.com/chongo/tech/comp/fnv/ Fowler, Noll, Vo}, FNV-1a
 * @see {@link https://github.com/aappleby/smhasher MurmurHash3}, whose finaliser spreads the bits
 * @module
 */

const range = 2 ** 32;

/** A whole number in `[0, 2^32)`: FNV-1a over the UTF-16 units of `text`, finished. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return finish(hash);
}

/** Joins two hashes into one in `[0, 2^32)`; the order of the two matters. */
export function hashPair(first: number, second: number): number {
  return finish(Math.imul(first, 0x9e3779b1) ^ second);
}

/** A hash as a number strictly between 0 and 1. */
export function unit(hash: number): number {
  return (hash + 0.5) / range;
}

/**
 * What a candidate bids for a key in rendezvous hashing: the highest bid wins, and a candidate wins a
 * share of all keys proportional to its weight. Taking a candidate away or changing its weight moves
 * only the keys it loses or wins.
 *
 * @param hash Of the key and the candidate together: {@link hashPair}.
 * @see {@link https://en.wikipedia.org/wiki/Rendezvous_hashing#Weighted_rendezvous_hash weighted rendezvous hashing}
 */
export function rendezvousBid(hash: number, weight: number): number {
  return -weight / Math.log(unit(hash));
}

function finish(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
