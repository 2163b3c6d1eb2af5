/**
 * Texts of which some are known and more may come, such as the status of an order: whoever reads them keeps a way
 * for those it does not know, and a new one breaks nobody.
 *
 * @see {@link https://opensource.zalando.com/restful-api-guidelines/#112 Zalando's guidelines}, `x-extensible-enum`
 * @module
 */
import { z } from 'zod';

/** The key under which documents have the values that are known. */
export const openEnumKey = 'x-extensible-enum';

/** One of these, or a text that is added later. */
export type OpenEnum<Value extends string> = Value | (string & {});

/**
 * The schema of such a text: takes any, and tells documents and clients which are known.
 *
 * @param about One sentence about what it says.
 *
 * @example
 * openEnum(['placed', 'paid'], 'How far the order is.').parse('lost'); // => 'lost'
 */
export function openEnum<const Value extends string>(
  values: readonly [Value, ...Value[]],
  about: string,
): z.ZodType<OpenEnum<Value>, OpenEnum<Value>> {
  return z.string().meta({
    description: `${about} More values may be added: treat one you do not know as any other.`,
    [openEnumKey]: values,
  });
}
