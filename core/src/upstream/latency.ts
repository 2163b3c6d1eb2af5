/**
 * Live quantiles of one operation: the last calls that ended, in a ring. Old behaviour is forgotten by
 * count, so a change shows within a few hundred calls.
 *
 * @module
 */

const size = 256;
const minSamples = 20;
const refreshEvery = 16;

export class Latency {
  readonly #ring = new Float64Array(size);
  #sorted = new Float64Array(0);
  #count = 0;
  #sinceSorted = 0;

  /** Remembers the duration of one call, in milliseconds. */
  record(ms: number): void {
    this.#ring[this.#count % size] = ms;
    this.#count += 1;
    this.#sinceSorted += 1;
  }

  /**
   * The value below which the share `q` of the remembered calls lies, in milliseconds; `undefined`
   * before 20 calls. At most 16 calls behind.
   *
   * @param q In `(0, 1)`.
   */
  quantile(q: number): number | undefined {
    if (this.#count < minSamples) return undefined;
    if (this.#sorted.length === 0 || this.#sinceSorted >= refreshEvery) {
      this.#sorted = this.#ring.slice(0, Math.min(this.#count, size)).sort();
      this.#sinceSorted = 0;
    }
    return this.#sorted[Math.min(this.#sorted.length - 1, Math.floor(q * this.#sorted.length))];
  }
}
