import { UsageError } from './usage-error.ts';

const secondsPer: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/**
 * Reads `90d`, `24h`, `30m` or `2s`.
 *
 * @throws {UsageError} naming `option` for anything else.
 */
export function secondsOf(option: string, text: string): number {
  const [, count, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (count === undefined)
    throw new UsageError(`${option} must look like 90d, 24h, 30m or 2s, got '${text}'`);
  return Number(count) * (secondsPer[unit] ?? 1);
}
