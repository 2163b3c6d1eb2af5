import { describe, expect, test } from 'vitest';
import { countDays, dayOf, daysOf, daysOfMonth, isMonth, monthOf } from './utc-days.ts';

test.each([
  ['2026-02', '2026-02-28', 28],
  ['2028-02', '2028-02-29', 29],
  ['2100-02', '2100-02-28', 28],
  ['2026-04', '2026-04-30', 30],
  ['2026-12', '2026-12-31', 31],
])('%s ends with %s', (month, to, days) => {
  const range = daysOfMonth(month);
  expect(range).toEqual({ from: `${month}-01`, to });
  expect(countDays(range)).toBe(days);
  expect(daysOf(range)).toHaveLength(days);
  expect(new Set(daysOf(range).map(monthOf))).toEqual(new Set([month]));
});

describe('a day', () => {
  test('ends with its last millisecond', () => {
    expect(dayOf(Date.UTC(2026, 11, 1) - 1)).toBe('2026-11-30');
    expect(dayOf(Date.UTC(2026, 11, 1))).toBe('2026-12-01');
  });

  test('is one of a range, also where clocks of countries change', () => {
    expect(daysOf({ from: '2026-10-24', to: '2026-10-26' })).toEqual([
      '2026-10-24',
      '2026-10-25',
      '2026-10-26',
    ]);
    expect(daysOf({ from: '2026-12-31', to: '2027-01-01' })).toEqual(['2026-12-31', '2027-01-01']);
    expect(daysOf({ from: '2026-11-02', to: '2026-11-01' })).toEqual([]);
  });
});

test('a month is four digits, a dash and two of a month', () => {
  expect(['2026-11', '2026-01', '2026-12'].every(isMonth)).toBe(true);
  expect(['2026-00', '2026-13', '2026-1', '26-11', '2026-11-01', ''].some(isMonth)).toBe(false);
});
