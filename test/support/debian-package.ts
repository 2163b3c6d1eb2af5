/**
 * Programs of Debian for tests on any machine: unpacked from their packages without root, beside the system's own
 * lists. Nothing is installed.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url));

/**
 * The folder with what is in `packages`, under `node_modules/.cache/NAME`; unpacked when it is not there.
 *
 * @throws {Error} when the packages cannot be had, saying what to install.
 */
export function unpackedPackages(name: string, packages: readonly string[]): string {
  const root = join(cache, name, 'root');
  if (existsSync(root)) return root;
  const fresh = join(cache, name, `unpacking-${process.pid}`);
  try {
    for (const folder of ['state/lists/partial', 'archives/partial', 'debs', 'root']) {
      mkdirSync(join(fresh, folder), { recursive: true });
    }
    const debs = join(fresh, 'debs');
    download(fresh, debs, packages);
    for (const deb of globSync('*.deb', { cwd: debs })) {
      execFileSync('dpkg', ['-x', join(debs, deb), join(fresh, 'root')], { stdio: 'pipe' });
    }
    if (!existsSync(root)) renameSync(join(fresh, 'root'), root);
  } catch (cause) {
    if (existsSync(root)) return root; // another process was faster
    throw new Error(
      `no ${name}: it is not installed and could not be downloaded (Debian: apt-get install ${packages.join(' ')})`,
      { cause },
    );
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return root;
}

function download(fresh: string, debs: string, packages: readonly string[]): void {
  const options = [
    `Dir::State=${join(fresh, 'state')}`,
    `Dir::Cache=${fresh}`,
    'Dir::State::status=/var/lib/dpkg/status',
    'APT::Sandbox::User=',
  ].flatMap((option) => ['-o', option]);
  for (const args of [['update'], ['download', ...packages]]) {
    execFileSync('apt-get', [...options, '-q', ...args], { cwd: debs, stdio: 'pipe' });
  }
}
