import { fileRecords, memoryRecords, type RecordStore, type Webhooks, webhooks } from 'bffkit';
import type { Config } from './config.ts';
import { order } from './endpoints/order.ts';

/** Tells partners of what happens: from Redis for all instances together, from a file, or while this process lives. */
export function tellPartners(
  config: Config,
  shared: RecordStore | undefined,
): { readonly webhooks: Webhooks; close(): Promise<void> } {
  const { PARTNER_WEBHOOKS_FILE, PARTNER_SEAL_KEYS, PARTNER_ENVIRONMENT } = config;
  const own = PARTNER_WEBHOOKS_FILE === undefined ? memoryRecords() : fileRecords(PARTNER_WEBHOOKS_FILE);
  const made = webhooks({
    records: shared ?? own,
    sealKeys: PARTNER_SEAL_KEYS,
    environment: PARTNER_ENVIRONMENT,
    events: {
      'order.updated': { summary: 'Something about an order changed, such as its status.', like: order },
    },
    allowPrivateNetworks: config.PARTNER_WEBHOOKS_PRIVATE === true,
  });
  return { webhooks: made, close: async () => own.close() };
}
