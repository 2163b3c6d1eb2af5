/**
 * The shape of every problem, for changes of `errors`.
 *
 * @module
 */
import { z } from 'zod';

/** A problem document as far as partners may rely on it. Members that are not named here stay as they are. */
export const problemShape = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string().optional(),
  requestId: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});
