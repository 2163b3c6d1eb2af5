/**
 * The time of a log line, as a member of its JSON. Most lines share their second with the one before.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc3339 RFC 3339}
 * @module
 */
import type { Clock } from '../context/clock.ts';

/** Makes the function that writes `,"time":"2026-11-22T03:04:05.678Z"`. */
export function logTime(clock: Clock): () => string {
  let second = Number.NaN;
  let prefix = '';
  return function writeTime() {
    const ms = Math.floor(clock.wallMs());
    const rest = ms % 1_000;
    if (ms - rest !== second) {
      second = ms - rest;
      prefix = `,"time":"${new Date(second).toISOString().slice(0, -4)}`;
    }
    return `${prefix}${String(rest).padStart(3, '0')}Z"`;
  };
}
