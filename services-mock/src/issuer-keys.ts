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
  /** For the identity provider, which signs with the same key; never leaves the process. */
  readonly privateJwk: JWK;
}

/** Makes an RSA key of 2048 bits for RS256, named by its thumbprint (RFC 7638). */
export async function createSigningKey(): Promise<SigningKey> {
  const pair = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true });
  const [publicJwk, privateJwk] = await Promise.all([exportJWK(pair.publicKey), exportJWK(pair.privateKey)]);
  const id = await calculateJwkThumbprint(publicJwk);
  const labels = { kid: id, alg: 'RS256', use: 'sig' };
  return {
    id,
    privateKey: pair.privateKey,
    publicJwk: { ...publicJwk, ...labels },
    privateJwk: { ...privateJwk, ...labels },
  };
}
