import { z } from 'zod';

/** The form of every id of the shop. What has another form is refused without asking a service. */
export const Id = z.string().regex(/^[A-Za-z0-9_-]{1,40}$/, 'must be 1 to 40 letters, digits, - or _');

/** The id of something in an answer. It never changes, and nothing can be read from it. */
export function stableId(of: string): z.ZodString {
  return z.string().describe(`The id of ${of}. It never changes.`);
}
