/**
 * Which headers an operation may pass between client and service. Credentials, framing and what the
 * gateway itself says are never passed, whatever an operation declares; a wrong declaration does not boot.
 * Names are judged as the laxest service would read them: many take `x_user_id` and `x.user.id` for `x-user-id`.
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
  /^(?:bff-|x-bff-|proxy-|x-forwarded-|x-user-|x-internal-|access-control-|x-ratelimit-|ratelimit)/;
/** What services and the proxies before them read identity, address or another target from. */
const identityNames = new Set([
  'x-user',
  'x-internal',
  'x-bff',
  'bff',
  'user',
  'remote-user',
  'x-real-ip',
  'true-client-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-host',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
]);
const identityPrefixes =
  /^(?:user-(?!agent$)|internal-|x-(?:auth|remote|principal|subject|roles?|groups?|scopes?|client-(?:id|cert|verify)|ssl|original|rewrite|envoy|amzn|goog|ms-client|csrf|xsrf)(?:-|$)|ssl-client-|cf-|fastly-|sec-)/;
const credential = /(?:authorization|authenticat|cookie|token|secret|password|api-?key|credential)/;

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
    const read = header.replaceAll(/[^a-z0-9]/g, '-');
    if (
      refusedOf[direction].has(read) ||
      ownPrefixes.test(read) ||
      (direction === 'request' && isIdentity(read))
    ) {
      throw new RangeError(`the ${direction} header '${header}' is never forwarded`);
    }
  }
}

function isIdentity(header: string): boolean {
  return identityNames.has(header) || identityPrefixes.test(header) || credential.test(header);
}

const none: ReadonlySet<string> = new Set();

/** The fields that a `Connection` header names: they end here, even those an operation forwards. */
export function hopByHopOf(connection: string | undefined): ReadonlySet<string> {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return none;
  return new Set(connection.split(',').map((field) => field.trim().toLowerCase()));
}
