import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openApiCommand } from './openapi.ts';

test('openapi writes the document of one BFF as JSON', async () => {
  const text = await openApiCommand(['partner']);
  expect(JSON.parse(text)).toMatchObject({
    openapi: '3.1.1',
    info: { 'x-bff': 'partner', title: 'Acme Partner API', version: '2026-11-01' },
  });
  expect(await openApiCommand(['partner', '--json'])).toBe(text);
});

test.each([[[]], [['web', 'mobile']]])('openapi takes one name: %j is refused', async (parameters) => {
  await expect(openApiCommand(parameters)).rejects.toThrow('openapi needs the name of one BFF');
});

test('openapi says which BFFs there are', async () => {
  await expect(openApiCommand(['nope'])).rejects.toThrow("there is no BFF 'nope'; there are mobile,");
});

test('openapi writes the document of a version, and into a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bffkit-openapi-'));
  try {
    const out = join(folder, 'older.json');
    expect(await openApiCommand(['partner', '--version', '2026-01-15', '--out', out])).toBe(`${out}\n`);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ info: { version: '2026-01-15' } });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('openapi says which versions there are', async () => {
  await expect(openApiCommand(['partner', '--version', '2020-01-01'])).rejects.toThrow(
    "partner must have the version '2020-01-01'; it has 2026-11-01,",
  );
  await expect(openApiCommand(['web', '--snapshots'])).rejects.toThrow('web has no versions to keep');
});
