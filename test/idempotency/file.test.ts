/** Writes of two instances whose records are in a file. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileRecords } from 'bffkit';
import { writesContract } from './contract.ts';

writesContract('records in a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bffkit-writes-'));
  const path = join(folder, 'records.json');
  const stores = [fileRecords(path), fileRecords(path)] as const;
  return {
    stores,
    async endClaims() {
      const { records } = JSON.parse(readFileSync(path, 'utf8')) as { records: Record<string, unknown> };
      for (const key of Object.keys(records)) await stores[0].delete(key);
    },
    async close() {
      for (const store of stores) await store.close();
      rmSync(folder, { recursive: true });
    },
  };
});
