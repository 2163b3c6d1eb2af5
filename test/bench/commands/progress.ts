/**
 * Progress goes beside the result, never into it.
 *
 * @module
 */

/** Tells whoever waits how far it is. */
export function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}
