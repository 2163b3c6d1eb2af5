/**
 * Tables of text: the first column to the left, figures to the right.
 *
 * @module
 */

/** One line per row, under a head and a rule. */
export function formatTable(head: readonly string[], body: readonly (readonly string[])[]): string {
  const rows = [head, ...body];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  return [line(head), widths.map((width) => '─'.repeat(width)).join('  '), ...body.map(line), ''].join('\n');
}

/** `0.92–1.07`. */
export function formatRange(least: number, most: number): string {
  return `${least.toFixed(2)}–${most.toFixed(2)}`;
}

export function formatKilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} KB`;
}
