/**
 * The idempotency of one BFF, put together from its options.
 *
 * @module
 */
import { hash } from 'node:crypto';
import type { Clock } from '../context/clock.ts';
import type { IdSource } from '../context/ids.ts';
import { requireInteger, requireKnown } from '../context/options.ts';
import { type Principal, principalKey } from '../context/principal.ts';
import { memoryRecords } from '../records/memory-records.ts';
import type { RecordStore } from '../records/record-store.ts';
import { keyRing } from '../records/seal.ts';
import { type Ledger, openLedger } from './ledger.ts';

export interface IdempotencyOptions {
  /** Where answers are kept, shared by all instances; the BFF does not close it. Default: this process. */
  readonly records?: RecordStore;
  /** For shared `records`: 1 to 10 keys of 32 bytes as base64. The first seals what is kept, all open. */
  readonly sealKeys?: readonly string[];
  /** Milliseconds an answer is kept, from a minute to 30 days. Default 24 hours. */
  readonly keepMs?: number;
  /** Parts the keys of `live` and `test` where both have the same records. Default none. */
  readonly environment?: string;
}

export interface IdempotencyWorld {
  readonly bff: string;
  readonly clock: Clock;
  readonly ids: IdSource;
}

/** A key of one caller, under the names it has here and elsewhere. */
export interface KeyNames {
  /** In the ledger: 43 characters. */
  readonly own: string;
  /** At a service, by the operation that is called: 43 characters. */
  for(operation: string): string;
}

export interface Idempotency {
  readonly ledger: Ledger;
  /** Whether only this process knows what is kept. */
  readonly isLocal: boolean;
  /** Keys of different callers, environments and BFFs never meet. */
  namesOf(principal: Principal, key: string): KeyNames;
}

const day = 86_400_000;

/**
 * Opens the idempotency of a BFF.
 *
 * @throws {RangeError} for an unknown option, a value out of range, keys that cannot seal, or shared records
 * without them.
 */
export function openIdempotency(
  options: IdempotencyOptions,
  { bff, clock, ids }: IdempotencyWorld,
): Idempotency {
  requireKnown('idempotency', options, ['records', 'sealKeys', 'keepMs', 'environment']);
  const { sealKeys, keepMs = day, environment = '' } = options;
  requireInteger('idempotency', 'keepMs', keepMs, 60_000, 30 * day);
  const records = options.records ?? memoryRecords({ clock });
  const isLocal = records.isLocal === true;
  if (!isLocal && sealKeys === undefined) {
    throw new RangeError(
      'idempotency: sealKeys is missing: answers to one caller are kept sealed in shared records; give 1 to 10 keys of 32 bytes as base64',
    );
  }
  const seal = sealKeys === undefined ? undefined : keyRing('idempotency', sealKeys)('idempotency');
  return {
    ledger: openLedger({ records, seal, keepMs, ids }),
    isLocal,
    namesOf(principal, key) {
      const scope = [bff, environment, principalKey(principal), key];
      return {
        own: hash('sha256', JSON.stringify(['key', ...scope]), 'base64url'),
        for: (operation) => hash('sha256', JSON.stringify(['write', ...scope, operation]), 'base64url'),
      };
    },
  };
}
