/**
 * The units that faults are written in, and the error for what cannot be read.
 *
 * @module
 */

/** What can be wrong with a fault as written. */
export type FaultErrorCode =
  | 'unknown_service'
  | 'unknown_mode'
  | 'invalid_fault'
  | 'invalid_argument'
  | 'invalid_rate';

/** A fault that cannot be read; the message is one line for the person who wrote it. */
export class FaultError extends Error {
  override readonly name = 'FaultError';
  readonly code: FaultErrorCode;

  constructor(code: FaultErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const MAX_DELAY_MS = 600_000;
const MAX_BYTES = 1_000_000_000;

/** Reads `300ms` or `2s` as milliseconds, ten minutes at most. */
export function parseDuration(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(text) ?? [];
  const ms = Number(number) * (unit === 's' ? 1_000 : 1);
  if (ms <= MAX_DELAY_MS) return ms;
  throw new FaultError('invalid_argument', `a duration looks like 300ms or 2s, up to 600s, got "${text}"`);
}

/** Reads `50MB`, `200KB` or `1GB` as bytes, 1 GB at most. */
export function parseSize(text: string): number {
  const [, number, unit = ''] = /^(\d+)(KB|MB|GB)$/.exec(text) ?? [];
  const bytes = Number(number) * (SIZES[unit] ?? 0);
  if (bytes > 0 && bytes <= MAX_BYTES) return bytes;
  throw new FaultError('invalid_argument', `a size looks like 200KB or 50MB, up to 1GB, got "${text}"`);
}

const SIZES: Readonly<Record<string, number>> = { KB: 1_000, MB: 1_000_000, GB: 1_000_000_000 };
