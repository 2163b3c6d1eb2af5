/**
 * Counters by the second for the last five minutes: a ring of plain numbers, so that counting is an addition and
 * forgetting is an overwrite.
 *
 * @module
 */

/** Seconds that are remembered. */
export const keptSeconds = 300;

export class SecondRing {
  /** Counter `c` of the second that begins at offset `o` is `values[o + c]`. */
  readonly values: Uint32Array;
  readonly #width: number;
  #lastSecond = -1;

  /** @param width Counters per second. */
  constructor(width: number) {
    this.#width = width;
    this.values = new Uint32Array(keptSeconds * width);
  }

  /** The second something was counted in last; -1 when there was none. */
  get lastSecond(): number {
    return this.#lastSecond;
  }

  /** Where the counters of this second begin. A clock that steps back counts into the last second. */
  at(second: number): number {
    if (second > this.#lastSecond) this.#advance(second);
    return (this.#lastSecond % keptSeconds) * this.#width;
  }

  /** The sum of one counter over the `seconds` that end with `second`. */
  sum(counter: number, second: number, seconds: number): number {
    let total = 0;
    for (let each = this.#first(second, seconds); each <= this.#lastSecond && each <= second; each += 1) {
      total += this.values[(each % keptSeconds) * this.#width + counter] as number;
    }
    return total;
  }

  /** One counter, second by second up to and with `second`, without the zeros it begins with. */
  history(counter: number, second: number): number[] {
    const found: number[] = [];
    for (let each = this.#first(second, keptSeconds); each <= second; each += 1) {
      const isKnown = each <= this.#lastSecond;
      const value = isKnown ? (this.values[(each % keptSeconds) * this.#width + counter] as number) : 0;
      if (value > 0 || found.length > 0) found.push(value);
    }
    return found;
  }

  /** The first second of a window that the ring still knows. */
  #first(second: number, seconds: number): number {
    return Math.max(0, second - seconds + 1, this.#lastSecond - keptSeconds + 1);
  }

  #advance(second: number): void {
    const silent = this.#lastSecond < 0 ? keptSeconds : Math.min(keptSeconds, second - this.#lastSecond);
    for (let back = 0; back < silent; back += 1) {
      const offset = ((second - back + keptSeconds) % keptSeconds) * this.#width;
      this.values.fill(0, offset, offset + this.#width);
    }
    this.#lastSecond = second;
  }
}
