/**
 * A token of the gateway's own, for services that ask which program calls and not for whom.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.4 RFC 6749, section 4.4}
 * @module
 */
import type { Clock } from '../context/clock.ts';
import { requireKnown } from '../context/options.ts';
import type { UpstreamIdentity } from '../upstream/identity.ts';
import { type Obtained, TokenCache } from './token-cache.ts';
import { type TokenEndpointOptions, tokenEndpoint, tokenEndpointOptions } from './token-endpoint.ts';
import { requireScopes } from './token-exchange.ts';

export type ClientCredentialsOptions = TokenEndpointOptions & {
  /** Default: what the provider gives to this client. */
  readonly scope?: readonly string[];
  /** The service the token is for, where the provider knows the parameter. Default none. */
  readonly audience?: string;
};

const unsaidLifetimeSeconds = 60;
/** The token must still be good when the service looks at it. */
const marginMs = 5_000;
const refreshShare = 0.8;
const backoffMs = 5_000;
const where = 'clientCredentials';
const theOne = '';

/**
 * Sends `Authorization: Bearer` with one token for all callers. It is renewed beside the calls in the last
 * fifth of its life, and used until 5 s before its end while the provider fails, which is asked again
 * every 5 s.
 *
 * @throws {RangeError} for an unknown option, an address that is neither https nor loopback, or an
 * empty id, secret, audience or scope.
 */
export function clientCredentials(options: ClientCredentialsOptions): UpstreamIdentity {
  requireKnown(where, options, [...tokenEndpointOptions, 'scope', 'audience']);
  const { scope, audience } = options;
  if (scope !== undefined) requireScopes(where, scope);
  if (audience === '') throw new RangeError(`${where}: audience must name the service, got an empty text`);
  const endpoint = tokenEndpoint(where, options);
  const tokens = new TokenCache({
    part: `client credentials of ${options.clientId}`,
    max: 1,
    retryMs: backoffMs,
    refusedMs: backoffMs,
  });
  const parameters = {
    ...(scope === undefined ? {} : { scope: scope.join(' ') }),
    ...(audience === undefined ? {} : { audience }),
  };
  const obtain = async (clock: Clock): Promise<Obtained> => {
    const answer = await endpoint.ask('client_credentials', parameters, clock);
    const lifetimeMs = (answer.expires_in ?? unsaidLifetimeSeconds) * 1_000;
    return {
      headers: { authorization: `Bearer ${answer.access_token}` },
      refreshAfterMs: lifetimeMs * refreshShare,
      goodForMs: lifetimeMs - marginMs,
    };
  };
  return {
    name: 'client-credentials',
    headers: (context) => tokens.get(theOne, context, obtain),
    refused: (context, headers) => tokens.drop(theOne, headers, context.clock.monotonicMs()),
    close: () => endpoint.close(),
  };
}
