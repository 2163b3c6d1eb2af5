/**
 * Bytes that are not the HTTP/1.1 answer they should be. Whoever reads them stops at the first doubt: an answer that
 * can be read in two ways is how one client gets what was meant for another.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-11 RFC 9112, section 11}
 * @module
 */
import { GatewayError } from '../../problem/gateway-error.ts';

/** @param what What is wrong, without a byte of the answer: causes go into the log. */
export function notHttp(what: string): GatewayError {
  return new GatewayError('upstream-broken-answer', { cause: new Error(`not HTTP/1.1: ${what}`) });
}

/** The answer is read no further. */
export function tooLarge(maxBytes: number): GatewayError {
  const cause = new RangeError(`the answer has more than ${maxBytes} bytes`);
  return new GatewayError('upstream-bad-answer', { cause });
}
