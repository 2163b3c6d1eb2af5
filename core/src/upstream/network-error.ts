/**
 * What an error of the HTTP client says about the service.
 *
 * @module
 */
import { errors } from 'undici';
import { GatewayError } from '../problem/gateway-error.ts';

const brokenCodes = new Set(['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'UND_ERR_HEADERS_OVERFLOW']);

/** @param begun Whether the head of the answer came: then it was cut off, and nothing is known of what it would have said. */
export function networkError(cause: Error, begun: boolean): GatewayError {
  const code = 'code' in cause ? String(cause.code) : '';
  if (code.endsWith('_TIMEOUT')) return new GatewayError('upstream-timeout', { cause });
  const isNotHttp = cause instanceof errors.HTTPParserError || brokenCodes.has(code);
  if (begun || isNotHttp) return new GatewayError('upstream-broken-answer', { cause });
  return new GatewayError('upstream-unreachable', { cause, isStaleConnection: isStale(cause) });
}

/** The peer closed a connection that had served answers before: it was idle too long for it. */
function isStale(cause: Error): boolean {
  return cause instanceof errors.SocketError && (cause.socket?.bytesRead ?? 0) > 0;
}
