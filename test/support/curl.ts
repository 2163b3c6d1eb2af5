/**
 * A real curl that reads every coding: `CURL` if given, else the one of the PATH, else Debian's package unpacked
 * without root into `node_modules/.cache/curl`.
 *
 * @module
 */
import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { debianRoot, isProgram, libraryPath, onPath } from './debian.ts';

/** Runs curl; what it writes. Rejects when it fails. */
export type Curl = (...args: readonly string[]) => Promise<string>;

const needed = ['libz', 'brotli', 'zstd'];

/**
 * Finds curl.
 *
 * @throws {Error} when there is none that reads gzip, br and zstd, saying what to install.
 */
export function findCurl(): Curl {
  const [path, env] = chosen() ?? installed() ?? unpacked();
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

function unpacked(): Program {
  const root = debianRoot('curl', ['curl']);
  const own: Program = [join(root, 'usr/bin/curl'), { ...process.env, LD_LIBRARY_PATH: libraryPath(root) }];
  if (!readsAll(own)) throw new Error('the curl of Debian reads no br or zstd: set CURL to one that does');
  return own;
}

function readsAll([path, env]: Program): boolean {
  const says = execFileSync(path, ['--version'], { env, encoding: 'utf8' }).toLowerCase();
  return needed.every((feature) => says.includes(feature));
}
