/**
 * Lengths, ranges, patterns and formats: what the reader asks for must follow from what the sender promises.
 *
 * @module
 */
import type { Fault, Meeting } from './meeting.ts';

const lowest = ['minLength', 'minItems', 'minimum', 'exclusiveMinimum', 'minProperties'] as const;
const highest = ['maxLength', 'maxItems', 'maximum', 'exclusiveMaximum', 'maxProperties'] as const;
/** Compared as they are written. */
const exact = [
  'pattern',
  'format',
  'multipleOf',
  'uniqueItems',
  'not',
  'if',
  'contains',
  'propertyNames',
  'patternProperties',
  'dependentRequired',
] as const;

/** The keywords of `to` that some of `from` breaks. */
export function boundFaults({ from, to, place, way }: Meeting): Fault[] {
  const values = 'const' in from ? [from.const] : from.enum;
  const said = (keyword: string, reads: unknown, sends: unknown): Fault => {
    const [before, now] = way === 'request' ? [sends, reads] : [reads, sends];
    return { place, what: `has ${keyword} ${text(now)}, it was ${text(before)}` };
  };
  const faults = (keywords: readonly string[], isFit: (sends: unknown, reads: unknown) => boolean): Fault[] =>
    keywords.flatMap((keyword) => {
      const [sends, reads] = [(from as Keywords)[keyword], (to as Keywords)[keyword]];
      if (reads === undefined || isFit(sends, reads)) return [];
      return values?.every((value) => keeps(value, keyword, reads)) === true
        ? []
        : [said(keyword, reads, sends)];
    });
  return [
    ...faults(lowest, (sends, reads) => typeof sends === 'number' && sends >= (reads as number)),
    ...faults(highest, (sends, reads) => typeof sends === 'number' && sends <= (reads as number)),
    ...faults(exact, (sends, reads) => JSON.stringify(sends) === JSON.stringify(reads)),
  ];
}

/** Whether one listed value keeps a bound; false where that is not known. */
function keeps(value: unknown, keyword: string, bound: unknown): boolean {
  if (typeof value === 'string') {
    if (keyword === 'minLength') return value.length >= Number(bound);
    if (keyword === 'maxLength') return value.length <= Number(bound);
    return keyword === 'pattern' && new RegExp(String(bound), 'u').test(value);
  }
  if (typeof value !== 'number') return false;
  if (keyword === 'minimum') return value >= Number(bound);
  return keyword === 'maximum' && value <= Number(bound);
}

type Keywords = Readonly<Record<string, unknown>>;

function text(value: unknown): string {
  return value === undefined ? 'none' : JSON.stringify(value);
}
