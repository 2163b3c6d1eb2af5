/**
 * A real Chromium for tests on any machine: `CHROMIUM` if given, else the one of the PATH, else Debian's
 * packages unpacked without root into `node_modules/.cache/chromium`. Nothing is installed.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, globSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';

const cache = fileURLToPath(new URL('../../node_modules/.cache/chromium', import.meta.url));
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** Chromium itself, and letters to show text with. What it depends on comes along. */
const debianPackages = ['chromium', 'fonts-liberation'];

const flags = [
  '--no-sandbox', // which root and most containers cannot have; it opens nothing but pages of the tests
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The program, and the environment it needs. */
interface Program {
  readonly path: string;
  readonly env: Record<string, string>;
}

/**
 * Starts a browser that knows nothing yet. Close it.
 *
 * @throws {Error} when there is none to be found, saying what to install.
 */
export function launchChromium(): Promise<Browser> {
  const { path, env } = chosen() ?? onPath() ?? unpacked() ?? unpackDebian();
  return chromium.launch({ executablePath: path, args: flags, env: { ...ownEnv(), ...env } });
}

function chosen(): Program | undefined {
  const { CHROMIUM } = process.env;
  if (CHROMIUM === undefined || CHROMIUM === '') return undefined;
  if (!isProgram(CHROMIUM)) throw new Error(`CHROMIUM must be the path of a program, got '${CHROMIUM}'`);
  return { path: CHROMIUM, env: {} };
}

function onPath(): Program | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const path = names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
  return path === undefined ? undefined : { path, env: {} };
}

function unpacked(root = join(cache, 'root')): Program | undefined {
  const path = join(root, 'usr/lib/chromium/chromium'); // the script in `bin` knows only where Debian puts it
  if (!existsSync(path)) return undefined;
  const libraries = globSync('{usr/,}lib/{*-linux-gnu*,*-linux-gnu*/*}', { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((folder) => join(folder.parentPath, folder.name));
  return {
    path,
    env: {
      LD_LIBRARY_PATH: libraries.join(':'),
      ...(existsSync('/etc/fonts/fonts.conf') ? {} : { FONTCONFIG_SYSROOT: root }),
    },
  };
}

/** Debian's packages by `apt-get download`, which needs no root, beside the system's own lists. */
function unpackDebian(): Program {
  const fresh = join(cache, `unpacking-${process.pid}`);
  try {
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
    const plan = apt('install', '--simulate', '--no-install-recommends', ...debianPackages);
    apt('download', ...[...plan.matchAll(/^Inst (\S+)/gm)].flatMap(([, name]) => name ?? []));
    for (const deb of globSync('*.deb', { cwd: debs })) {
      execFileSync('dpkg', ['-x', join(debs, deb), join(fresh, 'root')], { stdio: 'pipe' });
    }
    if (!existsSync(join(cache, 'root'))) renameSync(join(fresh, 'root'), join(cache, 'root'));
  } catch (cause) {
    throw new Error(
      'no Chromium: install it (Debian: apt-get install chromium) or set CHROMIUM to its path',
      {
        cause,
      },
    );
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  const program = unpacked();
  if (program === undefined) throw new Error(`no Chromium in ${cache}`);
  return program;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function ownEnv(): Record<string, string> {
  const present = Object.entries(process.env).filter((entry): entry is [string, string] => {
    return entry[1] !== undefined;
  });
  return Object.fromEntries(present);
}
