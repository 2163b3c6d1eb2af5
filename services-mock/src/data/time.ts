/**
 * The clock of the world. It stands at a fixed day, so that the same seed gives the same world for ever.
 *
 * @module
 */

/** The day the world was made, in milliseconds: 2026-11-01T00:00:00Z. Nothing in it is newer. */
export const EPOCH_MS: number = Date.UTC(2026, 10, 1);

export const MINUTE_MS: number = 60_000;
export const DAY_MS: number = 86_400_000;

/** Writes a moment the way the services send it. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString();
}

/** The clock of one running shop: it starts at the epoch and moves a second per write. */
export function createShopClock(): () => string {
  let writes = 0;
  return function tick() {
    writes += 1;
    return timestamp(EPOCH_MS + writes * 1_000);
  };
}
