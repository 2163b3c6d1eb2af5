/**
 * The options of `bearer`, and their check at boot. An empty issuer or audience would not be refused by
 * `jose`: it would not be checked.
 *
 * @module
 */
import type { Clock } from '../context/clock.ts';
import { requireKnown } from '../context/options.ts';
import type { DpopOptions } from './dpop.ts';
import type { FetchKeys } from './jwks.ts';
import type { Revocations } from './revocation.ts';

export interface BearerOptions {
  /** The exact `iss` of accepted tokens. */
  readonly issuer: string;
  /** The `aud` that must be among the token's audiences. */
  readonly audience: string;
  /** Where the issuer publishes its keys. */
  readonly jwksUrl: string;
  /** Accepted signature algorithms, asymmetric only. Default `['RS256', 'PS256', 'ES256', 'EdDSA']`. */
  readonly algorithms?: readonly BearerAlgorithm[];
  /** The list of tokens refused before their end, asked on every request. Closed with the BFF. Default none. */
  readonly revocations?: Revocations;
  /** Takes tokens that are bound to a key, each with a proof of it. Default: they are refused. */
  readonly dpop?: DpopOptions;
  /** The claim that tells the caller's tenant: a text. Default `tenant`. */
  readonly tenantClaim?: string;
  /** The claim that lists the caller's roles: an array of texts, of which the first 100 count. Default `roles`. */
  readonly rolesClaim?: string;
  /** Default the system's clock. */
  readonly clock?: Clock;
  /** Default over HTTP with a 2 s timeout. */
  readonly fetchKeys?: FetchKeys;
}

export type BearerAlgorithm = 'RS256' | 'PS256' | 'ES256' | 'EdDSA';

const asymmetric: readonly string[] = ['RS256', 'PS256', 'ES256', 'EdDSA'] satisfies BearerAlgorithm[];

// biome-ignore format: one list
const known = [
  'issuer', 'audience', 'jwksUrl', 'algorithms', 'revocations', 'dpop', 'tenantClaim', 'rolesClaim', 'clock', 'fetchKeys',
];

/**
 * @returns The accepted algorithms.
 * @throws {RangeError} naming the option, what it must be, and the value.
 */
export function checkBearerOptions(options: BearerOptions): readonly string[] {
  const { issuer, audience, jwksUrl, algorithms = asymmetric, tenantClaim, rolesClaim } = options;
  requireKnown('bearer', options, known);
  requireText('issuer', 'the exact iss of accepted tokens', issuer);
  requireText('audience', 'a text that stands in aud', audience);
  if (tenantClaim !== undefined) requireText('tenantClaim', 'the name of a claim', tenantClaim);
  if (rolesClaim !== undefined) requireText('rolesClaim', 'the name of a claim', rolesClaim);
  if (!/^https?:$/.test(URL.parse(jwksUrl)?.protocol ?? '')) {
    throw new RangeError(`bearer: jwksUrl must be an http or https URL, got '${jwksUrl}'`);
  }
  if (algorithms.length === 0 || !algorithms.every((algorithm) => asymmetric.includes(algorithm))) {
    throw new RangeError(
      `bearer: algorithms must name one or more of ${asymmetric.join(', ')}, got ${algorithms.join(', ') || 'none'}`,
    );
  }
  return [...algorithms];
}

function requireText(option: string, meaning: string, value: unknown): void {
  if (typeof value === 'string' && value !== '') return;
  throw new RangeError(`bearer: ${option} must be ${meaning}, got ${value === '' ? 'an empty text' : value}`);
}
