/**
 * Instances of one BFF that takes partner keys from shared records.
 *
 * @module
 */
import {
  type ApiKeys,
  apiKeys,
  type BffOptions,
  type Clock,
  endpoint,
  type RecordStore,
  scopes,
  tokenBucket,
} from 'bffkit';
import { type TestBff, testBff } from 'bffkit/testing';
import { z } from 'zod';

export const pepper = 'the pepper of the keys in these tests';
export const order = { partner: 'acme', scopes: ['orders:read'] };

export interface KeyBff {
  readonly bff: TestBff;
  readonly ways: ApiKeys;
  readonly keys: ApiKeys['keys'];
  /** Calls an endpoint that needs `orders:read`: the status and the code of the problem, if it is one. */
  call(key: string): Promise<string>;
}

export const orders = endpoint('GET', '/orders', {
  summary: 'Orders.',
  access: scopes('orders:read'),
  deadlineMs: 5_000,
}).handle(z.object({ partner: z.string() }), async ({ principal }) => ({ partner: principal.subject }));

/** One instance; it closes its records with itself. */
export function keyBff(records: RecordStore, clock?: Clock, options: Partial<BffOptions> = {}): KeyBff {
  const ways = apiKeys({ records, pepper, environment: 'live', ...(clock === undefined ? {} : { clock }) });
  const bff = testBff(
    [orders],
    {},
    {
      identity: [ways],
      limits: tokenBucket({ capacity: 100_000 }),
      authFailureLimit: tokenBucket({ name: 'auth-failures', capacity: 100_000 }),
      ...(clock === undefined ? {} : { clock }),
      ...options,
    },
  );
  return {
    bff,
    ways,
    keys: ways.keys,
    async call(key) {
      const answer = await bff.app.request('/orders', { headers: { authorization: `Bearer ${key}` } });
      const { code } = (await answer.json()) as { readonly code?: string };
      return code === undefined ? String(answer.status) : `${answer.status} ${code}`;
    },
  };
}
