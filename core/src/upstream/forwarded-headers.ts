/**
 * Which headers an operation may pass between client and service. Credentials, framing and what the
 * gateway itself says are never passed, whatever an operation declares; a wrong declaration does not boot.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 RFC 9110, section 7.6.1}, hop-by-hop fields
 * @module
 */

const name = /^[a-z0-9!#$%&'*+.^`|~-]+$/;

const hopByHop = [
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'content-encoding',
];
const ownRequest = [
  'host',
  'expect',
  'cookie',
  'authorization',
  'x-request-id',
  'traceparent',
  'tracestate',
  'forwarded',
];
const ownAnswer = ['set-cookie', 'server', 'x-powered-by', 'www-authenticate', 'content-type', 'vary'];
const ownPrefixes =
  /^(?:bff-|proxy-|x-forwarded-|x-user-|x-internal-|access-control-|x-ratelimit-|ratelimit)/;

const refusedOf = {
  request: new Set([...hopByHop, ...ownRequest]),
  answer: new Set([...hopByHop, ...ownAnswer]),
};

/**
 * @param direction Whose headers: of the client's request, or of the service's answer.
 * @throws {RangeError} for a name that is not lowercase, or that never passes.
 */
export function requireForwardable(direction: 'request' | 'answer', headers: readonly string[]): void {
  for (const header of headers) {
    if (!name.test(header))
      throw new RangeError(`a forwarded header must be a lowercase name, got '${header}'`);
    if (refusedOf[direction].has(header) || ownPrefixes.test(header)) {
      throw new RangeError(`the ${direction} header '${header}' is never forwarded`);
    }
  }
}
