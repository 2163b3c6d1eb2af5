/**
 * A real Chromium for tests on any machine: `CHROMIUM` if given, else the one of the PATH, else Debian's
 * packages unpacked without root into `node_modules/.cache/chromium`. Nothing is installed.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { debianRoot, isProgram, libraryPath, onPath } from './debian.ts';

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
  const { path, env } = chosen() ?? installed() ?? unpacked();
  return chromium.launch({ executablePath: path, args: flags, env: { ...ownEnv(), ...env } });
}

function chosen(): Program | undefined {
  const { CHROMIUM } = process.env;
  if (CHROMIUM === undefined || CHROMIUM === '') return undefined;
  if (!isProgram(CHROMIUM)) throw new Error(`CHROMIUM must be the path of a program, got '${CHROMIUM}'`);
  return { path: CHROMIUM, env: {} };
}

function installed(): Program | undefined {
  const path = onPath(names);
  return path === undefined ? undefined : { path, env: {} };
}

function unpacked(): Program {
  const root = debianRoot('chromium', debianPackages);
  return {
    path: join(root, 'usr/lib/chromium/chromium'), // the script in `bin` knows only where Debian puts it
    env: {
      LD_LIBRARY_PATH: libraryPath(root),
      ...(existsSync('/etc/fonts/fonts.conf') ? {} : { FONTCONFIG_SYSROOT: root }),
    },
  };
}

function ownEnv(): Record<string, string> {
  const present = Object.entries(process.env).filter((entry): entry is [string, string] => {
    return entry[1] !== undefined;
  });
  return Object.fromEntries(present);
}
