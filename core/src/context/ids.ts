/**
 * Identifiers of a request: its own id, and the trace it belongs to.
 *
 * @see {@link https://www.w3.org/TR/trace-context/ W3C Trace Context}
 * @module
 */
import { randomBytes } from 'node:crypto';
import { requireInteger } from './options.ts';

/** Where identifiers come from; injected so that tests can foresee them. */
export interface IdSource {
  /** 16 random bytes as 32 lowercase hexadecimal digits; never all zero. */
  traceId(): string;
  /** 8 random bytes as 16 lowercase hexadecimal digits; never all zero. */
  spanId(): string;
}

/**
 * Identifiers from the system's random source, drawn in blocks because one draw per id is slow.
 *
 * @param blockBytes Bytes per draw, a whole number from 16 to 65 536. Default 4 096.
 * @throws {RangeError} for any other size.
 */
export function randomIds(blockBytes = 4_096): IdSource {
  requireInteger('randomIds', 'blockBytes', blockBytes, 16, 65_536);
  let block = '';
  let used = 0;
  const draw = (digits: number): string => {
    if (used + digits > block.length) {
      block = randomBytes(blockBytes).toString('hex');
      used = 0;
    }
    const id = block.slice(used, used + digits);
    used += digits;
    return /^0+$/.test(id) ? draw(digits) : id;
  };
  return { traceId: () => draw(32), spanId: () => draw(16) };
}
