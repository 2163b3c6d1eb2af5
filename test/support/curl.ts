/**
 * A real curl that reads every coding: `CURL` if given, else the one of the PATH, else Debian's package unpacked
 * without root into `node_modules/.cache/curl`.
 *
 * @module
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isProgram, libraryPath, onPath, unpackDebian, unpackedRoot } from './debian.ts';

/** Runs curl; what it writes. Rejects when it fails. */
export type Curl = (...args: readonly string[]) => Promise<string>;

const needed = ['libz', 'brotli', 'zstd'];

/**
 * Finds curl.
 *
 * @throws {Error} when there is none that reads gzip, br and zstd, saying what to install.
 */
export function findCurl(): Curl {
  const [path, env] = chosen() ?? installed() ?? unpacked() ?? fetched();
  const run = promisify(execFile);
  return async function curl(...args) {
    // `-q`: whatever is in somebody's own configuration does not count.
    const { stdout } = await run(path, ['-q', '--silent', '--show-error', ...args], {
      env,
      maxBuffer: 2 ** 26,
    });
    return stdout;
  };
}

type Program = readonly [path: string, env: NodeJS.ProcessEnv];

function chosen(): Program | undefined {
  const { CURL } = process.env;
  if (CURL === undefined || CURL === '') return undefined;
  if (!isProgram(CURL)) throw new Error(`CURL must be the path of a program, got '${CURL}'`);
  return [CURL, process.env];
}

function installed(): Program | undefined {
  const path = onPath(['curl']);
  return path === undefined || !readsAll([path, process.env]) ? undefined : [path, process.env];
}

function unpacked(): Program | undefined {
  const root = unpackedRoot('curl');
  if (root === undefined) return undefined;
  const path = join(root, 'usr/bin/curl');
  const own: Program = [path, { ...process.env, LD_LIBRARY_PATH: libraryPath(root) }];
  return existsSync(path) && readsAll(own) ? own : undefined;
}

function fetched(): Program {
  try {
    unpackDebian('curl', ['curl']);
  } catch (cause) {
    throw new Error(
      'no curl that reads br and zstd: install one (Debian: apt-get install curl) or set CURL',
      {
        cause,
      },
    );
  }
  const program = unpacked();
  if (program === undefined) throw new Error('no curl that reads br and zstd in the packages of Debian');
  return program;
}

function readsAll([path, env]: Program): boolean {
  const says = execFileSync(path, ['--version'], { env, encoding: 'utf8' }).toLowerCase();
  return needed.every((feature) => says.includes(feature));
}
