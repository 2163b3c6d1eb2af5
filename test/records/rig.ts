/**
 * What the contracts of the stores of records run on.
 *
 * @module
 */
import type { RecordStore } from 'bffkit';
import { vi } from 'vitest';

export interface RecordsRig {
  /** Two instances; the same twice where instances share nothing. */
  readonly stores: readonly [RecordStore, RecordStore];
  /** Lets time pass, where it is not that of the machine. */
  pass(ms: number): void;
  /** Whether another instance hears the message, or only that there was one. */
  readonly hears: 'messages' | 'gaps';
  close(): Promise<void> | void;
}

/** So many act at once. */
export const writers = 50;
let turn = 0;

/** A key that no other test uses. */
export function freshKey(): string {
  turn += 1;
  return `proof:{${process.pid}-${turn}}`;
}

/** Waits until `isTrue` holds. */
export async function eventually(isTrue: () => unknown, timeoutMs = 5_000): Promise<void> {
  await vi.waitFor(
    async () => {
      if (!(await isTrue())) throw new Error('not yet');
    },
    { timeout: timeoutMs, interval: 5 },
  );
}

export const ofMinutes = { ttlMs: 60_000 };

/** Lets all writers act at once, in turn on each instance. */
export function all<T>(
  { stores: [one, other] }: RecordsRig,
  act: (store: RecordStore, index: number) => Promise<T>,
): Promise<T[]> {
  return Promise.all(
    Array.from({ length: writers }, (_, index) => act(index % 2 === 0 ? one : other, index)),
  );
}
