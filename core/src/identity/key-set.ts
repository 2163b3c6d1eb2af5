/**
 * Which published keys are good for verifying tokens: public, asymmetric, strong enough, and meant for
 * signatures. One bad key does not spoil the others.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517 RFC 7517}, JSON Web Keys
 * @see {@link https://www.rfc-editor.org/rfc/rfc7518#section-6 RFC 7518, section 6}, their parameters
 * @module
 */
import { calculateJwkThumbprint, importJWK, type JWK } from 'jose';

/** A set of keys, and one text that is the same for the same keys. */
export interface UsableKeys {
  readonly keys: readonly JWK[];
  readonly fingerprint: string;
}

/** Entries of a document that are looked at. */
const maxKeys = 100;
const minRsaBits = 2_048;
const maxRsaBits = 8_192;
const maxExponent = 2n ** 64n - 1n;
/** Members of a key that are secret. */
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** By `kty`: whether the key is fit, and the algorithms it may be for; the first one is for trying. */
const kinds: Readonly<
  Record<string, { readonly algorithms: readonly [string, ...string[]]; isFit(key: JWK): boolean }>
> = {
  RSA: { algorithms: ['RS256', 'PS256'], isFit: isStrongRsa },
  EC: { algorithms: ['ES256'], isFit: ({ crv }) => crv === 'P-256' },
  OKP: { algorithms: ['EdDSA'], isFit: ({ crv }) => crv === 'Ed25519' },
};

/**
 * The usable ones among the first hundred keys of a document, each once.
 *
 * @throws {TypeError} when the document is not a set of keys, or none of them is usable.
 */
export async function usableKeys(document: unknown): Promise<UsableKeys> {
  if (!isRecord(document) || !Array.isArray(document.keys))
    throw new TypeError('the document is no set of keys');
  const byIdentity = new Map<string, JWK>();
  for (const key of document.keys.slice(0, maxKeys)) {
    const identity = await identityOf(key);
    if (identity !== undefined) byIdentity.set(identity, key);
  }
  if (byIdentity.size === 0) throw new TypeError('the set has no usable key');
  return { keys: [...byIdentity.values()], fingerprint: [...byIdentity.keys()].sort().join(' ') };
}

/** One text per key, id and algorithm; nothing for a key that cannot be used. */
async function identityOf(key: unknown): Promise<string | undefined> {
  if (!isRecord(key) || typeof key.kty !== 'string' || !Object.hasOwn(kinds, key.kty)) return undefined;
  const kind = kinds[key.kty];
  if (kind === undefined || secretMembers.some((member) => Object.hasOwn(key, member))) return undefined;
  const jwk: JWK = { ...key, kty: key.kty };
  if (!isForSignatures(key) || !kind.isFit(jwk)) return undefined;
  if (key.alg !== undefined && !kind.algorithms.some((algorithm) => algorithm === key.alg)) return undefined;
  try {
    await importJWK(jwk, jwk.alg ?? kind.algorithms[0]);
    return JSON.stringify([key.kid, key.alg, await calculateJwkThumbprint(jwk)]);
  } catch {
    return undefined; // such as a point that is not on its curve
  }
}

function isForSignatures({ kid, use, key_ops: operations }: Readonly<Record<string, unknown>>): boolean {
  if (kid !== undefined && typeof kid !== 'string') return false;
  if (use !== undefined && use !== 'sig') return false;
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'));
}

/** An exponent of 1 signs nothing; even ones are no exponents. */
function isStrongRsa({ n, e }: JWK): boolean {
  if (typeof n !== 'string' || typeof e !== 'string') return false;
  const bits = numberOf(n).toString(2).length;
  const exponent = numberOf(e);
  return (
    bits >= minRsaBits &&
    bits <= maxRsaBits &&
    exponent % 2n === 1n &&
    exponent > 1n &&
    exponent <= maxExponent
  );
}

function numberOf(encoded: string): bigint {
  return BigInt(`0x0${Buffer.from(encoded, 'base64url').toString('hex')}`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
