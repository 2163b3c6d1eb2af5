/**
 * Writes long lists of words as lines of text.
 *
 * @module
 */

/** The words of lines that separate them by commas. */
export function words(...lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => line.split(', '));
}
