/**
 * Starts a BFF as a process of its own.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface ChildBff {
  readonly url: string;
  readonly adminUrl: string;
  signal(name: NodeJS.Signals): void;
  /** Resolves to the exit code; `null` when a signal ended it. */
  readonly exit: Promise<number | null>;
}

export interface ChildBffOptions {
  /** Milliseconds between readiness off and closing the door. Default 0. */
  readonly graceMs?: number;
  /** Milliseconds after that in which requests may finish. Default 3 000. */
  readonly drainMs?: number;
}

interface Listening {
  readonly url: string;
  readonly adminUrl: string;
}

/** Starts `sigterm-bff.ts`; resolves when it listens. `serviceUrl` is the one upstream it calls. */
export function childBff(serviceUrl: string, options: ChildBffOptions = {}): Promise<ChildBff> {
  const { graceMs = 0, drainMs = 3_000 } = options;
  const script = fileURLToPath(new URL('sigterm-bff.ts', import.meta.url));
  return childProcess([script, serviceUrl, String(graceMs), String(drainMs)]);
}

/**
 * Runs Node with these arguments; resolves when the script has logged that it listens.
 *
 * @param env Variables beside those of this process.
 */
export async function childProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ChildBff> {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...env },
  });
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  const listening = Promise.withResolvers<Listening>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const entry = JSON.parse(line) as Listening & { readonly msg: string };
    if (entry.msg === 'listening') listening.resolve(entry);
  });
  exit.then(() => listening.reject(new Error('the child ended before it listened')), listening.reject);
  const { url, adminUrl } = await listening.promise;
  return { url, adminUrl, signal: (name) => void child.kill(name), exit };
}
