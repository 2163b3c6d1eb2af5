import { change, down, problemShape } from 'bffkit';
import { z } from 'zod';

/** Everything else in the API is written in camel case. */
export const problemRequestId = change({
  name: 'problem-request-id',
  summary: 'The `requestId` of a problem was its `request_id`.',
  errors: down(problemShape, {
    newer: { requestId: z.string() },
    older: { request_id: z.string() },
    map: ({ requestId }) => ({ request_id: requestId }),
  }),
});
