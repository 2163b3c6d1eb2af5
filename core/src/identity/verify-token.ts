/**
 * Verifies a signed token with the key its header names. Where a provider has given two of its keys one
 * name, or none a name, a few of them are tried.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725 RFC 8725}, JWT best practices
 * @module
 */
import { errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { FindKey } from './jwks.ts';

const maxCandidates = 4;

/** @throws {errors.JOSEError} when the token does not hold; what `findKey` throws, as it is. */
export async function verifyToken(
  token: string,
  findKey: FindKey,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, findKey, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    return verifyWithAny(token, error, options);
  }
}

async function verifyWithAny(
  token: string,
  candidates: errors.JWKSMultipleMatchingKeys,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  let left = maxCandidates;
  for await (const key of candidates) {
    try {
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
    left -= 1;
    if (left === 0) break;
  }
  throw new errors.JWSSignatureVerificationFailed();
}
