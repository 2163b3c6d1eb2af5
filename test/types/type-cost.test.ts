/**
 * What the types of endpoints cost the compiler: 200 endpoints of six calls stay under a million
 * instantiations, so that editors stay quick.
 */
import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { endpointSources } from '../support/endpoint-sources.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const maxInstantiations = 1_000_000;
/** The compiler takes 3 s alone, and its share of a busy machine. */
const timeout = 120_000;

/** Type-checks these files alone; resolves to the compiler's statistics by name. */
async function compile(sources: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, number>> {
  const folder = join(root, 'node_modules', '.cache', `bffkit-type-cost-${process.pid}`);
  try {
    await mkdir(folder, { recursive: true });
    await Promise.all([...sources].map(([name, text]) => writeFile(join(folder, name), text)));
    const settings = { extends: join(root, 'tsconfig.json'), files: [...sources.keys()], include: [] };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings));
    const compiler = join(root, 'node_modules', '.bin', 'tsc');
    const { stdout } = await promisify(execFile)(compiler, [
      '--extendedDiagnostics',
      '--checkers',
      '1',
      '--project',
      folder,
    ]);
    return new Map(
      stdout.split('\n').flatMap((line) => {
        const [, name, value] = /^([A-Z][\w /]+):\s+(\d+)$/.exec(line) ?? [];
        return name === undefined ? [] : [[name, Number(value)]];
      }),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('200 endpoints of six calls cost less than a million type instantiations', { timeout }, async () => {
  const statistics = await compile(endpointSources(200));
  expect(statistics.get('Files')).toBeGreaterThan(200);
  expect(statistics.get('Instantiations')).toBeGreaterThan(10_000);
  expect(statistics.get('Instantiations')).toBeLessThan(maxInstantiations);
});

test('the files that are measured are checked: an error in one of them is found', { timeout }, async () => {
  const sources = new Map(endpointSources(1));
  const source = sources.get('endpoint-0.ts') ?? '';
  sources.set('endpoint-0.ts', source.replace('greeting: profile.name', 'greeting: profile.nmae'));
  await expect(compile(sources)).rejects.toMatchObject({ stdout: expect.stringContaining('nmae') });
});
