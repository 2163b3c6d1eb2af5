/**
 * Small pieces of JSON, written by hand where it is done for every request.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8259 RFC 8259}
 * @module
 */

const maxNames = 1_000;
const names = new Map<string, string>();

/** A JSON string. */
export function quote(text: string): string {
  return JSON.stringify(text);
}

/** A JSON string that will be asked for again: the name of something declared, or of an application. */
export function quoteName(name: string): string {
  const known = names.get(name);
  if (known !== undefined) return known;
  if (names.size >= maxNames) names.clear();
  const made = JSON.stringify(name);
  names.set(name, made);
  return made;
}

/** A list of JSON strings. */
export function quoteAll(texts: readonly string[]): string {
  return JSON.stringify(texts);
}

/** Milliseconds with one decimal; what is no number of milliseconds is `null`. */
export function tenths(ms: number): string {
  const count = Math.round(ms * 10);
  if (!(count >= 0 && count < 1e9)) return 'null';
  const whole = (count / 10) | 0;
  const rest = count - whole * 10;
  return rest === 0 ? `${whole}` : `${whole}.${rest}`;
}
