/**
 * Checks of configuration, used wherever options are read: an unknown option, a value out of its
 * range, and what to write instead. They run at boot and throw, so that a wrong option never serves.
 *
 * @module
 */

/**
 * @throws {RangeError} when `options` has a key that is not in `known`, suggesting the nearest one.
 */
export function requireKnown(where: string, options: object, known: readonly string[]): void {
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const near = nearest(key, known);
    const hint = near === undefined ? `it knows ${known.join(', ')}` : `did you mean '${near}'?`;
    throw new RangeError(`${where}: unknown option '${key}'; ${hint}`);
  }
}

/** @throws {RangeError} when `value` is not a finite number in `[min, max]`. */
export function requireRange(where: string, option: string, value: unknown, min: number, max: number): void {
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    throw new RangeError(`${where}: ${option} must be a number from ${min} to ${max}, got ${String(value)}`);
  }
}

/** @throws {RangeError} when `value` is not an integer in `[min, max]`. */
export function requireInteger(
  where: string,
  option: string,
  value: unknown,
  min: number,
  max: number,
): void {
  if (!Number.isInteger(value)) {
    throw new RangeError(
      `${where}: ${option} must be a whole number from ${min} to ${max}, got ${String(value)}`,
    );
  }
  requireRange(where, option, value, min, max);
}

function nearest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best !== undefined && best.distance <= Math.max(2, word.length / 3) ? best.candidate : undefined;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
