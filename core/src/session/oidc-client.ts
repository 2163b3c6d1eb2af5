/**
 * The identity provider as the sign-in sees it: where to send the browser, and what comes back for a code
 * or a refresh token. Its metadata is fetched when it is first needed, so the gateway boots without it.
 *
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html OpenID Connect Core}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9700 RFC 9700}, best current practice
 * @see {@link https://www.rfc-editor.org/rfc/rfc9207 RFC 9207}, issuer in the answer
 * @module
 */
import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  type IDToken,
  refreshTokenGrant,
  type TokenEndpointResponse,
  type TokenEndpointResponseHelpers,
  tokenRevocation,
} from 'openid-client';
import type { Clock } from '../context/clock.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { Circuit, unavailable } from './circuit.ts';
import { type Discovered, discovery } from './discovery.ts';
import { describeFailure, failureOf } from './provider-errors.ts';
import { type ProviderFetch, providerFetch } from './provider-fetch.ts';
import type { RenewedTokens } from './session-record.ts';

export interface OidcOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
  readonly resource: string | undefined;
  readonly redirectUri: string;
  readonly clock: Clock;
}

/** What a sign-in proves, checked. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly idToken: string;
  readonly claims: IDToken;
  readonly scopes: readonly string[];
  readonly expiresInMs?: number;
  readonly refreshExpiresInMs?: number;
}

/** The secrets of one login. */
export interface Checks {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/**
 * Every method that asks the provider rejects with {@link GatewayError} `dependency-unavailable` when it
 * cannot be asked.
 */
export interface OidcClient {
  readonly issuer: string;
  authorizationUrl(checks: Checks, prompt: string | undefined): Promise<string>;
  /** @throws {GatewayError} `login-failed` when the provider refused, or its answer proves nothing. */
  exchange(search: string, checks: Checks): Promise<Tokens>;
  /** @returns `refused` when the provider says that the grant is over. */
  refresh(refreshToken: string): Promise<RenewedTokens | 'refused'>;
  revoke(token: string): Promise<void>;
  /** Where the browser signs out at the provider; nothing when the provider has no such page. */
  endSessionUrl(idToken: string, returnTo: string): Promise<string | undefined>;
  /** Where the provider publishes its keys. */
  keysUrl(): Promise<string>;
  readonly fetch: ProviderFetch['fetch'];
  close(): Promise<void>;
}

export function oidcClient(options: OidcOptions): OidcClient {
  const { clock, scope, resource, redirectUri } = options;
  const wire = providerFetch();
  const circuit = new Circuit(clock);
  const discovered = discovery(options, wire.fetch);
  const audience: Record<string, string> = resource === undefined ? {} : { resource };

  /** Runs one exchange with the provider; what is thrown carries no token and no secret. */
  const ask = async <T>(work: (provider: Discovered) => Promise<T>): Promise<T | 'refused' | 'invalid'> => {
    circuit.requireClosed();
    try {
      const answer = await work(await discovered());
      circuit.succeeded();
      return answer;
    } catch (thrown) {
      const failure = failureOf(thrown);
      if (failure !== 'unavailable') return failure;
      circuit.failed();
      throw unavailable(describeFailure(thrown));
    }
  };
  /** Reads something off the metadata; a provider that rests need not be asked for that. */
  const know = async <T>(read: (metadata: Configuration) => T): Promise<T> => {
    try {
      return read((await discovered()).forTokens);
    } catch (thrown) {
      throw unavailable(describeFailure(thrown));
    }
  };

  return {
    issuer: options.issuer,
    fetch: wire.fetch,
    async authorizationUrl({ state, nonce, verifier }, prompt) {
      const challenge = await calculatePKCECodeChallenge(verifier);
      const url = await know((known) =>
        buildAuthorizationUrl(known, {
          redirect_uri: redirectUri,
          scope,
          state,
          nonce,
          code_challenge: challenge,
          code_challenge_method: 'S256',
          ...audience,
          ...(prompt === undefined ? {} : { prompt }),
        }),
      );
      return url.href;
    },
    async exchange(search, { state, nonce, verifier }) {
      const answer = await ask(({ forLogin }) =>
        authorizationCodeGrant(
          forLogin,
          new URL(redirectUri + search),
          { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true },
          audience,
        ),
      );
      if (answer === 'refused' || answer === 'invalid')
        throw loginFailed(new Error(`the answer is ${answer}`));
      const tokens = tokensOf(answer);
      const { claims, idToken, scopes = wordsOf(scope) } = tokens ?? {};
      if (tokens === undefined || claims === undefined || idToken === undefined) {
        throw loginFailed(new Error('the answer has tokens of another type'));
      }
      return { ...tokens, claims, idToken, scopes };
    },
    async refresh(refreshToken) {
      const answer = await ask(({ forTokens }) => refreshTokenGrant(forTokens, refreshToken, audience));
      if (answer === 'refused') return answer;
      const tokens = answer === 'invalid' ? undefined : tokensOf(answer);
      if (tokens === undefined)
        throw unavailable(new Error('identity provider: invalid answer to a refresh'));
      return tokens;
    },
    async revoke(token) {
      const answer = await ask(async ({ forTokens }) => {
        if (forTokens.serverMetadata().revocation_endpoint === undefined) return;
        await tokenRevocation(forTokens, token, { token_type_hint: 'refresh_token' });
      });
      if (answer !== undefined) throw unavailable(new Error(`the answer to a revocation is ${answer}`));
    },
    endSessionUrl(idToken, returnTo) {
      const parameters = { id_token_hint: idToken, post_logout_redirect_uri: returnTo };
      return know((known) => {
        if (known.serverMetadata().end_session_endpoint === undefined) return undefined;
        return buildEndSessionUrl(known, parameters).href;
      });
    },
    keysUrl() {
      return know((known) => {
        const { jwks_uri: url } = known.serverMetadata();
        if (url === undefined) throw new TypeError('the identity provider publishes no keys');
        return url;
      });
    },
    close: () => wire.close(),
  };
}

/** The answer to a callback that leads nowhere. */
export function loginFailed(cause: Error): GatewayError {
  return new GatewayError('login-failed', { detail: 'Please sign in again.', cause });
}

/** The checked answer of the token endpoint; nothing when its tokens are bound to a key we do not have. */
function tokensOf(answer: TokenEndpointResponse & TokenEndpointResponseHelpers): RenewedTokens | undefined {
  if (answer.token_type !== 'bearer') return undefined;
  const { access_token: accessToken, refresh_token: refreshToken, id_token: idToken } = answer;
  const { expires_in: expiresIn, scope } = answer;
  const claims = answer.claims();
  const refreshExpiresIn = answer.refresh_expires_in ?? answer.refresh_token_expires_in;
  return {
    accessToken,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(idToken === undefined || claims === undefined ? {} : { idToken, claims }),
    ...(scope === undefined ? {} : { scopes: wordsOf(scope) }),
    ...(expiresIn === undefined ? {} : { expiresInMs: expiresIn * 1_000 }),
    ...(typeof refreshExpiresIn === 'number' && refreshExpiresIn > 0 // 0 is how Keycloak says: no end
      ? { refreshExpiresInMs: refreshExpiresIn * 1_000 }
      : {}),
  };
}

function wordsOf(text: string): readonly string[] {
  return text.split(' ').filter((word) => word !== '');
}
