/**
 * The metadata of the identity provider: fetched on first need, kept for an hour, and kept longer while
 * the provider is away. Concurrent requests share one fetch.
 *
 * @see {@link https://openid.net/specs/openid-connect-discovery-1_0.html OpenID Connect Discovery}
 * @module
 */
import {
  allowInsecureRequests,
  ClientSecretBasic,
  Configuration,
  type CustomFetch,
  customFetch,
  enableNonRepudiationChecks,
  discovery as fetchMetadata,
} from 'openid-client';
import type { Clock } from '../context/clock.ts';
import { providerTimeoutMs } from './provider-fetch.ts';

/** The provider, in the two ways it is used. */
export interface Discovered {
  /** Verifies signatures of ID tokens too, although they come over TLS. */
  readonly forLogin: Configuration;
  /** Does not: keys that cannot be had at a refresh would cost the new refresh token, hence the session. */
  readonly forTokens: Configuration;
}

export interface DiscoveryOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly clock: Clock;
}

const freshMs = 3_600_000;
const retryMs = 30_000;

/** Makes the function that finds the provider. It rejects with what `openid-client` throws. */
export function discovery(options: DiscoveryOptions, fetch: CustomFetch): () => Promise<Discovered> {
  const { clock } = options;
  let known: Discovered | undefined;
  let staleMs = 0;
  let running: Promise<Discovered> | undefined;
  const refresh = async (): Promise<Discovered> => {
    try {
      known = await discover(options, fetch);
      staleMs = clock.monotonicMs() + freshMs;
    } catch (thrown) {
      if (known === undefined) throw thrown;
      staleMs = clock.monotonicMs() + retryMs;
    }
    return known;
  };
  return function discovered() {
    if (known !== undefined && clock.monotonicMs() < staleMs) return Promise.resolve(known);
    running ??= refresh().finally(() => {
      running = undefined;
    });
    return running;
  };
}

async function discover(options: DiscoveryOptions, fetch: CustomFetch): Promise<Discovered> {
  const { issuer, clientId, clientSecret } = options;
  const url = new URL(issuer);
  const authentication = ClientSecretBasic(clientSecret);
  const allow = url.protocol === 'http:' ? [allowInsecureRequests] : []; // the wire allows it on loopback only
  const forLogin = await fetchMetadata(url, clientId, undefined, authentication, {
    [customFetch]: fetch,
    timeout: providerTimeoutMs / 1_000,
    execute: [...allow, enableNonRepudiationChecks],
  });
  const metadata = forLogin.serverMetadata();
  if (!metadata.supportsPKCE('S256')) {
    throw new TypeError('the identity provider does not support PKCE with S256');
  }
  const forTokens = new Configuration(metadata, clientId, undefined, authentication);
  forTokens[customFetch] = fetch;
  forTokens.timeout = providerTimeoutMs / 1_000;
  for (const extend of allow) extend(forTokens);
  return { forLogin, forTokens };
}
