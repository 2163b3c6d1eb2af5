/**
 * What an upstream's status means to the client. The upstream's body never leaves, whatever it says.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-15 RFC 9110, section 15}
 * @module
 */
import type { ProblemCode } from '../problem/codes.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import type { PassedStatus } from './operation.ts';
import type { TransportAnswer } from './transport.ts';

const passedCodes: Record<PassedStatus, ProblemCode> = {
  400: 'validation-failed',
  404: 'not-found',
  409: 'conflict',
  422: 'unprocessable',
};
const defaultRetryAfterMs = 1_000;

/** The failure a status outside 2xx stands for. `passes` lists the statuses the operation declares as its own. */
export function failureOf(answer: TransportAnswer, passes: readonly PassedStatus[]): GatewayError {
  const { status } = answer;
  const passed = passes.find((candidate) => candidate === status);
  if (passed !== undefined) return new GatewayError(passedCodes[passed]);
  const cause = new Error(`the upstream answered ${status}`);
  if (status === 429)
    return new GatewayError('upstream-busy', {
      retryAfterMs: retryAfterOf(answer) ?? defaultRetryAfterMs,
      cause,
    });
  if (status >= 500) return new GatewayError('upstream-error', { cause });
  if (status >= 400) return new GatewayError('upstream-rejected', { cause });
  return new GatewayError('upstream-bad-answer', { cause }); // 3xx: redirects are not followed
}

/** `Retry-After` in its seconds form, in milliseconds; a date or nothing is `undefined`. */
export function retryAfterOf(answer: TransportAnswer): number | undefined {
  const text = answer.header('retry-after') ?? '';
  return /^\d{1,6}$/.test(text) ? Number(text) * 1_000 : undefined;
}
