/**
 * The shape of every problem: for documents, and for changes of `errors`.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9457 RFC 9457}
 * @module
 */
import { z } from 'zod';

const told = (description: string): z.ZodString => z.string().describe(description);

const Issue = z.object({
  pointer: z.string().meta({ format: 'json-pointer', description: 'Into params, query and body.' }),
  detail: told('What is wrong there.'),
});

/** A problem document as far as clients may rely on it. Members that are not named here stay as they are. */
export const problemShape = z
  .looseObject({
    type: z.string().meta({
      format: 'uri',
      description: '`urn:bffkit:problem:` and the code; for a used up limit the registered `quota-exceeded`.',
    }),
    title: told('The same for every problem with this code.'),
    status: z.int().describe('The status of the answer.'),
    code: told('What to match on. Codes are added, never renamed.'),
    detail: told('What went wrong this time. For people; it may change.').optional(),
    requestId: told('Names the request: for whoever looks into it.'),
    errors: z.array(Issue).describe('Every fault of the input.').optional(),
    'violated-policies': z.array(z.string()).describe('The limits that are used up, by name.').optional(),
    supported: z.array(z.string()).describe('What would have been accepted.').optional(),
    docs: told('The page that explains it.').optional(),
  })
  .describe('What went wrong (RFC 9457). Match on `code`; codes are added, never renamed.');
