/**
 * Whose failure it is: what a call throws, with the name of its node.
 *
 * @module
 */
import { GatewayError } from '../problem/gateway-error.ts';

/** Names the node in the error; a cancellation keeps its identity, a passed deadline becomes a timeout. */
export function attribute(
  error: GatewayError,
  node: string,
  cancelled: GatewayError | undefined,
): GatewayError {
  if (error.code === 'deadline-exceeded')
    return new GatewayError('upstream-timeout', { ...error.options, node });
  if (error === cancelled || error.status < 502) return error;
  return new GatewayError(error.code, { ...error.options, node });
}
