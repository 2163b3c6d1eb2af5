/**
 * What went wrong lately, one group per code and place: a thousand failures of one kind are one line. When there
 * is no room the group that was quiet longest makes it.
 *
 * @module
 */

/** What went wrong: an answer, a part of one, or something in the background. */
export type ProblemKind = 'answer' | 'part' | 'background';

export interface ProblemGroup {
  readonly kind: ProblemKind;
  /** Code of the problem. */
  readonly code: string;
  /** Route, or the part of the gateway. */
  readonly place: string;
  /** Node and operation of a part that failed. */
  readonly node?: string;
  readonly operation?: string;
  readonly status?: number;
  count: number;
  readonly firstMs: number;
  /** Monotonic milliseconds of the latest. */
  lastMs: number;
  /** What failed inside the latest. */
  cause: unknown;
  /** The latest request. */
  requestId: string;
}

type Occurrence = Omit<ProblemGroup, 'count' | 'firstMs' | 'lastMs'>;

const capacity = 200;

export class ProblemGroups {
  readonly #groups = new Map<string, ProblemGroup>();

  note(found: Occurrence, nowMs: number): void {
    const key = `${found.kind} ${found.code} ${found.place} ${found.node ?? ''}`;
    const known = this.#groups.get(key);
    if (known === undefined) {
      if (this.#groups.size >= capacity) this.#groups.delete(this.#quietest());
      this.#groups.set(key, { ...found, count: 1, firstMs: nowMs, lastMs: nowMs });
      return;
    }
    known.count += 1;
    known.lastMs = nowMs;
    known.cause = found.cause;
    known.requestId = found.requestId;
  }

  /** The latest first. */
  list(most: number): readonly ProblemGroup[] {
    return [...this.#groups.values()].sort((a, b) => b.lastMs - a.lastMs).slice(0, most);
  }

  #quietest(): string {
    let quietest = '';
    let leastMs = Number.POSITIVE_INFINITY;
    for (const [key, { lastMs }] of this.#groups) {
      if (lastMs < leastMs) {
        leastMs = lastMs;
        quietest = key;
      }
    }
    return quietest;
  }
}
