/**
 * When to look at which receiver next. Looking is done one at a time per receiver; a reason to look that comes
 * meanwhile is not forgotten.
 *
 * @module
 */
import type { CancelTimer, Clock } from '../context/clock.ts';

interface Entry {
  timer: CancelTimer | undefined;
  isLooking: boolean;
  isWanted: boolean;
}

/** Looks at one; resolves to the milliseconds until it wants to be looked at again. Never rejects. */
type Look = (name: string) => Promise<number | undefined>;

export class Agenda {
  readonly #clock: Clock;
  readonly #look: Look;
  readonly #entries = new Map<string, Entry>();
  readonly #running = new Set<Promise<void>>();
  #isClosed = false;

  constructor(clock: Clock, look: Look) {
    this.#clock = clock;
    this.#look = look;
  }

  /** Looks now, or again when it is just being looked at. */
  now(name: string): void {
    if (this.#isClosed) return;
    const entry = this.#entries.get(name) ?? { timer: undefined, isLooking: false, isWanted: false };
    this.#entries.set(name, entry);
    entry.timer?.();
    entry.timer = undefined;
    entry.isWanted = true;
    if (entry.isLooking) return;
    entry.isLooking = true;
    const running = this.#run(name, entry).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Looks now, unless it is known when to. */
  find(name: string): void {
    if (!this.#entries.has(name)) this.now(name);
  }

  /** Looks at nothing more. @returns When the looks that are under way have ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { timer } of this.#entries.values()) timer?.();
    await Promise.all(this.#running);
  }

  async #run(name: string, entry: Entry): Promise<void> {
    let nextMs: number | undefined;
    while (entry.isWanted && !this.#isClosed) {
      entry.isWanted = false;
      nextMs = await this.#look(name);
    }
    entry.isLooking = false;
    if (nextMs === undefined || this.#isClosed) this.#entries.delete(name);
    else entry.timer = this.#clock.after(nextMs, () => this.now(name));
  }
}
