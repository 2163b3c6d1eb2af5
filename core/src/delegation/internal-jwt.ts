/**
 * A short token of the gateway's own for one service: who asks, through which application, with which
 * scopes. The service verifies it with the gateway's published keys and needs no identity provider.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-3.11 RFC 8725, section 3.11}, explicit typing
 * @module
 */
import { requireKnown } from '../context/options.ts';
import type { Principal } from '../context/principal.ts';
import type { RequestContext } from '../context/request-context.ts';
import type { UpstreamIdentity } from '../upstream/identity.ts';
import type { GatewayKeys } from './signing-keys.ts';
import { TokenCache } from './token-cache.ts';

export interface InternalJwtOptions {
  /** The `aud`: the one service that accepts the token, such as `orders`. */
  readonly audience: string;
  /** Signs; share one ring among all upstreams of a BFF. */
  readonly keys: GatewayKeys;
}

/** The `typ` of the token: no access token passes for one, and it passes for none. */
const internalJwtType = 'internal+jwt';

const lifetimeSeconds = 60;
/** Used until 20 s are left: the call, the queues and the clocks of others need some. */
const reuseMs = 40_000;
const anonymousKey = '';

/**
 * Sends `Authorization: Bearer` with a token of 60 s: `iss`, `aud`, `iat`, `exp`, `jti`, and of the caller
 * `kind`, `sub`, `client_id`, `scope`, `tenant`, `roles`. For a caller who is not signed in it says
 * `kind: anonymous` and has no `sub`. One token serves the calls of one caller for 40 s.
 *
 * @throws {RangeError} for an unknown option, an empty audience, or missing keys.
 */
export function internalJwt(options: InternalJwtOptions): UpstreamIdentity {
  requireKnown('internalJwt', options, ['audience', 'keys']);
  const { audience, keys } = options;
  if (typeof audience !== 'string' || audience === '') {
    throw new RangeError(`internalJwt: audience must name the service, got '${String(audience)}'`);
  }
  if (keys === undefined) throw new RangeError('internalJwt: keys must be gatewayKeys(…), got undefined');
  const tokens = new TokenCache({ part: `internal tokens of ${audience}` });
  const cacheKeys = new WeakMap<Principal, string>();
  const cacheKeyOf = (principal: Principal | undefined): string => {
    if (principal === undefined) return anonymousKey;
    const known = cacheKeys.get(principal) ?? JSON.stringify(Object.entries(claimsOf(principal)));
    cacheKeys.set(principal, known);
    return known;
  };
  const sign = async (context: RequestContext): Promise<string> => {
    const iat = Math.floor(context.clock.wallMs() / 1_000);
    return keys.sign(internalJwtType, {
      ...claimsOf(context.principal),
      iss: keys.issuer,
      aud: audience,
      jti: context.ids.traceId(),
      iat,
      exp: iat + lifetimeSeconds,
    });
  };
  return {
    name: 'internal-jwt',
    admin: keys.admin,
    headers: (context) =>
      tokens.get(cacheKeyOf(context.principal), context, async () => ({
        headers: { authorization: `Bearer ${await sign(context)}` },
        goodForMs: reuseMs,
      })),
    refused: (context, headers) =>
      tokens.drop(cacheKeyOf(context.principal), headers, context.clock.monotonicMs()),
  };
}

/** What the token says of the caller; lists in one order, so that equal callers share a token. */
function claimsOf(principal: Principal | undefined): Readonly<Record<string, unknown>> {
  if (principal === undefined) return { kind: 'anonymous' };
  const { kind, subject, clientId, scopes, tenant, roles } = principal;
  return {
    kind,
    sub: subject,
    client_id: clientId,
    scope: [...scopes].sort().join(' '),
    ...(tenant === undefined ? {} : { tenant }),
    ...(roles === undefined || roles.size === 0 ? {} : { roles: [...roles].sort() }),
  };
}
