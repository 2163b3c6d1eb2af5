/**
 * Durations of the last five minutes as histograms of ten seconds each, from which quantiles are read. Forty
 * buckets, each a third wider than the one before, from a quarter of a millisecond to half a minute.
 *
 * @module
 */
const bucketCount = 40;
const slotSeconds = 10;
const slotCount = 30;
const firstBoundMs = 0.25;
const growth = 1.35;
const scale = 1 / Math.log(growth);

/** The upper bound of a bucket; the last one has none, and stands for its lower. */
function boundMs(bucket: number): number {
  return firstBoundMs * growth ** bucket;
}

export class LatencyRing {
  readonly #buckets = new Uint32Array(slotCount * bucketCount);
  /** Which ten seconds each slot is about. */
  readonly #slots = new Int32Array(slotCount).fill(-1);

  add(second: number, durationMs: number): void {
    const slot = Math.floor(second / slotSeconds);
    const index = slot % slotCount;
    if (this.#slots[index] !== slot) {
      if ((this.#slots[index] as number) > slot) return; // a clock that stepped back by minutes
      this.#slots[index] = slot;
      this.#buckets.fill(0, index * bucketCount, (index + 1) * bucketCount);
    }
    (this.#buckets[index * bucketCount + bucketOf(durationMs)] as number) += 1;
  }

  /** The counts of the buckets over the `seconds` that end with `second`, up to ten more. */
  counts(second: number, seconds: number): number[] {
    const last = Math.floor(second / slotSeconds);
    const first = Math.floor((second - seconds + 1) / slotSeconds);
    const total = new Array<number>(bucketCount).fill(0);
    for (let index = 0; index < slotCount; index += 1) {
      const slot = this.#slots[index] as number;
      if (slot < first || slot > last) continue;
      for (let bucket = 0; bucket < bucketCount; bucket += 1) {
        (total[bucket] as number) += this.#buckets[index * bucketCount + bucket] as number;
      }
    }
    return total;
  }
}

/** The upper bounds of the buckets. */
export const boundsMs: readonly number[] = Array.from({ length: bucketCount }, (_, bucket) =>
  boundMs(bucket),
);

/** Buckets without the empty ones at both ends: the first one that counts, then the counts. */
export function trimmed(counts: readonly number[]): number[] {
  const first = counts.findIndex((count) => count > 0);
  if (first < 0) return [0];
  return [first, ...counts.slice(first, counts.findLastIndex((count) => count > 0) + 1)];
}

/** The values below which these shares of the durations lie, in milliseconds; 0 when there is none. */
export function quantiles(counts: readonly number[], shares: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return shares.map((share) => (total === 0 ? 0 : quantile(counts, share * total)));
}

/** The share of the durations above `ms`, between 0 and 1. */
export function shareAbove(counts: readonly number[], ms: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return 0;
  const slower = counts.reduce((sum, count, bucket) => sum + (boundMs(bucket - 1) >= ms ? count : 0), 0);
  return slower / total;
}

/** The buckets of short durations, by the sixteenth of a millisecond: a look instead of a logarithm. */
const cellsPerMs = 16;
const tableEndMs = 64;
/** Where a bound lies within the sixteenth. */
const divided = 255;
const table = Uint8Array.from({ length: tableEndMs * cellsPerMs }, (_, cell) => {
  const bucket = computedBucket(cell / cellsPerMs);
  return computedBucket((cell + 1) / cellsPerMs) === bucket ? bucket : divided;
});

function bucketOf(durationMs: number): number {
  const isShort = durationMs >= 0 && durationMs < tableEndMs;
  const known = isShort ? (table[Math.trunc(durationMs * cellsPerMs)] as number) : divided;
  return known === divided ? computedBucket(durationMs) : known;
}

function computedBucket(durationMs: number): number {
  if (!(durationMs > firstBoundMs)) return 0;
  return Math.min(bucketCount - 1, Math.ceil(Math.log(durationMs / firstBoundMs) * scale));
}

function quantile(counts: readonly number[], rank: number): number {
  let before = 0;
  for (const [bucket, count] of counts.entries()) {
    if (count > 0 && before + count >= rank) {
      const low = bucket === 0 ? 0 : boundMs(bucket - 1);
      const high = bucket === counts.length - 1 ? low : boundMs(bucket);
      return low + ((rank - before) / count) * (high - low);
    }
    before += count;
  }
  return 0;
}
