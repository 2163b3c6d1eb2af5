/**
 * One BFF as a child process: found by its folder, ready when it says so, restarted when its code
 * changes, stopped with a signal.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onCodeChange } from './code-change.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const startTimeoutMs = 30_000;

/** What a BFF says when it listens. */
export interface Listening {
  readonly url: string;
  readonly adminUrl: string;
  readonly owner: string;
  readonly endpoints: number;
}

export interface Gateway extends Listening {
  readonly name: string;
  stop(): Promise<void>;
}

export interface GatewayOptions {
  readonly name: string;
  readonly env: NodeJS.ProcessEnv;
  /** Hears every further line the BFF writes. */
  readonly onLine: (line: string) => void;
}

/** The folders under `bffs/` that can be started. */
export function findGateways(): string[] {
  return readdirSync(join(root, 'bffs')).filter((name) => existsSync(mainOf(name)));
}

/**
 * Starts a BFF and waits until it listens.
 *
 * @throws {Error} with what it wrote when it ended instead.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { name, onLine } = options;
  let child = launch(options);
  let stopped = false;
  const listening = await whenListening(name, child);
  forward(child, onLine);

  const restart = async (): Promise<void> => {
    await end(child);
    if (stopped) return;
    onLine('code changed, restarting');
    child = launch(options);
    forward(child, onLine);
  };
  const folders = [join(root, 'bffs', name, 'src'), join(root, 'core', 'src')];
  const stopWatching = onCodeChange(folders, () => void restart());
  return {
    name,
    ...listening,
    async stop() {
      stopped = true;
      stopWatching();
      await end(child);
    },
  };
}

function mainOf(name: string): string {
  return join(root, 'bffs', name, 'src', 'main.ts');
}

/** In a process group of its own, so that Ctrl-C reaches this process only, which then stops all in order. */
function launch({ name, env }: GatewayOptions): ChildProcess {
  return spawn(process.execPath, [mainOf(name)], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...env, [`${variableOf(name)}_GRACE_MS`]: '0' },
  });
}

/** `field-sales` → `FIELD_SALES`: how a BFF's variables begin. */
function variableOf(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}

function whenListening(name: string, child: ChildProcess): Promise<Listening> {
  return new Promise((resolve, reject) => {
    let errors = '';
    const onError = (chunk: Buffer): void => {
      errors += chunk.toString();
    };
    const settle = (): void => {
      clearTimeout(timer);
      child.stderr?.off('data', onError);
      child.off('exit', onExit);
    };
    const fail = (why: string): void => {
      settle();
      const isPort = errors.includes('is taken');
      const hint = isPort
        ? `\nset ${variableOf(name)}_PORT and ${variableOf(name)}_ADMIN_PORT to use others`
        : '';
      reject(new Error(`${name} ${why}\n${errors.trim()}${hint}`));
    };
    const onExit = (): void => fail('did not start');
    const timer = setTimeout(() => {
      void end(child);
      fail(`was not ready after ${startTimeoutMs / 1_000} s`);
    }, startTimeoutMs);
    child.stderr?.on('data', onError);
    child.once('exit', onExit);
    if (child.stdout === null) return fail('has no output');
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      const fields = parse(line);
      if (fields?.msg !== 'listening') return;
      lines.removeAllListeners('line');
      settle();
      resolve(fields as unknown as Listening);
    });
  });
}

function forward(child: ChildProcess, onLine: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on('line', onLine);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
