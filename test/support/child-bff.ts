/**
 * Starts `sigterm-bff.ts` as a process of its own.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface ChildBff {
  readonly url: string;
  signal(name: NodeJS.Signals): void;
  /** Resolves to the exit code; `null` when a signal ended it. */
  readonly exit: Promise<number | null>;
}

/** Resolves when it listens. `serviceUrl` is the one upstream it calls. */
export async function childBff(serviceUrl: string): Promise<ChildBff> {
  const script = fileURLToPath(new URL('sigterm-bff.ts', import.meta.url));
  const child = spawn(process.execPath, [script, serviceUrl], { stdio: ['ignore', 'pipe', 'ignore'] });
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  const listening = Promise.withResolvers<string>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { msg, url } = JSON.parse(line) as { readonly msg: string; readonly url: string };
    if (msg === 'listening') listening.resolve(url);
  });
  exit.then(() => listening.reject(new Error('the child ended before it listened')), listening.reject);
  return { url: await listening.promise, signal: (name) => void child.kill(name), exit };
}
