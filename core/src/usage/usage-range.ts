/**
 * The days a caller asks for, checked: at most 92, the month so far unless it says.
 *
 * @module
 */
import { GatewayError, type InputIssue } from '../problem/gateway-error.ts';
import { countDays, type DayRange, monthOf } from './utc-days.ts';

/** As many as three months can have. */
export const maxDays = 92;

/**
 * The range from `from` to `to`, days of UTC. Default: until today, from the first of the month of `to`.
 *
 * @param place Where the pointers of a refusal begin, such as `/query`.
 * @throws {GatewayError} 400 for a range that ends before it begins or is too long.
 */
export function rangeOf(
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
  today: string,
  place: string,
): DayRange {
  const last = to ?? (from !== undefined && from > today ? from : today);
  const range = { from: from ?? `${monthOf(last)}-01`, to: last };
  const days = countDays(range);
  if (days < 1) throw invalid({ pointer: `${place}/to`, detail: `must not be before ${range.from}` });
  if (days > maxDays) {
    throw invalid({ pointer: `${place}/from`, detail: `must be at most ${maxDays} days: got ${days}` });
  }
  return range;
}

function invalid(issue: InputIssue): GatewayError {
  return new GatewayError('validation-failed', { issues: [issue] });
}
