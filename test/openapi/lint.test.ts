/** The documents of all BFFs, and of all versions, by the rules of Redocly: no error, and no warning either. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openApiOf, snapshotText } from 'bffkit/openapi';
import { fakeUpstreams } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { loadBffs } from '../support/bff-package.ts';
import { dated, snapshotFolder } from '../support/partner-documents.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const Report = z.object({
  totals: z.object({ errors: z.int(), warnings: z.int() }),
  problems: z.array(
    z.object({
      ruleId: z.string(),
      message: z.string(),
      location: z.array(z.object({ pointer: z.string().optional() })),
    }),
  ),
});

/** Runs the linter over files, offline. */
async function lint(files: readonly string[]): Promise<z.output<typeof Report>[]> {
  const command = [join(root, 'node_modules/@redocly/cli/bin/cli.js'), 'lint', '--format', 'json'];
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  const options = { cwd: root, env, maxBuffer: 64 * 1_048_576 };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...command, '--config', join(root, '.redocly.yaml'), ...files],
    options,
  ).catch((failed: { readonly stdout: string }) => failed); // it ends with 1 when it finds an error
  const texts = stdout.replaceAll(/^\}\s*\{/gm, '}\0{').split('\0'); // one for each file
  const reports = texts.map((text) => Report.parse(JSON.parse(text)));
  expect(reports.length).toBe(files.length);
  return reports;
}

async function withFiles<T>(
  texts: readonly string[],
  use: (files: readonly string[]) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'bffkit-lint-'));
  try {
    const files = texts.map((_, index) => join(folder, `${index}.json`));
    await Promise.all(files.map((file, index) => writeFile(file, texts[index] ?? '')));
    return await use(files);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const bffs = await loadBffs();
const texts = bffs.map(({ create }) =>
  snapshotText(openApiOf(create({}, { transport: fakeUpstreams({}).transport }))),
);

test('all documents pass, those of every version too', { timeout: 60_000 }, async () => {
  const kept = dated.map((version) => fileURLToPath(new URL(`${version}.json`, snapshotFolder)));
  const reports = await withFiles(texts, (files) => lint([...kept, ...files]));
  const found = reports
    .flatMap(({ problems }) => problems)
    .map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer}: ${message}`);
  expect(found).toEqual([]);
  for (const { totals } of reports) expect(totals).toEqual({ errors: 0, warnings: 0 });
});

test('a document with a fault does not', { timeout: 60_000 }, async () => {
  const [text = ''] = texts;
  const broken = text.replace('"operationId"', '"operationID"').replaceAll('"200": {', '"299": {}, "200": {');
  const [report] = await withFiles([broken], lint);
  expect(report?.totals.errors).toBeGreaterThan(0);
  expect(report?.problems.map(({ ruleId }) => ruleId)).toContain('struct');
});
