/**
 * Proof of possession: who sends a bound access token signs every request with the key it is bound to, so
 * a stolen token is of no use. Follows the list of RFC 9449, section 4.3, line by line.
 *
 * By hand on top of `jose`, because `oauth4webapi` checks proofs only together with the access token: it
 * would verify that a second time on every request, with keys and a clock of its own, take proofs of five
 * minutes, and leave the replay to us anyway. The tests hold both against each other.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449 RFC 9449}
 * @module
 */
import { hash } from 'node:crypto';
import { calculateJwkThumbprint, compactVerify, EmbeddedJWK, type JWK } from 'jose';
import type { Clock } from '../context/clock.ts';
import { requireKnown } from '../context/options.ts';
import { requireOrigin } from '../context/origin.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import type { RecordStore } from '../records/record-store.ts';
import { seenOnce } from '../records/seen-once.ts';
import { readCompactJws } from './compact-jws.ts';

export interface DpopOptions {
  /** The origin that clients call, such as `https://api.shop.example`; never taken from the request. */
  readonly publicOrigin: string;
  /** Where used proofs are marked, for all instances. Whoever made it closes it. */
  readonly records: RecordStore;
  /** Whether tokens that are bound to no key are refused. Default false. */
  readonly required?: boolean;
}

/** A request with a bound token. */
export interface ProvenRequest {
  readonly context: RequestContext;
  readonly token: string;
  /** The thumbprint of the key that the token is bound to. */
  readonly thumbprint: string;
}

export interface Dpop {
  /** The value of `WWW-Authenticate` for this scheme, with or without an error. */
  challenge(error?: 'invalid_token' | 'invalid_dpop_proof'): string;
  /**
   * @throws {GatewayError} 401 `invalid-token` when the proof does not hold; 503 `dependency-unavailable`
   * when it cannot be known whether it was used before.
   */
  requireProof(request: ProvenRequest): Promise<void>;
}

const algorithms = ['ES256', 'EdDSA', 'PS256', 'RS256'];
const maxProofLength = 4_096;
const maxJtiLength = 512;
const windowSeconds = 60;
/** Longer than a proof can be used: from a minute ahead of time to a minute after. */
const rememberedMs = 300_000;
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** @throws {RangeError} for an unknown option or a public origin that is not one. */
export function dpopProofs(options: DpopOptions, clock: Clock): Dpop {
  requireKnown('bearer: dpop', options, ['publicOrigin', 'records', 'required']);
  const { publicOrigin, records } = options;
  requireOrigin('bearer: dpop', 'publicOrigin', publicOrigin);
  const isFirst = seenOnce(records, 'dpop');
  const challenge = (error?: string): string =>
    `DPoP ${error === undefined ? '' : `error="${error}", `}algs="${algorithms.join(' ')}"`;

  return {
    challenge,
    async requireProof(request) {
      const { context, thumbprint } = request;
      let jti: string;
      try {
        jti = await verifyProof(request, { publicOrigin, nowMs: clock.wallMs() });
      } catch (cause) {
        throw refused(challenge('invalid_dpop_proof'), cause);
      }
      const unused = await context.cancellation.race(isFirst(`${thumbprint}\0${jti}`, rememberedMs)); // 11, last line
      if (!unused)
        throw refused(challenge('invalid_dpop_proof'), new RangeError('the proof was used before'));
    },
  };
}

/** @returns The proof's `jti`. @throws {Error} when it does not hold. */
async function verifyProof(
  { context, token, thumbprint }: ProvenRequest,
  { publicOrigin, nowMs }: { readonly publicOrigin: string; readonly nowMs: number },
): Promise<string> {
  const proof = context.inbound.header('dpop');
  if (proof === undefined) throw new TypeError('there is no proof');
  if (proof.length > maxProofLength) throw new RangeError('the proof is too long');
  const { header, payload } = readCompactJws(proof); // 1 and 2: one header field, one well-formed token
  const { jti, htm, htu, iat, ath } = payload; // 3: all claims, each compared below
  if (typeof jti !== 'string' || jti === '' || jti.length > maxJtiLength)
    throw new TypeError('jti must be text');
  if (header.typ !== 'dpop+jwt') throw new TypeError('typ must be dpop+jwt'); // 4
  if (!algorithms.some((algorithm) => algorithm === header.alg)) throw new TypeError('alg is not taken'); // 5
  if (htm !== context.inbound.method) throw new TypeError('htm is not the method'); // 8
  const target = urlOf(publicOrigin + context.inbound.target);
  if (target === undefined || urlOf(htu) !== target) throw new TypeError('htu is not the URL'); // 9
  // 10: this server gives no nonce.
  if (typeof iat !== 'number' || !(Math.abs(nowMs / 1_000 - iat) <= windowSeconds)) {
    throw new RangeError('iat is not of now'); // 11
  }
  if (ath !== hash('sha256', token, 'base64url')) throw new TypeError('ath is not of the token'); // 12
  const jwk = publicKeyOf(header.jwk); // 7
  if ((await calculateJwkThumbprint(jwk)) !== thumbprint)
    throw new TypeError('the token is bound to another key');
  await compactVerify(proof, EmbeddedJWK, { algorithms }); // 6; at last, since nobody but the key's owner gets here
  return jti;
}

function publicKeyOf(jwk: unknown): JWK {
  if (typeof jwk !== 'object' || jwk === null) throw new TypeError('jwk must be a key');
  if (secretMembers.some((member) => Object.hasOwn(jwk, member)))
    throw new TypeError('jwk must be a public key');
  return jwk;
}

/** The URL without query and fragment, normalised (RFC 3986, 6.2.2 and 6.2.3); nothing when it is none. */
function urlOf(text: unknown): string | undefined {
  const url = typeof text === 'string' ? URL.parse(text) : null;
  if (url === null || url.username !== '' || url.password !== '') return undefined;
  const path = url.pathname.replaceAll(/%[0-9a-f]{2}/gi, (encoded) => {
    const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
    return /[\w.~-]/.test(character) ? character : encoded.toUpperCase();
  });
  return url.origin + path;
}

function refused(challenge: string, cause: unknown): GatewayError {
  return new GatewayError('invalid-token', {
    detail: 'The DPoP proof is not valid.',
    headers: { 'www-authenticate': challenge },
    cause,
  });
}
