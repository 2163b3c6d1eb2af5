/**
 * The caller's own token, for those who exchange it or pass it on.
 *
 * @module
 */
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';

/**
 * @param way Names who needs it, for the log.
 * @throws {GatewayError} 401 `not-signed-in` when nobody is signed in: whoever signs in gets an answer. 500
 * `internal` for a caller who is known by something that is no token, such as an API key: then the
 * endpoint lets in callers that the service behind it can never serve.
 */
export function requireSubjectToken({ principal, subjectToken }: RequestContext, way: string): string {
  if (subjectToken !== undefined) return subjectToken;
  if (principal === undefined) {
    throw new GatewayError('not-signed-in', { headers: { 'www-authenticate': 'Bearer' } });
  }
  throw new GatewayError('internal', {
    cause: new Error(`${way} needs the caller's own token, and this ${principal.kind} has none`),
  });
}
