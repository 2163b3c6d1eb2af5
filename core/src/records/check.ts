/**
 * What every store of records asks of its callers, so that code tested with one runs with any other.
 * A violation is a mistake in the program, hence a `RangeError`, never a problem for a client.
 *
 * @see {@link https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags Redis, hash tags}
 * @module
 */

/** Members that a set keeps at most; one more forgets the one added longest ago. */
export const maxMembers = 1_000;

const maxKeyLength = 512;
const maxValueLength = 1_048_576;

/** @throws {RangeError} when the key has no part in braces, or is too long. */
export function requireKey(key: string): void {
  // Redis takes what is between the first `{` and the next `}`, and nothing when that is empty.
  const open = key.indexOf('{');
  const close = key.indexOf('}', open + 1);
  if (open < 0 || close <= open + 1) {
    throw new RangeError(
      `records: a key must have a part in braces, such as session:{abc}, got '${shown(key)}'`,
    );
  }
  if (key.length > maxKeyLength) {
    throw new RangeError(`records: a key must have at most ${maxKeyLength} characters, got ${key.length}`);
  }
}

/** @throws {RangeError} when the text of a record or a member is too long. */
export function requireValue(value: string): void {
  if (value.length > maxValueLength) {
    throw new RangeError(
      `records: a value must have at most ${maxValueLength} characters, got ${value.length}`,
    );
  }
}

/**
 * Whole milliseconds, at least one: what should have ended already ends at once.
 *
 * @throws {RangeError} when it is not a finite number.
 */
export function wholeTtlMs(ttlMs: number): number {
  if (!Number.isFinite(ttlMs)) throw new RangeError(`records: ttlMs must be a finite number, got ${ttlMs}`);
  return Math.max(1, Math.ceil(ttlMs));
}

/** The name of a record without what makes it one of many: that part may say who somebody is. */
function shown(key: string): string {
  return `${key.split(/[:{]/, 1)[0]?.slice(0, 20) ?? ''}…`;
}
