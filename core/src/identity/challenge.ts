/**
 * What a refusal says in `WWW-Authenticate`: which credentials are taken here, and what was wrong with
 * the one that came. Authenticators write challenges without a realm; the BFF's name is put in once.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1 RFC 9110, 11.6.1}, `WWW-Authenticate`
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3 RFC 6750, section 3}
 * @module
 */
import { GatewayError } from '../problem/gateway-error.ts';

/** A quoted string, or a token; a token that is not followed by `=` is the name of a scheme. */
const quotedOrScheme = /"(?:[^"\\]|\\.)*"|(?<=^|, )([!#$%&'*+.^_`|~\w-]+)(?= |,|$)/g;

/**
 * Puts `realm` first into every challenge of a `WWW-Authenticate` value.
 *
 * @example
 * withRealm('Bearer, DPoP algs="ES256"', 'mobile'); // => 'Bearer realm="mobile", DPoP realm="mobile", algs="ES256"'
 */
export function withRealm(challenges: string, realm: string): string {
  return challenges.replaceAll(quotedOrScheme, (found, scheme: string | undefined, at: number) => {
    if (scheme === undefined) return found;
    const hasParameters = challenges[at + scheme.length] === ' ';
    return `${scheme} realm="${realm}"${hasParameters ? ',' : ''}`;
  });
}

/** The same refusal, with the realm in its challenges. */
export function refusalIn(realm: string, failure: GatewayError): GatewayError {
  const { headers } = failure.options;
  const challenges = headers?.['www-authenticate'];
  if (challenges === undefined) return failure;
  return new GatewayError(failure.code, {
    ...failure.options,
    headers: { ...headers, 'www-authenticate': withRealm(challenges, realm) },
  });
}
