/**
 * What failed inside, as text for the log: without secrets, and of bounded length.
 *
 * @module
 */

/** Takes secrets out of text. */
export type Redact = (text: string) => string;

const maxCause = 1_000;
const maxStack = 4_000;

/** One line of at most 1 000 characters. */
export function causeText(cause: unknown, redact: Redact): string {
  const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return redact(text).replaceAll(/\s+/g, ' ').slice(0, maxCause);
}

/** A fault of our own comes with where it happened: at most 4 000 characters. */
export function stackText(cause: unknown, redact: Redact): string {
  return redact(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)).slice(0, maxStack);
}
