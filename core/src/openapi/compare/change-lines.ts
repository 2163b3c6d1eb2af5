/**
 * Differences as lines for whoever reviews them: what happened in many places stands once, with where.
 *
 * @module
 */
import type { ApiChange } from './change.ts';

const shown = 3;

/** One line for each difference; those that break come first and say so. */
export function changeLines(changes: readonly ApiChange[]): string[] {
  const sorted = changes.toSorted((one, other) => Number(other.isBreaking) - Number(one.isBreaking));
  return [...Map.groupBy(sorted, kindOf).values()].map(lineOf);
}

/** The same in another answer, or in another operation, is the same. */
function kindOf({ place, what, isBreaking }: ApiChange): string {
  return JSON.stringify([partsOf(place).rest, what, isBreaking]);
}

function lineOf(same: readonly ApiChange[]): string {
  const [{ place, what, isBreaking } = { place: '', what: '', isBreaking: false }] = same;
  const operations = listed(same.map(({ operation }) => operation));
  const statuses = listed(same.map((change) => partsOf(change.place).status ?? ''));
  const { status, rest } = partsOf(place);
  const where = [
    ...(status === undefined ? [] : [`answer ${statuses}`]),
    ...(rest === '' ? [] : [rest]),
  ].join(' ');
  return `${isBreaking ? 'BREAKS ' : ''}${operations}${where === '' ? '' : `: ${where}`} ${what}`;
}

function partsOf(place: string): { readonly status?: string | undefined; readonly rest: string } {
  const [, status, rest = place] = /^answer (\S+) ?(.*)$/.exec(place) ?? [];
  return { status, rest };
}

function listed(texts: readonly string[]): string {
  const all = [...new Set(texts)];
  const first = all.slice(0, shown).join(', ');
  return all.length > shown ? `${first} and ${all.length - shown} more` : first;
}
