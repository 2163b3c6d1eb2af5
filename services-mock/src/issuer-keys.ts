/**
 * The signing key of the development issuer: made anew for each start, so that no key is ever kept in git.
 *
 * @module
 */
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';

/** A private key, and the public half as the key set shows it. */
export interface SigningKey {
  readonly id: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

/** Makes an RSA key of 2048 bits for RS256, named by its thumbprint (RFC 7638). */
export async function createSigningKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { modulusLength: 2048 });
  const jwk = await exportJWK(publicKey);
  const id = await calculateJwkThumbprint(jwk);
  return { id, privateKey, publicJwk: { ...jwk, kid: id, alg: 'RS256', use: 'sig' } };
}
