/**
 * Mints access tokens for development, in the profile that the gateways expect.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068 RFC 9068}, JWT profile for access tokens
 * @module
 */
import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { ACCOUNTS } from './data/accounts.ts';
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
  /** A login (`ada`) or the id of a user (`usr_0042`). */
  readonly user: string;
  /** All three gateways unless told. */
  readonly audience?: string | readonly string[];
  /** Space separated; what a signed-in shopper may do unless told. */
  readonly scope?: string;
  /** An hour unless told; a negative number makes an expired token. */
  readonly expiresInSeconds?: number;
  /** `shop-mobile` unless told. */
  readonly clientId?: string;
}

/** The gateways that tokens can be for. */
export const AUDIENCES: readonly string[] = ['web', 'mobile', 'partner'];
export const DEFAULT_SCOPE = 'profile:read orders:read orders:write cart:write';
export const DEFAULT_LIFETIME_SECONDS = 3_600;

/** Mints a token. It checks nothing: whoever runs the issuer may be anyone. */
export async function mintToken(issuer: Issuer, request: TokenRequest): Promise<string> {
  const { id, privateKey } = await issuer.signingKey();
  const issuedAt = Math.floor(issuer.now() / 1_000);
  const account = ACCOUNTS.find(({ login }) => login === request.user);
  return new SignJWT({
    iss: issuer.url,
    sub: account?.userId ?? request.user,
    aud: [request.audience ?? AUDIENCES].flat(),
    client_id: request.clientId ?? 'shop-mobile',
    scope: request.scope ?? DEFAULT_SCOPE,
    tenant: 'acme',
    iat: issuedAt,
    exp: issuedAt + (request.expiresInSeconds ?? DEFAULT_LIFETIME_SECONDS),
    jti: randomUUID(),
  })
    .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: id })
    .sign(privateKey);
}
