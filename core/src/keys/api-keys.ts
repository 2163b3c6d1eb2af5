/**
 * API keys of partners as `Authorization: Bearer bffk_…`. What cannot be a key is refused before anything
 * is asked; an unknown id says the same as a wrong secret, and what became of a key is told only to who
 * has its secret.
 *
 * Form and checksum, then the record, its hash, its status and end, its environment, its addresses.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750 RFC 6750}, bearer tokens
 * @module
 */
import { LRUCache } from 'lru-cache';
import { type Clock, systemClock } from '../context/clock.ts';
import type { EventBus } from '../context/event-bus.ts';
import { type IdSource, randomIds } from '../context/ids.ts';
import { requireKnown } from '../context/options.ts';
import type { Principal } from '../context/principal.ts';
import type { RequestContext } from '../context/request-context.ts';
import { type Authenticator, bearerToken } from '../identity/authenticator.ts';
import { GatewayError, type GatewayErrorOptions } from '../problem/gateway-error.ts';
import type { RecordStore } from '../records/record-store.ts';
import { type KeyAdmin, keyAdmin } from './key-admin.ts';
import { KeyCache, type KnownKey } from './key-cache.ts';
import { environmentForm, keyPrefix, parseKey, type RandomInteger } from './key-format.ts';
import { keyHash } from './key-hash.ts';
import { keyPages } from './key-pages.ts';
import { KeyStore } from './key-store.ts';
import { type KeySeed, readSeeds } from './seeds.ts';

export interface ApiKeysOptions {
  /** Where the keys are; they stay open when the BFF closes. */
  readonly records: RecordStore;
  /**
   * The secret under which keys are hashed, at least 32 characters; several while it changes: the first
   * hashes new keys, all verify. Never kept with the records.
   */
  readonly pepper: string | readonly string[];
  /** Whose keys are accepted here, such as `live` or `test`: 2 to 16 lowercase letters or digits. */
  readonly environment: string;
  /** Keys of the configuration, added where the records do not have them yet. Default none. */
  readonly seeds?: readonly KeySeed[];
  /** The plans a key may have. Default any. */
  readonly plans?: readonly string[];
  /**
   * The versions of the API, newest first: the first key of a partner pins it to the newest, and only operators change
   * that. Default none: nobody is pinned.
   */
  readonly versions?: readonly string[];
  /** For tests: time, randomness and identifiers. */
  readonly clock?: Clock;
  readonly random?: RandomInteger;
  readonly ids?: IdSource;
}

export interface ApiKeys extends Authenticator {
  /** What operators do with keys, as the admin port does it. */
  readonly keys: KeyAdmin;
  watch(events: EventBus): void;
  close(): void;
}

// biome-ignore format: one list
const knownOptions = ['records', 'pepper', 'environment', 'seeds', 'plans', 'versions', 'clock', 'random', 'ids'];
/** How often the last use of a key is written down at most. */
const touchEveryMs = 60_000;
const maxNoted = 10_000;
const parameterOfKey = /^(x[-_])?api[-_]?key$/i;

/**
 * Accepts API keys and lets operators manage them on the admin port, under `/keys`.
 *
 * @throws {RangeError} at boot for an unknown option, a pepper that is too short, an environment of
 * another form, or a seed that is not valid.
 */
export function apiKeys(options: ApiKeysOptions): ApiKeys {
  requireKnown('apiKeys', options, knownOptions);
  const { environment, clock = systemClock, ids = randomIds() } = options;
  if (!environmentForm.test(environment)) {
    throw new RangeError(
      `apiKeys: environment must be 2 to 16 lowercase letters or digits, got '${environment}'`,
    );
  }
  const hash = keyHash(options.pepper);
  const seeds = readSeeds(options.seeds ?? [], environment, clock.wallMs());
  const store = new KeyStore(options.records, seeds, options.versions?.[0]);
  const cache = new KeyCache((id) => store.find(id), clock);
  const buses: EventBus[] = [];
  const stopListening = store.listen(
    (id) => cache.forget(id),
    () => cache.flush(),
  );
  const keys = keyAdmin({
    store,
    hash,
    environment,
    plans: options.plans,
    versions: options.versions,
    clock,
    random: options.random,
    async onChange(id) {
      cache.forget(id);
      await store.tell(id).catch((error: unknown) => {
        // The change stands; the other instances learn of it when what they remember ends.
        for (const bus of buses)
          bus.emit('problem', { part: 'telling of a changed key', error: asError(error) });
      });
    },
    onAudit(fact) {
      for (const bus of buses) bus.emit('audit', fact);
    },
  });

  const refusal = (
    code: 'invalid-api-key' | 'api-key-expired' | 'api-key-revoked',
    options: GatewayErrorOptions = {},
  ): GatewayError =>
    new GatewayError(code, { ...options, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } });

  const judge = (context: RequestContext, key: string, found: KnownKey | undefined): Principal => {
    if (!hash.matches(key, found?.record.hash) || found === undefined) throw refusal('invalid-api-key');
    const { record, endMs, ipAllow, principal } = found;
    const nowMs = clock.wallMs();
    if (record.status === 'revoked') throw refusal('api-key-revoked');
    if (nowMs >= endMs) throw refusal('api-key-expired');
    if (record.environment !== environment) throw new GatewayError('wrong-environment');
    if (ipAllow !== undefined && !ipAllow.has(context.clientAddress()))
      throw new GatewayError('ip-not-allowed');
    if (record.graceUntilMs !== undefined) {
      context.extraHeaders.set('bff-key-expires', new Date(endMs).toUTCString());
    }
    noteUse(record.id, nowMs);
    return principal;
  };

  /** When the last use of a key was written, by the monotonic clock. */
  const notedMs = new LRUCache<string, number>({ max: maxNoted });
  const noteUse = (id: string, nowMs: number): void => {
    const sinceMs = clock.monotonicMs() - (notedMs.get(id) ?? Number.NEGATIVE_INFINITY);
    if (sinceMs < touchEveryMs) return;
    notedMs.set(id, clock.monotonicMs());
    void store.touch(id, nowMs);
  };

  return {
    name: 'api-key',
    challenge: 'Bearer',
    ...(options.records.isLocal === true ? { remembersAlone: ['keys'] } : {}),
    form: {
      summary: `An API key of a partner, for '${environment}'.`,
      places: [{ kind: 'bearer', format: `${keyPrefix}…` }],
      // biome-ignore format: one list
      problems: [
        'bad-request-header', 'credential-in-url', 'invalid-api-key', 'api-key-expired', 'api-key-revoked',
        'wrong-environment', 'ip-not-allowed', 'dependency-unavailable',
      ],
    },
    keys,
    admin: keyPages(keys, ids),
    authenticate(context) {
      refuseOtherPlaces(context);
      const key = bearerToken(context);
      if (key === undefined || !key.startsWith(keyPrefix)) return undefined;
      const name = parseKey(key);
      // A typing error, found without asking: no guess, and not worth a question to the store of the limits.
      if (name === undefined) throw refusal('invalid-api-key', { isUncharged: true });
      const found = cache.get(name.id);
      return found instanceof Promise
        ? found.then((later) => judge(context, key, later))
        : judge(context, key, found);
    },
    watch(events) {
      buses.push(events);
    },
    close: stopListening,
  };
}

/** A key has one place. In a URL it would be in logs and histories by now: whoever sends it there is told. */
function refuseOtherPlaces({ inbound }: RequestContext): void {
  if (inbound.header('x-api-key') !== undefined) {
    throw new GatewayError('bad-request-header', { detail: 'Send the key as Authorization: Bearer KEY.' });
  }
  const { target } = inbound;
  const query = target.indexOf('?');
  const names = query < 0 ? [] : [...new URLSearchParams(target.slice(query)).keys()];
  if (target.includes(keyPrefix) || names.some((name) => parameterOfKey.test(name))) {
    throw new GatewayError('credential-in-url', { detail: 'Send the key as Authorization: Bearer KEY.' });
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
