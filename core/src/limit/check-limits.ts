/**
 * The boot check of a list of limits: names are unique and the figures fit together.
 *
 * @module
 */
import { allowance, type Limit, maxCost, type RateLimit } from './limit.ts';

/**
 * @param where What the list belongs to, such as `limits` or `plans.free`.
 * @throws {RangeError} for an empty list, a name that appears twice, or a longer window that allows less
 * than a shorter one of the same callers, which could then never be used up.
 */
export function checkLimits(where: string, limits: readonly Limit[]): void {
  if (limits.length === 0) throw new RangeError(`${where}: list at least one limit`);
  const names = new Set<string>();
  for (const { name } of limits) {
    if (names.has(name)) throw new RangeError(`${where}: two limits are called '${name}'; give one a name`);
    names.add(name);
  }
  const rates = rateLimits(limits);
  for (const longer of rates) {
    for (const shorter of rates) requireRoom(where, shorter, longer);
  }
}

/** Without those of concurrency, which no store keeps. */
export function rateLimits(limits: readonly Limit[]): RateLimit[] {
  return limits.filter((limit) => limit.kind !== 'concurrency');
}

/** The most that one request may cost under all these limits. */
export function lowestMaxCost(limits: readonly Limit[]): number {
  return Math.min(...rateLimits(limits).map(maxCost));
}

function requireRoom(where: string, shorter: RateLimit, longer: RateLimit): void {
  if (String(shorter.by) !== String(longer.by)) return;
  const [short, long] = [allowance(shorter), allowance(longer)];
  if (short.windowSeconds >= long.windowSeconds || short.q <= long.q) return;
  throw new RangeError(
    `${where}: '${longer.name}' (${long.q} in ${long.windowSeconds} s) allows less than ` +
      `'${shorter.name}' (${short.q} in ${short.windowSeconds} s); the longer window must allow at least as much`,
  );
}
