/**
 * The right to deliver to one receiver: one instance has it at a time, and loses it when it dies. What an instance
 * found out is written by comparing with what it had read, so one that was too slow writes nothing (fencing).
 *
 * @see {@link https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html Kleppmann}
 * @module
 */
import type { Clock } from '../context/clock.ts';
import type { RecordStore } from '../records/record-store.ts';
import { attemptMs } from './post.ts';

/** Whoever died is replaced after this. */
export const leaseMs = 20_000;
/** An attempt ends while the lease is ours. */
const neededMs = attemptMs + 2_000;

/** The lease was given to somebody else. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

export interface LeaseParts {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly key: string;
  /** A text that nobody else has. */
  readonly token: string;
}

export class Lease {
  readonly #parts: LeaseParts;
  #untilMs: number;
  #renewing: Promise<void> | undefined;

  private constructor(parts: LeaseParts, untilMs: number) {
    this.#parts = parts;
    this.#untilMs = untilMs;
  }

  /** Takes the lease; nothing when another instance has it. */
  static async take(parts: LeaseParts): Promise<Lease | undefined> {
    const { records, clock, key, token } = parts;
    const untilMs = clock.monotonicMs() + leaseMs; // counted from before it was asked for
    return (await records.set(key, token, { ttlMs: leaseMs, when: 'absent' }))
      ? new Lease(parts, untilMs)
      : undefined;
  }

  /** Makes sure that it holds for one attempt. @throws {LeaseLost} */
  async keep(): Promise<void> {
    if (this.#untilMs - this.#parts.clock.monotonicMs() >= neededMs) return;
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = undefined;
    });
    await this.#renewing;
  }

  /** Gives it back. Never rejects: it ends by itself. */
  async release(): Promise<void> {
    await this.#parts.records.delete(this.#parts.key, this.#parts.token).catch(() => {});
  }

  async #renew(): Promise<void> {
    const { records, clock, key, token } = this.#parts;
    const untilMs = clock.monotonicMs() + leaseMs;
    if (!(await records.set(key, token, { ttlMs: leaseMs, when: { is: token } })))
      throw new LeaseLost('another instance delivers to this receiver now');
    this.#untilMs = untilMs;
  }
}
