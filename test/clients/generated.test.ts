/** The types of the clients are those of the BFFs as they are now, weigh little, and cost the compiler little. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const generated = fileURLToPath(new URL('generated/', import.meta.url));
const run = promisify(execFile);
const maxBytes = 2_048;
const maxInstantiations = 20_000;

test.each([
  ['web', ['web']],
  ['mobile', ['mobile']],
  ['partner', ['partner']],
  ['partner-2026-01-15', ['partner', '--version', '2026-01-15']],
] as const)(
  'the types of %s are up to date; else write them again with `bffkit client`',
  async (name, parameters) => {
    const command = [join(root, 'core/src/cli/main.ts'), 'client', ...parameters];
    const { stdout } = await run(process.execPath, command, { cwd: root });
    expect(stdout).toBe(await readFile(join(generated, `${name}.gen.ts`), 'utf8'));
  },
);

test('the client weighs at most 2 KB, minified and compressed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bffkit-client-'));
  try {
    const entry = join(folder, 'entry.ts');
    const source = join(root, 'core/src/client/create-client.ts');
    await writeFile(entry, `export { createClient } from ${JSON.stringify(source)};\n`);
    const bundle = join(folder, 'client.js');
    const rolldown = join(root, 'node_modules/.bin/rolldown');
    await run(rolldown, [entry, '--file', bundle, '--minify', '--format', 'esm'], { cwd: folder });
    const bytes = gzipSync(await readFile(bundle)).length;
    expect(bytes).toBeGreaterThan(500);
    expect(bytes).toBeLessThanOrEqual(maxBytes);
    expect(bytes).toBeLessThan(1_400); // as it is; a surprise is looked at
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('the types stand alone, are strict, and cost the compiler next to nothing', {
  timeout: 120_000,
}, async () => {
  const folder = join(root, 'node_modules', '.cache', `bffkit-clients-${process.pid}`);
  try {
    await mkdir(folder, { recursive: true });
    for (const name of ['web', 'mobile', 'partner', 'partner-2026-01-15']) {
      await cp(join(generated, `${name}.gen.ts`), join(folder, `${name}.d.ts`));
    }
    const compilerOptions = { strict: true, noEmit: true, skipLibCheck: false, lib: ['es2022'], types: [] };
    const files = ['web.d.ts', 'mobile.d.ts', 'partner.d.ts', 'partner-2026-01-15.d.ts'];
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    const tsc = join(root, 'node_modules/.bin/tsc');
    const { stdout } = await run(tsc, ['--extendedDiagnostics', '--checkers', '1', '--project', folder]);
    const instantiations = Number(/^Instantiations:\s+(\d+)$/m.exec(stdout)?.[1]);
    expect(instantiations).toBeLessThan(maxInstantiations);
    expect(/^Check time:\s+([\d.]+)s$/m.exec(stdout)?.[1]).toBeDefined();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
