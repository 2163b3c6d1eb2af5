/**
 * Lines on their way to a descriptor: collected for a moment and written in one go, by a thread that is not ours, in
 * the order in which they came. What cannot be written waits, up to a bound; beyond it lines are dropped and
 * counted, because a log that nobody reads must not take the gateway down.
 *
 * @see {@link https://man7.org/linux/man-pages/man2/writev.2.html writev(2)}
 * @module
 */
import { type Clock, systemClock } from '../context/clock.ts';
import type { Output } from './output.ts';

export interface BatchOptions {
  /** Default: the clock of the machine. */
  readonly clock?: Clock;
  /** Bytes that may wait. Default 16 MiB. */
  readonly maxBytes?: number;
  /** Characters that are worth a write of their own. Default 32 768. */
  readonly batchLength?: number;
  /** How many batches that wait are written in one go. Default 32. */
  readonly maxParts?: number;
}

/** How long a line may wait for others. */
const patienceMs = 100;
/** How long to leave a descriptor alone that takes nothing. */
const retryMs = 10;
/** A write that takes longer has nobody who reads. */
const stuckMs = 1_000;

interface Batch {
  rest: Uint8Array;
  readonly lines: number;
}

export class BatchedLines {
  readonly #output: Output;
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #batchLength: number;
  readonly #maxParts: number;
  /** Lines that are no batch yet. */
  #open = '';
  #openLines = 0;
  #isTimed = false;
  /** Batches that are not out; the first ones are being written. */
  readonly #batches: Batch[] = [];
  #waitingBytes = 0;
  /** Batches that are being written, or wait for a descriptor that takes nothing. */
  #inFlight = 0;
  #isResting = false;
  #writingSinceMs = 0;
  #lost = 0;
  #whenIdle: (() => void)[] = [];

  constructor(output: Output, options: BatchOptions = {}) {
    this.#output = output;
    this.#clock = options.clock ?? systemClock;
    this.#maxBytes = options.maxBytes ?? 16 * 1_024 * 1_024;
    this.#batchLength = options.batchLength ?? 32_768;
    this.#maxParts = options.maxParts ?? 32;
  }

  /** Takes a line, with its end. False when it was dropped. */
  write(line: string): boolean {
    if (this.#waitingBytes >= this.#maxBytes) return false;
    if (this.#open.length + line.length > this.#batchLength) this.#send();
    this.#open += line;
    this.#openLines += 1;
    if (!this.#isTimed) this.#sendLater();
    return true;
  }

  /** Lines that were taken and could not be written, since this was last asked. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  /** Resolves when everything taken so far is written or lost, or after a second. */
  flush(): Promise<void> {
    this.#send();
    if (this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#clock.after(stuckMs, resolve);
      this.#whenIdle.push(() => {
        cancel();
        resolve();
      });
    });
  }

  /** Writes the rest before it returns: for the end of the process. Gives up where nobody reads. */
  flushNow(): void {
    this.#closeBatch();
    if (this.#inFlight > 0 && !this.#isResting) {
      if (this.#clock.monotonicMs() - this.#writingSinceMs > stuckMs) return;
      pause(retryMs); // the thread that has the first ones is about to be done with them
      this.#batches.splice(0, this.#inFlight);
    }
    let patience = stuckMs / retryMs;
    while (this.#batches[0] !== undefined && patience > 0) {
      try {
        this.#advance(this.#output.writeNow(this.#batches[0].rest));
      } catch (error) {
        if (!isBusy(error)) return;
        pause(retryMs);
        patience -= 1;
      }
    }
  }

  #sendLater(): void {
    this.#isTimed = true;
    this.#clock.after(patienceMs, () => {
      this.#isTimed = false;
      this.#send();
    });
  }

  #send(): void {
    this.#closeBatch();
    if (this.#inFlight === 0) this.#writeNext();
  }

  /** From here on the lines are bytes, and counted as such. */
  #closeBatch(): void {
    if (this.#openLines === 0) return;
    const rest = Buffer.from(this.#open);
    this.#batches.push({ rest, lines: this.#openLines });
    this.#waitingBytes += rest.length;
    this.#open = '';
    this.#openLines = 0;
  }

  #writeNext(): void {
    const parts = this.#batches.slice(0, this.#maxParts).map(({ rest }) => rest);
    this.#inFlight = parts.length;
    if (parts.length === 0) {
      for (const idle of this.#whenIdle.splice(0)) idle();
      return;
    }
    this.#writingSinceMs = this.#clock.monotonicMs();
    this.#attempt(parts);
  }

  #attempt(parts: readonly Uint8Array[]): void {
    this.#isResting = false;
    this.#output.write(parts, (error, written) => {
      if (error !== null && isBusy(error)) {
        this.#isResting = true;
        this.#clock.after(retryMs, () => this.#attempt(parts));
        return;
      }
      if (error === null) this.#advance(written);
      else this.#lose(parts.length);
      this.#writeNext();
    });
  }

  /** So many bytes from the front are out. */
  #advance(written: number): void {
    this.#waitingBytes -= written;
    let left = written;
    for (let [batch] = this.#batches; batch !== undefined && left > 0; [batch] = this.#batches) {
      const taken = Math.min(left, batch.rest.length);
      left -= taken;
      batch.rest = batch.rest.subarray(taken);
      if (batch.rest.length === 0) this.#batches.shift();
    }
  }

  #lose(count: number): void {
    for (const { rest, lines } of this.#batches.splice(0, count)) {
      this.#lost += lines;
      this.#waitingBytes -= rest.length;
    }
  }
}

function isBusy(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EAGAIN' || code === 'EBUSY';
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
