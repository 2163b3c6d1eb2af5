/**
 * Mints access tokens for development, in the profile that the gateways expect, with the key of the identity
 * provider.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068 RFC 9068}, JWT profile for access tokens
 * @module
 */
import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { GATEWAYS, SHOPPER_SCOPE } from './identity/audiences.ts';
import { findAccount, TENANT } from './identity/people.ts';
import type { SigningKey } from './issuer-keys.ts';

/** Who signs tokens. For development only. */
export interface Issuer {
  readonly url: string;
  /** The key, made at the first call of a start. */
  readonly signingKey: () => Promise<SigningKey>;
  /** The time in milliseconds. */
  readonly now: () => number;
}

/** What a token says. */
export interface TokenRequest {
  /** A login (`ada`), the id of a user (`usr_0042`) or of a client. */
  readonly user: string;
  /** All three gateways unless told. */
  readonly audience?: string | readonly string[];
  /** Space separated; what a signed-in shopper may do unless told. */
  readonly scope?: string;
  /** An hour unless told; a negative number makes an expired token. */
  readonly expiresInSeconds?: number;
  /** `shop-mobile` unless told. */
  readonly clientId?: string;
  /** Who acts for the user (RFC 8693, `act`); nobody unless told. */
  readonly actor?: string;
}

/** How long a token lasts unless told. */
export const DEFAULT_LIFETIME_SECONDS = 3_600;

/** Mints a token. It checks nothing: whoever runs the issuer may be anyone. */
export async function mintToken(issuer: Issuer, request: TokenRequest): Promise<string> {
  const { id, privateKey } = await issuer.signingKey();
  const issuedAt = Math.floor(issuer.now() / 1_000);
  const account = findAccount(request.user);
  return new SignJWT({
    iss: issuer.url,
    sub: account?.userId ?? request.user,
    aud: [request.audience ?? GATEWAYS].flat(),
    client_id: request.clientId ?? 'shop-mobile',
    scope: request.scope ?? SHOPPER_SCOPE,
    tenant: TENANT,
    ...(account === undefined ? {} : { roles: account.roles }),
    ...(request.actor === undefined ? {} : { act: { sub: request.actor } }),
    iat: issuedAt,
    exp: issuedAt + (request.expiresInSeconds ?? DEFAULT_LIFETIME_SECONDS),
    jti: randomUUID(),
  })
    .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: id })
    .sign(privateKey);
}
