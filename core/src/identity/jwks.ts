/**
 * The identity provider's public keys: fetched on first need, refreshed in the background, kept
 * while the provider is away. A provider that is down is never a reason to refuse a good token.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517 RFC 7517}, JSON Web Key sets
 * @module
 */
import {
  createLocalJWKSet,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWSHeaderParameters,
} from 'jose';
import { request } from 'undici';
import type { Clock } from '../context/clock.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { usableKeys } from './key-set.ts';

const freshMs = 10 * 60_000;
const staleMs = 60 * 60_000;
const cooldownMs = 30_000;
const failureBackoffMs = 5_000;
const timeoutMs = 2_000;
const maxBytes = 256 * 1_024;

/** Fetches the document of keys; injected in tests. */
export type FetchKeys = (url: string) => Promise<JSONWebKeySet>;

type LocalKeys = ReturnType<typeof createLocalJWKSet>;
export type FindKey = (header: JWSHeaderParameters, token: FlattenedJWSInput) => ReturnType<LocalKeys>;

/** The keys of one provider. */
export interface RemoteKeys {
  /**
   * What `jose` asks for a key.
   *
   * @throws {GatewayError} `dependency-unavailable` (as a rejection) when there are no usable keys, or when
   * a key is not among them and the provider, which may have published it since, is away.
   */
  find(
    header: JWSHeaderParameters,
    token: FlattenedJWSInput,
    /** Hears the version of the keys that were looked through. */
    onVersion?: (version: number) => void,
  ): ReturnType<LocalKeys>;
  /**
   * Grows whenever the provider publishes other keys than before: what was verified by older ones has to
   * be verified again. Asking keeps the keys fresh.
   */
  version(): number;
}

/**
 * Keys are fresh for 10 minutes and good for an hour while the provider fails; an unknown key id causes a
 * new fetch at most every 30 seconds, a failed fetch at most every 5; concurrent requests share one fetch.
 */
export function remoteKeys(url: string, clock: Clock, fetchKeys: FetchKeys = fetchOverHttp): RemoteKeys {
  let keys: LocalKeys | undefined;
  let fingerprint = '';
  let version = 0;
  let fetchedMs = Number.NEGATIVE_INFINITY;
  let failedMs = Number.NEGATIVE_INFINITY;
  let lastFailure: unknown;
  let running: Promise<void> | undefined;

  const refresh = (): Promise<void> => {
    running ??= fetchKeys(url)
      .then(usableKeys)
      .then((usable) => {
        keys = createLocalJWKSet({ keys: [...usable.keys] });
        fetchedMs = clock.monotonicMs();
        if (usable.fingerprint !== fingerprint) version += 1;
        fingerprint = usable.fingerprint;
      })
      .catch((error: unknown) => {
        failedMs = clock.monotonicMs();
        lastFailure = error;
      })
      .finally(() => {
        running = undefined;
      });
    return running;
  };
  const mayFetch = (): boolean => clock.monotonicMs() - failedMs >= failureBackoffMs;
  const ageMs = (): number => clock.monotonicMs() - fetchedMs;
  const keepFresh = (): void => {
    if (ageMs() > freshMs && mayFetch()) void refresh();
  };
  const unavailable = (): GatewayError =>
    new GatewayError('dependency-unavailable', {
      detail: 'The keys of the identity provider are not available.',
      retryAfterMs: failureBackoffMs,
      cause: lastFailure,
    });

  return {
    async find(header, token, onVersion) {
      if (keys !== undefined && ageMs() <= staleMs) keepFresh();
      else if (mayFetch()) await refresh();
      if (keys === undefined || ageMs() > staleMs) throw unavailable();
      onVersion?.(version);
      try {
        return await keys(header, token);
      } catch (error) {
        if (!isUnknownKey(error) || ageMs() < cooldownMs) throw error;
        if (mayFetch()) await refresh();
        if (failedMs > fetchedMs) throw unavailable();
        onVersion?.(version);
        return keys(header, token);
      }
    },
    version() {
      keepFresh();
      return version;
    },
  };
}

function isUnknownKey(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_JWKS_NO_MATCHING_KEY';
}

async function fetchOverHttp(url: string): Promise<JSONWebKeySet> {
  const { statusCode, body } = await request(url, {
    headers: { accept: 'application/json' },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    signal: AbortSignal.timeout(timeoutMs),
  });
  let text = '';
  for await (const chunk of body.setEncoding('utf8')) {
    text += chunk;
    if (text.length > maxBytes) throw new RangeError(`the key set has more than ${maxBytes} bytes`);
  }
  if (statusCode !== 200) throw new Error(`the key set answered ${statusCode}`);
  return JSON.parse(text) as JSONWebKeySet;
}
