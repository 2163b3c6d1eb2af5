/**
 * What the gateway of the soak and the one who asks it have in common.
 *
 * @module
 */

/** The deadline of every endpoint, in milliseconds. */
export const deadlineMs = 250;

/** What the gateway holds after a collection. */
export interface Holdings {
  readonly heapBytes: number;
  readonly sockets: number;
  readonly timers: number;
  /** The longest its event loop stood still since its start, in milliseconds: whatever waits for a busy machine. */
  readonly stallMs: number;
  /** Unhandled rejections and warnings since its start. */
  readonly complaints: readonly string[];
}
