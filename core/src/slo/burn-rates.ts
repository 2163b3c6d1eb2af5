/**
 * When the budget of an objective burns so fast that somebody must know: each pair of windows has a long one,
 * which shows that it matters, and a short one, which shows that it goes on. At 14.4 times the even pace an hour
 * uses 2 % of the budget of 30 days, at 6 times six hours use 5 %, at 3 times a day uses 10 %, as three days at 1.
 *
 * @see {@link https://sre.google/workbook/alerting-on-slos/ Google SRE workbook}, multiwindow, multi-burn-rate alerts
 * @module
 */

/** A pair of windows, and the pace at which both together mean an alert. */
export interface BurnRate {
  readonly factor: number;
  readonly long: string;
  readonly short: string;
}

/** Wakes somebody. */
export const pageRates: readonly BurnRate[] = [
  { factor: 14.4, long: '1h', short: '5m' },
  { factor: 6, long: '6h', short: '30m' },
];

/** Waits for working hours. */
export const ticketRates: readonly BurnRate[] = [
  { factor: 3, long: '1d', short: '2h' },
  { factor: 1, long: '3d', short: '6h' },
];

/** All windows of both, from the shortest to the longest. */
export const burnWindows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;
