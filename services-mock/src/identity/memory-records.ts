/**
 * Where the identity provider keeps sessions, codes and refresh tokens: in memory, bounded, until they end.
 * The oldest record goes when there is no room.
 *
 * @see {@link https://github.com/panva/node-oidc-provider/blob/main/example/my_adapter.js adapter contract}
 * @module
 */
import type { OidcAdapter } from 'oidc-provider';

interface Stored {
  readonly payload: Record<string, unknown>;
  /** Epoch milliseconds. */
  readonly endsMs: number;
}

const maxRecords = 10_000;

/** Makes a store for one kind of record. `now` gives epoch milliseconds. */
export function memoryRecords(now: () => number, max: number = maxRecords): OidcAdapter {
  const records = new Map<string, Stored>();

  const read = (id: string): Record<string, unknown> | undefined => {
    const stored = records.get(id);
    if (stored === undefined || stored.endsMs > now()) return stored?.payload;
    records.delete(id);
    return undefined;
  };

  const makeRoom = (): void => {
    for (const [id, { endsMs }] of records) if (endsMs <= now()) records.delete(id);
    const [oldest] = records.keys();
    if (records.size >= max && oldest !== undefined) records.delete(oldest);
  };

  return {
    async upsert(id, payload, expiresIn = Number.POSITIVE_INFINITY) {
      records.delete(id); // writing makes it the youngest
      if (records.size >= max) makeRoom();
      records.set(id, { payload, endsMs: now() + expiresIn * 1_000 });
    },
    async find(id) {
      return read(id);
    },
    async findByUid(uid) {
      for (const [id, { payload }] of records) if (payload.uid === uid) return read(id);
      return undefined;
    },
    async findByUserCode() {
      return undefined; // nothing here has one
    },
    async consume(id) {
      const payload = read(id);
      if (payload !== undefined) payload.consumed = Math.floor(now() / 1_000);
    },
    async destroy(id) {
      records.delete(id);
    },
    async revokeByGrantId(grantId) {
      for (const [id, { payload }] of records) if (payload.grantId === grantId) records.delete(id);
    },
  };
}
