/** Records in a file that two instances share. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fileRecords } from 'bffkit';
import { expect, test } from 'vitest';
import { recordsContract } from './contract.ts';

recordsContract('records in a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bffkit-records-'));
  const path = join(folder, 'records.json');
  const stores = [fileRecords(path), fileRecords(path)] as const;
  return {
    stores,
    pass: () => {},
    hears: 'gaps',
    async close() {
      for (const store of stores) await store.close();
      rmSync(folder, { recursive: true });
    },
  };
});

test('processes that write at once lose nothing of each other, and each record has one first writer', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bffkit-records-'));
  const path = join(folder, 'records.json');
  const [names, count] = [['a', 'b', 'c'], 25];
  const program = fileURLToPath(new URL('writer.process.ts', import.meta.url));
  const run = promisify(execFile);
  const ends = await Promise.all(
    names.map((name) => run(process.execPath, [program, path, name, String(count)])),
  );
  const records = fileRecords(path);
  const won = ends.map(({ stdout }) => Number(stdout));
  expect(won.reduce((sum, one) => sum + one)).toBe(count);
  expect(await records.members('k:{set}')).toHaveLength(names.length * count);
  for (const name of names) expect(await records.get(`k:{${name}-${count - 1}}`)).toBe(name);
  expect(readdirSync(folder)).toEqual(['records.json']);
  rmSync(folder, { recursive: true });
});
