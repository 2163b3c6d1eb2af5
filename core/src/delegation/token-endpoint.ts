/**
 * The token endpoint of an identity provider, as the gateway's own client: one request for one token.
 * What went wrong is told in our words only; an answer of a token endpoint may have tokens in it.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5 RFC 6749, section 5}
 * @module
 */
import {
  type AuthorizationServer,
  allowInsecureRequests,
  ClientSecretBasic,
  customFetch,
  discoveryRequest,
  genericTokenEndpointRequest,
  processDiscoveryResponse,
  processGenericTokenEndpointResponse,
  ResponseBodyError,
  type TokenEndpointResponse,
} from 'oauth4webapi';
import type { Clock } from '../context/clock.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { isConfidential } from '../upstream/confidential.ts';
import { type Breaker, breaker, defaultBreaker } from '../upstream/resilience.ts';
import { tokenHttp } from './token-http.ts';

/** Who issues tokens to whom. Either the endpoint or the issuer that tells where it is. */
export type TokenEndpointOptions = {
  readonly clientId: string;
  readonly clientSecret: string;
} & (
  | {
      /** Where tokens are issued: https, or http on this machine. */
      readonly tokenEndpoint: string;
      readonly issuer?: never;
    }
  | {
      /** Its OpenID configuration is read at the first need. */
      readonly issuer: string;
      readonly tokenEndpoint?: never;
    }
);

export const tokenEndpointOptions = ['tokenEndpoint', 'issuer', 'clientId', 'clientSecret'] as const;

export interface TokenEndpoint {
  /**
   * Asks for one token.
   *
   * @throws {GatewayError} `dependency-unavailable` when the provider cannot be asked or refuses this gateway;
   * `upstream-rejected` when it refuses to issue this token.
   */
  ask(
    grant: string,
    parameters: Readonly<Record<string, string>>,
    clock: Clock,
  ): Promise<TokenEndpointResponse>;
  close(): Promise<void>;
}

/** Answers about this very token; everything else is trouble, or about this gateway's registration. */
const refusals = new Set([
  'invalid_grant',
  'invalid_request',
  'invalid_scope',
  'invalid_target',
  'access_denied',
  'consent_required',
  'interaction_required',
]);
const retryAfterMs = 5_000;
const providerBreaker = { ...defaultBreaker, openMs: retryAfterMs, halfOpenProbes: 1, successThreshold: 1 };

/** @throws {RangeError} for an address that is not https or loopback, or an empty id or secret. */
export function tokenEndpoint(where: string, options: TokenEndpointOptions): TokenEndpoint {
  const { clientId, clientSecret } = options;
  const source = checkAddress(where, options);
  requireText(where, 'clientId', clientId);
  requireText(where, 'clientSecret', clientSecret);
  const client = { client_id: clientId };
  const authentication = ClientSecretBasic(clientSecret);
  const http = tokenHttp();
  let opened: Breaker | undefined;
  let server: Promise<AuthorizationServer> | undefined;

  const serverOf = (clock: Clock): Promise<AuthorizationServer> => {
    if (options.issuer === undefined)
      return Promise.resolve({ issuer: source.origin, token_endpoint: source.href });
    server ??= discover(source, http.fetch(clock)).catch((error: unknown) => {
      server = undefined;
      throw error;
    });
    return server;
  };
  return {
    async ask(grant, parameters, clock) {
      opened ??= breaker(providerBreaker, clock, () => {});
      const report = admit(opened);
      const wire = { [customFetch]: http.fetch(clock), [allowInsecureRequests]: true }; // judged by isConfidential
      try {
        const known = await serverOf(clock);
        const answer = await genericTokenEndpointRequest(
          known,
          client,
          authentication,
          grant,
          parameters,
          wire,
        );
        const token = await processGenericTokenEndpointResponse(known, client, answer);
        if (token.token_type !== 'bearer') throw new Error(`it issued a token of type ${token.token_type}`);
        report('success');
        return token;
      } catch (thrown) {
        const error = failureOf(thrown);
        report(error.code === 'upstream-rejected' ? 'success' : 'failure');
        throw error;
      }
    },
    close: () => http.close(),
  };
}

async function discover(
  issuer: URL,
  fetch: ReturnType<ReturnType<typeof tokenHttp>['fetch']>,
): Promise<AuthorizationServer> {
  const answer = await discoveryRequest(issuer, { [customFetch]: fetch, [allowInsecureRequests]: true });
  const server = await processDiscoveryResponse(issuer, answer);
  if (!isConfidential(server.token_endpoint ?? '')) {
    throw new Error('the token endpoint of its configuration is neither https nor loopback');
  }
  return server;
}

function admit(opened: Breaker): ReturnType<Breaker['admit']> {
  try {
    return opened.admit();
  } catch (thrown) {
    const { options } = GatewayError.from(thrown);
    throw unavailable('it is given a rest after failures', options.retryAfterMs);
  }
}

function failureOf(thrown: unknown): GatewayError {
  if (thrown instanceof ResponseBodyError) {
    const code = /^[a-z_]{1,40}$/.test(thrown.error) ? thrown.error : 'an unknown error';
    if (!refusals.has(code)) return unavailable(`it answered ${code}`);
    return new GatewayError('upstream-rejected', { cause: new Error(`the token endpoint answered ${code}`) });
  }
  return unavailable(isOurs(thrown) ? thrown.message : 'its answer cannot be used');
}

/** Errors of `oauth4webapi` have a code and may quote the answer; those of the wire and ours say what happened. */
function isOurs(thrown: unknown): thrown is Error {
  if (!(thrown instanceof Error)) return false;
  return !('code' in thrown) || !String(thrown.code).startsWith('OAUTH_');
}

function unavailable(why: string, afterMs = retryAfterMs): GatewayError {
  return new GatewayError('dependency-unavailable', {
    retryAfterMs: afterMs,
    cause: new Error(`the token endpoint: ${why}`),
  });
}

function checkAddress(where: string, { tokenEndpoint: endpoint, issuer }: TokenEndpointOptions): URL {
  if ((endpoint === undefined) === (issuer === undefined)) {
    throw new RangeError(`${where}: set either tokenEndpoint or issuer`);
  }
  const option = endpoint === undefined ? 'issuer' : 'tokenEndpoint';
  const url = URL.parse(String(endpoint ?? issuer));
  const isPlain = url !== null && url.username === '' && url.password === '' && url.hash === '';
  if (isPlain && isConfidential(url.href)) return url;
  const shown = isPlain ? `'${url.href}'` : 'something else';
  throw new RangeError(`${where}: ${option} must be an https URL, or http on this machine, got ${shown}`);
}

function requireText(where: string, option: string, value: unknown): void {
  if (typeof value !== 'string' || value === '') {
    throw new RangeError(
      `${where}: ${option} must be set, got ${value === '' ? 'an empty text' : typeof value}`,
    );
  }
}
