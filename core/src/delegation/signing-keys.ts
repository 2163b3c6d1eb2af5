/**
 * The gateway's own keys, with which it signs who asks. The first signs, all are published, so that a
 * new one can be known everywhere before it is used. Only ES256 and EdDSA: small, fast, asymmetric.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517 RFC 7517}, JSON Web Key sets
 * @see {@link https://www.rfc-editor.org/rfc/rfc7638 RFC 7638}, thumbprints as key ids
 * @module
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import type { Hono } from 'hono';
import { SignJWT } from 'jose';
import type { AdminPages } from '../context/admin-pages.ts';
import { requireKnown } from '../context/options.ts';

export interface GatewayKeysOptions {
  /** The `iss` of what is signed, the same for all instances, such as `https://web-bff.acme.internal`. */
  readonly issuer: string;
  /**
   * PEM texts (PKCS #8) or JSON Web Keys, P-256 or Ed25519; 1 to 10. The first signs. Default: one made at
   * start and never stored, which is refused in production.
   */
  readonly privateKeys?: readonly (string | PrivateJwk)[];
}

/** A private JSON Web Key, as parsed JSON. */
export type PrivateJwk = Readonly<Record<string, unknown>>;

/** A published key. */
export interface PublicJwk {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly y?: string;
  readonly kid: string;
  readonly alg: SigningAlgorithm;
  readonly use: 'sig';
}

export type SigningAlgorithm = 'ES256' | 'EdDSA';

export interface GatewayKeys {
  readonly issuer: string;
  /** The public keys, for `/jwks`, or to be served or stored where services can read them. */
  readonly jwks: { readonly keys: readonly PublicJwk[] };
  /** Signs claims with the first key. `typ` says what the token is, so that none passes for another. */
  sign(typ: string, claims: Readonly<Record<string, unknown>>): Promise<string>;
  /** Serves `/jwks`. */
  readonly admin: AdminPages;
}

interface SigningKey {
  readonly key: KeyObject;
  readonly jwk: PublicJwk;
}

const maxKeys = 10;
/** Services may keep the set this long: a key must be published that long before it signs. */
const jwksMaxAgeSeconds = 300;
const where = 'gatewayKeys';

/**
 * Opens the gateway's key ring.
 *
 * To rotate, add the new key at the end and release; five minutes later move it to the front and
 * release; a minute after that take the old one out.
 *
 * @throws {RangeError} for an empty issuer, a key that cannot be read or is of another kind, one that is
 * listed twice, or none in production. No message has any part of a key.
 */
export function gatewayKeys(options: GatewayKeysOptions): GatewayKeys {
  requireKnown(where, options, ['issuer', 'privateKeys']);
  const { issuer, privateKeys } = options;
  if (typeof issuer !== 'string' || issuer === '') {
    throw new RangeError(`${where}: issuer must be the iss of what is signed, got '${String(issuer)}'`);
  }
  const ring = privateKeys === undefined ? [madeKey()] : readKeys(privateKeys);
  const [first] = ring as [SigningKey, ...SigningKey[]];
  const jwks = { keys: ring.map(({ jwk }) => jwk) };
  return {
    issuer,
    jwks,
    sign: (typ, claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: first.jwk.alg, typ, kid: first.jwk.kid }).sign(first.key),
    admin: { pages: ['/jwks'], mount: (app) => mountJwks(app, JSON.stringify(jwks)) },
  };
}

function mountJwks(app: Hono, text: string): void {
  if (app.routes.some(({ path }) => path === '/jwks')) {
    throw new RangeError(
      `${where}: a BFF publishes one key set; share one gatewayKeys(…) among its upstreams`,
    );
  }
  const headers = {
    'content-type': 'application/jwk-set+json',
    'cache-control': `public, max-age=${jwksMaxAgeSeconds}`,
  };
  app.get('/jwks', (c) => c.body(text, 200, headers));
}

function madeKey(): SigningKey {
  if (process.env.NODE_ENV === 'production') {
    throw new RangeError(
      `${where}: privateKeys must be set in production: a key made at start is unknown to the other instances`,
    );
  }
  return signingKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'the made key');
}

function readKeys(privateKeys: readonly (string | PrivateJwk)[]): SigningKey[] {
  if (!Array.isArray(privateKeys) || privateKeys.length < 1 || privateKeys.length > maxKeys) {
    throw new RangeError(`${where}: privateKeys must be 1 to ${maxKeys} keys, got ${privateKeys.length}`);
  }
  const ring = privateKeys.map((text, index) => signingKey(readKey(text, index), `privateKeys[${index}]`));
  const twice = ring.findIndex(
    ({ jwk }, index) => ring.findIndex((other) => other.jwk.kid === jwk.kid) < index,
  );
  if (twice >= 0) throw new RangeError(`${where}: privateKeys[${twice}] is listed a second time`);
  return ring;
}

function readKey(source: string | PrivateJwk, index: number): KeyObject {
  try {
    if (typeof source === 'string') return createPrivateKey(source);
    return createPrivateKey({ key: { ...source }, format: 'jwk' });
  } catch {
    // The reason could quote the key.
    throw new RangeError(`${where}: privateKeys[${index}] must be a private key as PEM or JSON Web Key`);
  }
}

function signingKey(key: KeyObject, place: string): SigningKey {
  const { kty = '', crv = '', x = '', y } = createPublicKey(key).export({ format: 'jwk' });
  const alg = algorithmOf(crv);
  if (alg === undefined) {
    const kind = crv === '' ? key.asymmetricKeyType : crv;
    throw new RangeError(`${where}: ${place} must be a P-256 or Ed25519 key, got ${kind}`);
  }
  // RFC 7638: the required members only, sorted by name.
  const required = y === undefined ? { crv, kty, x } : { crv, kty, x, y };
  const kid = createHash('sha256').update(JSON.stringify(required)).digest('base64url');
  return { key, jwk: { ...required, kid, alg, use: 'sig' } };
}

function algorithmOf(curve: string): SigningAlgorithm | undefined {
  if (curve === 'P-256') return 'ES256';
  return curve === 'Ed25519' ? 'EdDSA' : undefined;
}
