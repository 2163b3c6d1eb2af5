/**
 * Programs of Debian for tests on any Debian, without root: packages are fetched and unpacked beside the
 * repository's other caches. Nothing is installed.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, globSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The program of one of these names that `PATH` has. */
export function onPath(names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The folder with what is in `packages` and what they depend on, under `node_modules/.cache/NAME`; fetched when it is
 * not there.
 *
 * @throws {Error} when that is not possible here, saying what to install.
 */
export function debianRoot(name: string, packages: readonly string[]): string {
  const root = fileURLToPath(new URL(`../../node_modules/.cache/${name}/root`, import.meta.url));
  if (existsSync(root)) return root;
  const fresh = join(dirname(root), `unpacking-${process.pid}`);
  try {
    unpack(fresh, packages);
    renameSync(join(fresh, 'root'), root);
  } catch (cause) {
    if (existsSync(root)) return root; // another process was faster
    throw new Error(
      `no ${name}: it is not installed and could not be fetched (Debian: apt-get install ${packages.join(' ')})`,
      { cause },
    );
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return root;
}

/** Where the libraries of an unpacked folder are, for `LD_LIBRARY_PATH`. */
export function libraryPath(root: string): string {
  return globSync('{usr/,}lib/{*-linux-gnu*,*-linux-gnu*/*}', { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((folder) => join(folder.parentPath, folder.name))
    .join(':');
}

/** By `apt-get download`, which needs no root, beside the system's own lists. */
function unpack(fresh: string, packages: readonly string[]): void {
  for (const folder of ['state/lists/partial', 'archives/partial', 'debs', 'root']) {
    mkdirSync(join(fresh, folder), { recursive: true });
  }
  const options = [
    `Dir::State=${join(fresh, 'state')}`,
    `Dir::Cache=${fresh}`,
    'Dir::State::status=/var/lib/dpkg/status',
    'APT::Sandbox::User=',
  ].flatMap((option) => ['-o', option]);
  const debs = join(fresh, 'debs');
  const apt = (...args: string[]): string =>
    execFileSync('apt-get', [...options, '-q', ...args], { cwd: debs, stdio: 'pipe', encoding: 'utf8' });
  apt('update');
  const plan = apt('install', '--simulate', '--no-install-recommends', ...packages);
  apt('download', ...[...plan.matchAll(/^Inst (\S+)/gm)].flatMap(([, debName]) => debName ?? []));
  for (const deb of globSync('*.deb', { cwd: debs })) {
    execFileSync('dpkg', ['-x', join(debs, deb), join(fresh, 'root')], { stdio: 'pipe' });
  }
}
