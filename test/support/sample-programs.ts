/**
 * What samples of the docs call by name: bash, curl, openssl, python3 and uuidgen. Those of the `PATH`, else Debian's
 * packages unpacked without root; `uuidgen` is written here where there is none.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { debianRoot, libraryPath, onPath } from './debian.ts';

const packages = { curl: 'curl', openssl: 'openssl', python3: 'python3' } as const;

/** How a program ended. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program with this input and these variables. Never rejects. */
export type RunSample = (
  command: readonly [program: string, ...args: string[]],
  env: Readonly<Record<string, string>>,
  input?: string,
) => Promise<Ran>;

const timeoutMs = 20_000;

/** @throws {Error} when a program is not there and cannot be fetched, saying what to install. */
export function samplePrograms(): RunSample {
  const env = programEnv();
  return (command, own, input = '') =>
    new Promise((resolve) => {
      const [program, ...args] = command;
      const child = execFile(
        program,
        args,
        { env: { ...env, ...own }, timeout: timeoutMs, encoding: 'utf8' },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
          resolve({ code, stdout, stderr });
        },
      );
      child.stdin?.on('error', () => {}); // a program that reads nothing
      child.stdin?.end(input);
    });
}

function programEnv(): Record<string, string> {
  const folders: string[] = [dirname(process.execPath)]; // the Node of the tests, not that of the machine
  const libraries: string[] = [];
  let home: string | undefined;
  for (const [name, debianPackage] of Object.entries(packages)) {
    if (onPath([name]) !== undefined) continue;
    const root = debianRoot(name, [debianPackage]);
    folders.push(join(root, 'usr/bin'));
    libraries.push(libraryPath(root));
    if (name === 'python3') home = join(root, 'usr');
  }
  if (onPath(['uuidgen']) === undefined) folders.push(ownUuidgen());
  return {
    PATH: [...folders, process.env.PATH ?? ''].join(delimiter),
    HOME: tmpdir(), // nobody's own configuration of curl
    ...(libraries.length === 0 ? {} : { LD_LIBRARY_PATH: libraries.join(':') }),
    ...(home === undefined ? {} : { PYTHONHOME: home }),
  };
}

function ownUuidgen(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bffkit-uuidgen-'));
  const file = join(folder, 'uuidgen');
  writeFileSync(file, `#!/bin/sh\nexec '${process.execPath}' -p 'crypto.randomUUID()'\n`);
  chmodSync(file, 0o755);
  return folder;
}
