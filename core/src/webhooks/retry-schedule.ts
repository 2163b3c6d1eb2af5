/**
 * When a delivery that failed is tried again: at once, then after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h, never
 * earlier, and up to a fifth later so that receivers that come back are not met by everything at the same moment.
 *
 * @see {@link https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#deliverability-and-reliability Standard Webhooks}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 RFC 9110}, `Retry-After`
 * @module
 */
import type { Random } from '../upstream/random.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** From one failure to the next attempt. */
const delaysMs = [5 * second, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 10 * hour];
const jitter = 0.2;
/** A receiver cannot ask for more patience. */
const maxRetryAfterMs = 12 * hour;

/** How often a delivery is tried. */
export const maxAttempts: number = delaysMs.length + 1;

/**
 * Milliseconds from a failed attempt to the next; nothing after the last one.
 *
 * @param attempts How many were made, this one included.
 * @param retryAfterMs What the receiver asked for; it can only make the wait longer, up to 12 hours.
 *
 * @example
 * retryDelayMs(1, () => 0); // => 5000
 * retryDelayMs(8, () => 0); // => undefined
 */
export function retryDelayMs(attempts: number, random: Random, retryAfterMs = 0): number | undefined {
  const delayMs = delaysMs[attempts - 1];
  if (delayMs === undefined) return undefined;
  const asked = Math.min(retryAfterMs, maxRetryAfterMs);
  return Math.round(Math.max(delayMs, asked) * (1 + jitter * random()));
}

/** Milliseconds that a `Retry-After` of seconds or of a date asks for; nothing for one that cannot be read. */
export function readRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * second;
  const dateMs = /^[A-Z][a-z]{2}, \d\d /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}
