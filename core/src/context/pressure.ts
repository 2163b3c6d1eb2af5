/**
 * How loaded this process is, and what it should stop doing: first optional parts of little value,
 * then all optional parts, then endpoints of low priority. Health answers stay up.
 *
 * @see {@link https://www.envoyproxy.io/docs/envoy/latest/configuration/operations/overload_manager/overload_manager Envoy, overload manager}
 * @see {@link https://sre.google/sre-book/handling-overload/ Google SRE}, handling overload
 * @module
 */

/**
 * Pressure on a process: below 1 it is well, from 1 to 2 it sheds optional parts, from 2 on endpoints.
 * Whoever measures says so; a test sets it.
 */
export interface PressureSource {
  level(): number;
}

/** How much an endpoint matters under overload. */
export const priorities = ['low', 'normal', 'high'] as const;
export type Priority = (typeof priorities)[number];

/** No pressure, ever. */
export const noPressure: PressureSource = { level: () => 0 };

/** Whether an optional part of `value` (1 to 10) is to be left out: value 1 from level 1 on, value 10 from 2 on. */
export function shedsOptional(level: number, value: number): boolean {
  return level >= 1 && level >= 1 + (value - 1) / 9;
}

/** Whether an endpoint is to be refused: `low` from level 2 on, `normal` from 3 on, `high` never. */
export function shedsEndpoint(level: number, priority: Priority): boolean {
  if (priority === 'high') return false;
  return level >= (priority === 'low' ? 2 : 3);
}
