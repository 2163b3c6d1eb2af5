/**
 * The credential of the `Authorization` header, in the one form in which tokens are taken: a scheme and a
 * token. A header that means to be that and is not, or that holds two of them, is an error of its own.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-2.1 RFC 6750, 2.1}, `Bearer`
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-7.1 RFC 9449, 7.1}, `DPoP`
 * @module
 */
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';

export interface Authorization {
  readonly scheme: 'bearer' | 'dpop';
  readonly token: string;
}

const tokenSchemes = /^(bearer|dpop)(?: |$)/i;
const credential = /^(bearer|dpop) +([A-Za-z0-9\-._~+/]+=*)$/i;
/** What two header lines become when they are joined. */
const secondCredential = /, *(?:bearer|dpop|basic) /i;

/**
 * The token of `Authorization: Bearer …` or `DPoP …`; nothing without the header or with another scheme.
 *
 * @throws {GatewayError} 400 `bad-request-header` when there is no such token after the scheme, or more than one.
 */
export function authorizationOf(context: RequestContext): Authorization | undefined {
  const header = context.inbound.header('authorization');
  if (header === undefined) return undefined;
  const [, scheme, token] = credential.exec(header) ?? [];
  if (scheme !== undefined && token !== undefined) {
    return { scheme: scheme.length === 'dpop'.length ? 'dpop' : 'bearer', token };
  }
  if (tokenSchemes.test(header) || secondCredential.test(header)) throw malformed();
  return undefined;
}

/** The token of `Authorization: Bearer …`, or nothing; throws as {@link authorizationOf} does. */
export function bearerToken(context: RequestContext): string | undefined {
  const authorization = authorizationOf(context);
  return authorization?.scheme === 'bearer' ? authorization.token : undefined;
}

function malformed(): GatewayError {
  return new GatewayError('bad-request-header', {
    detail: 'The Authorization header must hold one scheme and one token.',
    headers: { 'www-authenticate': 'Bearer error="invalid_request"' },
  });
}
