import { fileRecords, memoryRecords, type RecordStore, type UsageMeter, usageMeter } from 'bffkit';
import type { Config } from './config.ts';

/** Counts what partners use: in Redis for all instances together, in a file, or for as long as this process lives. */
export function countUsage(
  { PARTNER_USAGE_FILE, PARTNER_ENVIRONMENT }: Config,
  shared: RecordStore | undefined,
): { readonly meter: UsageMeter; close(): Promise<void> } {
  const own = PARTNER_USAGE_FILE === undefined ? memoryRecords() : fileRecords(PARTNER_USAGE_FILE);
  const meter = usageMeter({ records: shared ?? own, environment: PARTNER_ENVIRONMENT });
  return { meter, close: async () => own.close() };
}
