/**
 * The one table of everything that can go wrong: code, HTTP status and title. Clients match on
 * `code`; operators grep for it; no other file invents one.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9457 RFC 9457}, problem details
 * @module
 */

interface CodeEntry {
  readonly status: number;
  readonly title: string;
}

export const problemCodes = {
  // The request itself
  'validation-failed': { status: 400, title: 'The request is not valid' },
  'invalid-json': { status: 400, title: 'The body is not valid JSON' },
  'bad-request-target': { status: 400, title: 'The request target is not valid' },
  'bad-request-header': { status: 400, title: 'A header of the request is not valid' },
  'malformed-request': { status: 400, title: 'The request is not valid HTTP' },
  'credential-in-url': { status: 400, title: 'Credentials do not belong into a URL' },
  'login-failed': { status: 400, title: 'The sign-in could not be completed' },
  'invalid-return-to': { status: 400, title: 'The page to return to is not valid' },
  'invalid-cursor': { status: 400, title: 'The cursor does not belong to this list' },
  'idempotency-key-missing': { status: 400, title: 'This request needs an Idempotency-Key' },
  'idempotency-key-malformed': { status: 400, title: 'The Idempotency-Key is not valid' },
  'unknown-version': { status: 400, title: 'This API has no such version' },
  'invalid-sid': { status: 400, title: 'The sign-out does not belong to this session' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'request-timeout': { status: 408, title: 'The request did not arrive in time' },
  conflict: { status: 409, title: 'The request conflicts with the current state' },
  'idempotency-in-progress': { status: 409, title: 'The first request with this key still runs' },
  'version-sunset': { status: 410, title: 'This version of the API has ended' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'uri-too-long': { status: 414, title: 'The request target is too long' },
  'unsupported-media-type': { status: 415, title: 'Unsupported media type' },
  'expectation-failed': { status: 417, title: 'The expectation of the request cannot be met' },
  'misdirected-request': { status: 421, title: 'This host is not served here' },
  unprocessable: { status: 422, title: 'The request cannot be carried out' },
  'idempotency-key-reused': { status: 422, title: 'The key was used for another request' },
  'headers-too-large': { status: 431, title: 'The request has too many headers' },
  'client-gone': { status: 499, title: 'The client left before the answer' },

  // Who is asking
  'not-signed-in': { status: 401, title: 'Sign-in required' },
  'invalid-token': { status: 401, title: 'The access token is not valid' },
  'invalid-api-key': { status: 401, title: 'The API key is not valid' },
  'session-ended': { status: 401, title: 'The session has ended' },
  'api-key-expired': { status: 401, title: 'The API key has expired' },
  'api-key-revoked': { status: 401, title: 'The API key was revoked' },
  'csrf-failed': { status: 403, title: 'The anti-forgery check failed' },
  'ip-not-allowed': { status: 403, title: 'This address may not call' },
  'wrong-environment': { status: 403, title: 'The API key is for another environment' },
  'insufficient-role': { status: 403, title: 'A required role is missing' },
  'insufficient-scope': { status: 403, title: 'A required scope is missing' },

  // How much
  'rate-limited': { status: 429, title: 'Too many requests' },

  // The services behind
  'upstream-bad-answer': { status: 502, title: 'A service gave an answer that cannot be used' },
  'upstream-error': { status: 502, title: 'A service failed' },
  'upstream-rejected': { status: 502, title: 'A service refused the request of the gateway' },
  'upstream-broken-answer': { status: 502, title: 'The answer of a service broke off or was not HTTP' },
  'upstream-unreachable': { status: 502, title: 'A service cannot be reached' },
  'upstream-busy': { status: 503, title: 'A service is busy' },
  'circuit-open': { status: 503, title: 'A service is resting after failures' },
  'dependency-unavailable': { status: 503, title: 'A dependency of the gateway is not available' },
  'version-brownout': { status: 503, title: 'This version of the API is refused for a while' },
  overloaded: { status: 503, title: 'This instance is overloaded' },
  'shutting-down': { status: 503, title: 'This instance is shutting down' },
  'upstream-timeout': { status: 504, title: 'A service did not answer in time' },
  'deadline-exceeded': { status: 504, title: 'The deadline of the request has passed' },

  // What HTTP knows and this gateway does not
  'not-implemented': { status: 501, title: 'Not implemented' },
  'http-version-not-supported': { status: 505, title: 'HTTP version not supported' },

  // Our own fault
  internal: { status: 500, title: 'Internal error' },
} as const satisfies Record<string, CodeEntry>;

/** A stable identifier of one kind of problem: the `code` member of a problem document. */
export type ProblemCode = keyof typeof problemCodes;
