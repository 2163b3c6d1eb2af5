/**
 * What a client does about each problem, for the page of errors. Markdown of one or two sentences.
 *
 * @module
 */
import { type ProblemCode, problemCodes } from '../problem/codes.ts';

const again = 'Wait as long as `Retry-After` says, then send the same request again.';
const notYours =
  'Nothing is wrong with the request. Reads, and writes with an `Idempotency-Key`, can be sent again after a moment.';

const advice: Partial<Record<ProblemCode, string>> = {
  'validation-failed':
    'Read `errors`: each entry has a JSON pointer to the value and says what is wrong with it. Correct the request; repeating it does not help.',
  'invalid-json':
    'The body could not be read as JSON in UTF-8. Check the encoding, and that the whole body was sent.',
  'bad-request-target': 'The path or the query is not a valid URL. Encode every parameter.',
  'bad-request-header':
    'A header is malformed, appears twice, or a key came in another header than `Authorization`.',
  'malformed-request': 'The bytes were not HTTP. Use an HTTP library.',
  'credential-in-url':
    'Send the key in the `Authorization` header only. A key that was in a URL may be in logs: replace it.',
  'invalid-cursor':
    'Use `next` of the page before as it is, with the same key and parameters; or begin again without `cursor`.',
  'idempotency-key-missing': 'Send an `Idempotency-Key` header with a new random value, such as a UUID.',
  'idempotency-key-malformed': 'A key has 16 to 255 visible ASCII characters. A UUID is good.',
  'idempotency-in-progress': `The first request with this key has not ended. ${again}`,
  'idempotency-key-reused':
    'The key was used with another body, path or version. Use a new key for a new request.',
  'unknown-version': 'Send one of the versions in `supported`, or leave the `API-Version` header out.',
  'version-sunset': 'This version has ended. Move to a newer one; `docs` leads to what changed.',
  'version-brownout':
    'This version ends soon and is refused for a while, so that it is noticed. It works again after `Retry-After`; plan to move.',
  'not-found': 'There is no such thing, or it is not yours. Check the id and the path.',
  'method-not-allowed': 'The path exists, the method does not. `Allow` lists those it has.',
  'request-timeout': 'The body did not arrive in time. Check the connection and send the request again.',
  conflict: 'What you read has changed meanwhile. Read it again, then decide.',
  'body-too-large': 'Send a smaller body; the reference says how large it may be.',
  'uri-too-long': 'Shorten the query.',
  'unsupported-media-type': 'Send `Content-Type: application/json` and no `Content-Encoding`.',
  'expectation-failed': 'Do not send `Expect`.',
  'misdirected-request': 'Use the host of this documentation.',
  unprocessable:
    'The request is well-formed and cannot be carried out, for example because of a sku that does not exist. `detail` says why.',
  'headers-too-large': 'Send fewer or smaller headers.',
  'not-signed-in': 'Send `Authorization: Bearer` and your key.',
  'invalid-token': 'The token is malformed, has ended or is for another service. Get a new one.',
  'invalid-api-key': 'Check that the whole key was sent. If it is right, it was deleted: ask for a new one.',
  'api-key-expired': 'Use the key that replaced it.',
  'api-key-revoked': 'The key was ended on purpose. Use the key that replaced it.',
  'session-ended': 'Sign in again.',
  'csrf-failed': 'Send `X-CSRF: 1` from a page of the same site.',
  'ip-not-allowed': 'The key may be used from certain addresses only, and this is none of them.',
  'wrong-environment': 'A test key was sent to live, or a live key to test. Use the key of this environment.',
  'insufficient-role': 'A role is missing. Ask for it.',
  'insufficient-scope': 'The key has not the scope that the operation asks for. `detail` names it.',
  'rate-limited': `\`violated-policies\` names the limits that are used up. ${again} Refused requests are not counted.`,
  'upstream-bad-answer': notYours,
  'upstream-error': notYours,
  'upstream-rejected': notYours,
  'upstream-broken-answer': notYours,
  'upstream-unreachable': notYours,
  'upstream-busy': again,
  'circuit-open': again,
  'dependency-unavailable': again,
  overloaded: again,
  'shutting-down': 'This instance is being replaced. Send the request again at once; another one answers.',
  'upstream-timeout': `The work took too long and may have been done. ${notYours}`,
  'deadline-exceeded': `The work took too long and may have been done. ${notYours}`,
  internal: 'A mistake of ours. Tell us the `requestId`.',
};

/** What to do about a problem with this code. */
export function adviceFor(code: ProblemCode): string {
  return (
    advice[code] ??
    (problemCodes[code].status >= 500
      ? notYours
      : '`detail` says what is wrong. Correct the request; repeating it does not help.')
  );
}
