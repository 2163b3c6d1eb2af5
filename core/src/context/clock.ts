/**
 * Time as a parameter. Nothing in the core reads the system clock or sets a timer by itself, so a
 * test can hold time still and move it.
 *
 * @module
 */

/** Stops a timer that has not fired; harmless afterwards. */
export type CancelTimer = () => void;

export interface Clock {
  /** Milliseconds since the Unix epoch; may step when the system's clock is set. For dates only. */
  wallMs(): number;
  /** Milliseconds since some fixed moment; never steps back. For every duration. */
  monotonicMs(): number;
  /** Runs `fire` once, `delayMs` from now. */
  after(delayMs: number, fire: () => void): CancelTimer;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, fire) {
    const timer = setTimeout(fire, delayMs);
    return () => clearTimeout(timer);
  },
};
