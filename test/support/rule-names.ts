/**
 * Which metrics a PromQL expression names, and which ones a scrape exports.
 *
 * @module
 */

/** Names of metrics in an expression: what is left when texts, selectors, and lists of labels are gone. */
export function namesIn(expression: string): string[] {
  const bare = expression
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '')
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(/\b(?:by|without|on|ignoring)\s*\([^)]*\)/g, '');
  return [...new Set(bare.match(/\b(?:bff|slo|sloth)[_:][\w:]+/g) ?? [])];
}

/** The names a scrape may be asked for; of histograms those of their parts. */
export function namesExported(text: string): ReadonlySet<string> {
  return new Set(
    [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
}
