/**
 * Partner keys for tests of this package: a BFF that takes them, and records that count and can be away.
 *
 * @module
 */
import { z } from 'zod';
import type { BffOptions } from '../bff-options.ts';
import { endpoint } from '../endpoint/endpoint.ts';
import { scopes } from '../identity/access.ts';
import { type ApiKeys, type ApiKeysOptions, apiKeys } from '../keys/api-keys.ts';
import { tokenBucket } from '../limit/declare.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { memoryRecords } from '../records/memory-records.ts';
import type { RecordStore } from '../records/record-store.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';
import { type TestBff, testBff } from './test-bff.ts';

export const pepper = 'a pepper for tests of partner keys';

export interface CountedRecords extends RecordStore {
  /** The methods called so far, without `subscribe`, with the key. */
  readonly commands: string[];
  /** While true every method rejects with 503. */
  isAway: boolean;
  /** While true nothing is told to subscribers. */
  isDeaf: boolean;
  /** Subscribers hear that they may have missed something. */
  gap(): void;
}

/** Records in memory that a test can look at and take away. */
export function countedRecords(clock: ManualClock, inner = memoryRecords({ clock })): CountedRecords {
  const commands: string[] = [];
  const gaps = new Set<() => void>();
  const ask = async <T>(command: string, answer: () => Promise<T>): Promise<T> => {
    commands.push(command);
    if (records.isAway) throw new GatewayError('dependency-unavailable', { retryAfterMs: 1_000 });
    return answer();
  };
  const records: CountedRecords = {
    commands,
    isAway: false,
    isDeaf: false,
    gap() {
      for (const onGap of gaps) onGap();
    },
    get: (key) => ask(`get ${key}`, () => inner.get(key)),
    set: (key, value, options) => ask(`set ${key}`, () => inner.set(key, value, options)),
    delete: (key, value) => ask(`delete ${key}`, () => inner.delete(key, value)),
    add: (key, member, ttlMs) => ask(`add ${key}`, () => inner.add(key, member, ttlMs)),
    remove: (key, member) => ask(`remove ${key}`, () => inner.remove(key, member)),
    members: (key) => ask(`members ${key}`, () => inner.members(key)),
    count: (key, amounts, options) => ask(`count ${key}`, () => inner.count(key, amounts, options)),
    counts: (key) => ask(`counts ${key}`, () => inner.counts(key)),
    publish: (channel, message) =>
      ask(`publish ${channel}`, async () => (records.isDeaf ? undefined : inner.publish(channel, message))),
    subscribe(channel, onMessage, onGap) {
      gaps.add(onGap);
      const stop = inner.subscribe(channel, onMessage, onGap);
      return () => {
        gaps.delete(onGap);
        stop();
      };
    },
    close: () => inner.close(),
  };
  return records;
}

export interface KeyRig {
  readonly clock: ManualClock;
  readonly records: CountedRecords;
  readonly ways: ApiKeys;
  readonly keys: ApiKeys['keys'];
  readonly bff: TestBff;
  /** Calls `GET /orders`, which needs `orders:read`. */
  call(key: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
}

export interface KeyRigOptions {
  readonly clock?: ManualClock;
  readonly records?: CountedRecords;
  readonly keys?: Partial<ApiKeysOptions>;
  readonly bff?: Partial<BffOptions>;
}

const orders = endpoint('GET', '/orders', {
  summary: 'Orders.',
  access: scopes('orders:read'),
  deadlineMs: 1_000,
}).handle(z.object({ partner: z.string() }), async ({ principal }) => ({ partner: principal.subject }));

/** One instance of a partner BFF with keys of the environment `live`. */
export function keyRig(options: KeyRigOptions = {}): KeyRig {
  const { clock = manualClock(), records = countedRecords(clock) } = options;
  const ways = apiKeys({ records, pepper, environment: 'live', clock, ...options.keys });
  const bff = testBff(
    [orders],
    {},
    {
      clock,
      identity: [ways],
      limits: tokenBucket({ capacity: 10_000 }),
      authFailureLimit: tokenBucket({ name: 'auth-failures', capacity: 10_000 }),
      ...options.bff,
    },
  );
  return {
    clock,
    records,
    ways,
    keys: ways.keys,
    bff,
    call: async (key, headers = {}) =>
      bff.app.request('/orders', { headers: { authorization: `Bearer ${key}`, ...headers } }),
  };
}
