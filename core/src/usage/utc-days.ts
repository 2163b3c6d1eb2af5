/**
 * Days and months of the UTC calendar as ISO 8601 writes them: `2026-11-22` and `2026-11`.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc3339 RFC 3339}
 * @module
 */

/** Days, the first and the last of them included. */
export interface DayRange {
  readonly from: string;
  readonly to: string;
}

const dayMs = 86_400_000;

/** The day of a moment in epoch milliseconds. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/**
 * Every day of a range, in order; none when it ends before it begins.
 *
 * @example
 * daysOf({ from: '2028-02-28', to: '2028-03-01' }); // => ['2028-02-28', '2028-02-29', '2028-03-01']
 */
export function daysOf({ from, to }: DayRange): string[] {
  const count = countDays({ from, to });
  return Array.from({ length: Math.max(0, count) }, (_, index) => dayOf(Date.parse(from) + index * dayMs));
}

/** How many days a range has. */
export function countDays({ from, to }: DayRange): number {
  return (Date.parse(to) - Date.parse(from)) / dayMs + 1; // a day of UTC always has 24 hours
}

/** The month of a day. */
export function monthOf(day: string): string {
  return day.slice(0, 7);
}

/**
 * All days of a month.
 *
 * @example
 * daysOfMonth('2026-02'); // => { from: '2026-02-01', to: '2026-02-28' }
 */
export function daysOfMonth(month: string): DayRange {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return { from: `${month}-01`, to: dayOf(Date.UTC(year, number, 0)) };
}

/** Whether a text is a month, such as `2026-11`. */
export function isMonth(text: string): boolean {
  return /^\d{4}-(0[1-9]|1[0-2])$/.test(text);
}
