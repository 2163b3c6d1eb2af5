/**
 * A token of the caller's for one service, exchanged for the caller's own: the identity provider decides
 * what the service may know and do, and the token the client has never leaves the gateway.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8693 RFC 8693}, OAuth 2.0 token exchange
 * @module
 */
import { hash } from 'node:crypto';
import type { TokenEndpointResponse } from 'oauth4webapi';
import type { Clock } from '../context/clock.ts';
import { requireKnown } from '../context/options.ts';
import type { Principal } from '../context/principal.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import type { RecordStore } from '../records/record-store.ts';
import type { UpstreamIdentity } from '../upstream/identity.ts';
import { type SealedTokens, sealedTokens } from './sealed-tokens.ts';
import { requireSubjectToken } from './subject-token.ts';
import { type Obtained, TokenCache } from './token-cache.ts';
import {
  type TokenEndpoint,
  type TokenEndpointOptions,
  tokenEndpoint,
  tokenEndpointOptions,
} from './token-endpoint.ts';

export type TokenExchangeOptions = TokenEndpointOptions & {
  /** The service the token is for, as the provider knows it. */
  readonly audience: string;
  /** Scopes to ask for, of those the caller has. Default: the provider decides. */
  readonly scope?: readonly string[];
  /** Shares the exchanged tokens among instances, sealed. Default: each instance has its own. */
  readonly records?: RecordStore;
  /** For `records`: 32 bytes each in base64url. The first seals, all open. */
  readonly sealKeys?: readonly string[];
};

const grant = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessToken = 'urn:ietf:params:oauth:token-type:access_token';
const jwt = 'urn:ietf:params:oauth:token-type:jwt';
const maxGoodForMs = 5 * 60_000;
const marginMs = 30_000;
/** For a provider that does not say; RFC 6749 only recommends it. */
const unsaidLifetimeSeconds = 60;
const where = 'tokenExchange';

/**
 * Sends `Authorization: Bearer` with an exchanged token. One exchange per caller, audience and scope serves
 * everyone who waits for it, and the token is used until 30 s before its end, for 5 minutes at most.
 *
 * A provider in trouble is 503 `dependency-unavailable`; one that refuses this token (`invalid_grant`,
 * `invalid_target`, …) is 502 `upstream-rejected`, remembered for 10 s. A caller without a token is
 * refused: see `requireSubjectToken`.
 *
 * @throws {RangeError} for an unknown option, an address that is neither https nor loopback, an empty
 * audience or scope, or records without keys to seal them.
 */
export function tokenExchange(options: TokenExchangeOptions): UpstreamIdentity {
  requireKnown(where, options, [...tokenEndpointOptions, 'audience', 'scope', 'records', 'sealKeys']);
  const { audience, scope, clientId } = options;
  checkOptions(options);
  const endpoint = tokenEndpoint(where, options);
  const shared = sharedOf(options);
  const tokens = new TokenCache({ part: `token exchange for ${audience}` });
  const place = [options.tokenEndpoint ?? options.issuer, clientId, audience];

  const wishOf = (context: RequestContext): Wish => {
    const subjectToken = requireSubjectToken(context, where);
    const asked = scope === undefined ? undefined : grantable(scope, context.principal);
    const id = hash('sha256', JSON.stringify([...place, asked, subjectToken]), 'base64url');
    return { id, subjectToken, asked, limit: asked ?? [...(context.principal?.scopes ?? [])] };
  };
  const parts: ExchangeParts = { endpoint, shared, audience };
  return {
    name: 'token-exchange',
    needsCaller: true,
    headers(context) {
      const wish = wishOf(context);
      return tokens.get(wish.id, context, (clock) => obtain(parts, wish, clock));
    },
    refused(context, headers) {
      const { id } = wishOf(context);
      const isDropped = tokens.drop(id, headers, context.clock.monotonicMs());
      if (isDropped) void shared?.forget(id);
      return isDropped;
    },
    close: () => endpoint.close(),
  };
}

interface Wish {
  readonly id: string;
  readonly subjectToken: string;
  readonly asked: readonly string[] | undefined;
  /** No granted scope may be outside of these. */
  readonly limit: readonly string[];
}

interface ExchangeParts {
  readonly endpoint: TokenEndpoint;
  readonly shared: SealedTokens | undefined;
  readonly audience: string;
}

async function obtain(parts: ExchangeParts, wish: Wish, clock: Clock): Promise<Obtained> {
  const { endpoint, shared, audience } = parts;
  const { id, subjectToken, asked, limit } = wish;
  const found = await shared?.find(id);
  if (found !== undefined && found.endsMs > clock.wallMs()) {
    return obtained(found.token, Math.min(maxGoodForMs, found.endsMs - clock.wallMs()));
  }
  const parameters = {
    subject_token: subjectToken,
    subject_token_type: accessToken,
    requested_token_type: accessToken,
    audience,
    ...(asked === undefined ? {} : { scope: asked.join(' ') }),
  };
  const answer = await endpoint.ask(grant, parameters, clock);
  checkIssued(answer, limit);
  const lifetimeMs = (answer.expires_in ?? unsaidLifetimeSeconds) * 1_000;
  const goodForMs = Math.min(lifetimeMs - marginMs, maxGoodForMs);
  const token = answer.access_token;
  if (goodForMs > 0) void shared?.keep(id, { token, endsMs: clock.wallMs() + goodForMs }, goodForMs);
  return obtained(token, goodForMs);
}

function obtained(token: string, goodForMs: number): Obtained {
  return { headers: { authorization: `Bearer ${token}` }, goodForMs };
}

/** Only down: what the caller has of what the service needs. */
function grantable(scope: readonly string[], principal: Principal | undefined): readonly string[] {
  const asked = scope.filter((one) => principal?.scopes.has(one));
  if (asked.length > 0) return asked;
  // Asking for none would get the provider's default, which may be more.
  throw new GatewayError('insufficient-scope', {
    detail: `The credential lacks: ${scope.join(' ')}.`,
    headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope.join(' ')}"` },
  });
}

function checkIssued(answer: TokenEndpointResponse, limit: readonly string[]): void {
  const { issued_token_type: type, scope = '' } = answer;
  if (type !== accessToken && type !== jwt) throw unusable('a token of another type than asked for');
  const more = scope.split(' ').some((one) => one !== '' && !limit.includes(one));
  if (more) throw unusable('more scopes than the caller has or the gateway asked for');
}

function unusable(what: string): GatewayError {
  return new GatewayError('dependency-unavailable', {
    retryAfterMs: 5_000,
    cause: new Error(`the token endpoint issued ${what}`),
  });
}

function sharedOf({ records, sealKeys }: TokenExchangeOptions): SealedTokens | undefined {
  if (records === undefined && sealKeys === undefined) return undefined;
  if (records === undefined || sealKeys === undefined) {
    throw new RangeError(`${where}: records and sealKeys must be set together`);
  }
  return sealedTokens(where, records, sealKeys);
}

function checkOptions({ audience, scope }: TokenExchangeOptions): void {
  if (typeof audience !== 'string' || audience === '') {
    throw new RangeError(`${where}: audience must name the service, got '${String(audience)}'`);
  }
  if (scope !== undefined) requireScopes(where, scope);
}

/** RFC 6749, section 3.3. @throws {RangeError} */
export function requireScopes(place: string, scope: readonly string[]): void {
  const isSound = Array.isArray(scope) && scope.length > 0;
  if (isSound && scope.every((one) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(one))) return;
  throw new RangeError(`${place}: scope must list one or more scopes, got '${String(scope)}'`);
}
