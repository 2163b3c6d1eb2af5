/**
 * Access tokens as `Authorization: Bearer`: JSON Web Tokens of one issuer, for one audience, signed
 * with pinned asymmetric algorithms. A verified token is remembered until it expires, because the
 * signature is the most expensive step of a request.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068 RFC 9068}, access tokens as JWT
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725 RFC 8725}, JWT best practices
 * @module
 */
import { errors, type JWTPayload, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import { type Clock, systemClock } from '../context/clock.ts';
import { requireKnown } from '../context/options.ts';
import type { Principal } from '../context/principal.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { type Authenticator, bearerToken } from './authenticator.ts';
import { type FetchKeys, remoteKeys } from './jwks.ts';

export interface BearerOptions {
  /** The exact `iss` of accepted tokens. */
  readonly issuer: string;
  /** The `aud` that must be among the token's audiences. */
  readonly audience: string;
  /** Where the issuer publishes its keys. */
  readonly jwksUrl: string;
  /** Accepted signature algorithms, asymmetric only. Default `['RS256', 'PS256', 'ES256', 'EdDSA']`. */
  readonly algorithms?: readonly BearerAlgorithm[];
  /** Default the system's clock. */
  readonly clock?: Clock;
  /** Default over HTTP with a 2 s timeout. */
  readonly fetchKeys?: FetchKeys;
}

export type BearerAlgorithm = 'RS256' | 'PS256' | 'ES256' | 'EdDSA';

const clockToleranceSeconds = 5;
const maxLifetimeSeconds = 24 * 3_600;
const maxTokenLength = 8_192;
const maxRemembered = 10_000;

interface Verified {
  readonly principal: Principal;
  /** Epoch milliseconds. */
  readonly expiresMs: number;
}

const asymmetric: readonly string[] = ['RS256', 'PS256', 'ES256', 'EdDSA'] satisfies BearerAlgorithm[];

/**
 * Accepts RFC 9068 access tokens. Requires `exp`, `iat`, `jti`, `sub` and `client_id`, allows 5 s of
 * clock skew and a lifetime of at most 24 h. Failures answer 401 `invalid-token`; keys that cannot
 * be had or used answer 503, never 401.
 *
 * @throws {RangeError} for an unknown option, an empty issuer or audience, a key address that is not
 * http or https, or an algorithm that is not in the list.
 */
export function bearer(options: BearerOptions): Authenticator {
  checkOptions(options);
  const clock = options.clock ?? systemClock;
  const findKey = remoteKeys(options.jwksUrl, clock, options.fetchKeys);
  const remembered = new LRUCache<string, Verified>({ max: maxRemembered });
  const algorithms = [...(options.algorithms ?? asymmetric)];

  const verify = async (token: string): Promise<Principal> => {
    const now = clock.wallMs();
    try {
      const { payload } = await jwtVerify(token, findKey, {
        issuer: options.issuer,
        audience: options.audience,
        algorithms,
        typ: 'at+jwt',
        requiredClaims: ['exp', 'iat', 'jti', 'sub', 'client_id'],
        clockTolerance: clockToleranceSeconds,
        maxTokenAge: maxLifetimeSeconds,
        currentDate: new Date(now),
      });
      const verified = verifiedOf(payload);
      remembered.set(token, verified);
      return verified.principal;
    } catch (error) {
      if (error instanceof errors.JOSEError) throw invalidToken(error);
      if (error instanceof GatewayError) throw error;
      throw new GatewayError('dependency-unavailable', { cause: error }); // a published key that cannot be used
    }
  };

  return {
    name: 'bearer',
    challenge: 'Bearer',
    authenticate(context: RequestContext) {
      const token = bearerToken(context);
      if (token === undefined || !token.includes('.')) return undefined;
      if (token.length > maxTokenLength) throw invalidToken(new RangeError('the token is too long'));
      const known = remembered.get(token);
      if (known !== undefined && known.expiresMs > clock.wallMs()) return known.principal;
      return context.cancellation.race(verify(token));
    },
  };
}

/** An empty issuer or audience would not be refused by jose: it would not be checked. */
function checkOptions(options: BearerOptions): void {
  const { issuer, audience, jwksUrl, algorithms = asymmetric } = options;
  requireKnown('bearer', options, ['issuer', 'audience', 'jwksUrl', 'algorithms', 'clock', 'fetchKeys']);
  requireText('issuer', 'the exact iss of accepted tokens', issuer);
  requireText('audience', 'a text that stands in aud', audience);
  if (!/^https?:$/.test(URL.parse(jwksUrl)?.protocol ?? '')) {
    throw new RangeError(`bearer: jwksUrl must be an http or https URL, got '${jwksUrl}'`);
  }
  if (algorithms.length === 0 || !algorithms.every((algorithm) => asymmetric.includes(algorithm))) {
    throw new RangeError(
      `bearer: algorithms must name one or more of ${asymmetric.join(', ')}, got ${algorithms.join(', ') || 'none'}`,
    );
  }
}

function requireText(option: string, meaning: string, value: unknown): void {
  if (typeof value === 'string' && value !== '') return;
  throw new RangeError(`bearer: ${option} must be ${meaning}, got ${value === '' ? 'an empty text' : value}`);
}

function verifiedOf(payload: JWTPayload): Verified {
  const { sub, exp, iat, client_id: clientId, scope, tenant } = payload;
  if (typeof sub !== 'string' || typeof clientId !== 'string' || exp === undefined || iat === undefined) {
    throw invalidToken(new TypeError('sub and client_id must be strings'));
  }
  if (sub === '' || clientId === '') throw invalidToken(new TypeError('sub and client_id must not be empty'));
  if (exp - iat > maxLifetimeSeconds) throw invalidToken(new RangeError('the token lives longer than 24 h'));
  return {
    principal: {
      kind: 'user',
      subject: sub,
      clientId,
      scopes: new Set(typeof scope === 'string' ? scope.split(' ') : []),
      tenant: typeof tenant === 'string' ? tenant : undefined,
    },
    expiresMs: (exp + clockToleranceSeconds) * 1_000,
  };
}

function invalidToken(cause: Error): GatewayError {
  return new GatewayError('invalid-token', {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    cause,
  });
}
