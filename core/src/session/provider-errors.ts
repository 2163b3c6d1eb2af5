/**
 * What went wrong at the identity provider, in the three kinds that matter: it refused the grant, its
 * answer does not hold, or it could not be asked. Only the first ever ends a session.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.2 RFC 6749, section 5.2}, errors
 * @module
 */
import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client';

export type ProviderFailure = 'refused' | 'invalid' | 'unavailable';

/** Codes of `openid-client` for answers that came but prove nothing. */
const invalidCodes: readonly unknown[] = [
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
  'OAUTH_KEY_SELECTION_FAILED',
  'OAUTH_UNSUPPORTED_OPERATION',
];

/**
 * `refused` is `invalid_grant` and a refusal that came with the browser. A gateway with the wrong secret
 * (`invalid_client`) is `unavailable`: one bad deployment must not sign everybody out.
 */
export function failureOf(thrown: unknown): ProviderFailure {
  if (thrown instanceof AuthorizationResponseError) return 'refused';
  if (thrown instanceof ResponseBodyError)
    return thrown.error === 'invalid_grant' ? 'refused' : 'unavailable';
  return thrown instanceof ClientError && invalidCodes.includes(thrown.code) ? 'invalid' : 'unavailable';
}

/** The failure without what the library attaches to it: whole answers, with tokens. Fit for the log. */
export function describeFailure(thrown: unknown): Error {
  if (!(thrown instanceof Error)) return new Error('identity provider: unknown failure');
  const words = [thrown.name, codeOf(thrown), oauthErrorOf(thrown), codeOf(thrown.cause), statusOf(thrown)];
  const text = words.filter((word) => word !== undefined).join(' ');
  return new Error(`identity provider: ${text}`);
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return plainWord(error.code);
}

function oauthErrorOf(error: Error): string | undefined {
  return 'error' in error ? plainWord(error.error) : undefined;
}

function statusOf({ cause }: Error): string | undefined {
  return cause instanceof Response ? String(cause.status) : undefined;
}

/** Error codes are words; anything else could be somebody's secret. */
function plainWord(value: unknown): string | undefined {
  return typeof value === 'string' && /^[A-Za-z][A-Za-z_]{0,60}$/.test(value) ? value : undefined;
}
