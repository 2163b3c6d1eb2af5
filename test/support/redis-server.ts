/**
 * A real Redis for tests on any machine: `REDIS_URL` if given, else `redis-server` of the PATH, else
 * Debian's package unpacked without root into `node_modules/.cache/redis`.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { debianRoot, libraryPath, onPath } from './debian.ts';

/** The programs of Redis, and the environment they need. */
interface RedisPrograms {
  readonly server: string;
  readonly env: NodeJS.ProcessEnv;
}

/** A running server of the tests' own. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** Kills the process and waits until it is gone. */
  kill(): Promise<void>;
  /** Starts it again, empty, on the same port. */
  restart(): Promise<void>;
}

let found: RedisPrograms | undefined;

/** Finds the programs, unpacking them when need be. */
function redisPrograms(): RedisPrograms {
  found ??= installed() ?? unpacked();
  return found;
}

/**
 * Starts an empty server that keeps nothing on disk.
 *
 * @param args More of its options, such as those of a cluster.
 */
export async function startRedis(args: readonly string[] = [], port?: number): Promise<RedisServer> {
  const { server, env } = redisPrograms();
  const at = port ?? (await freePort());
  const dir = mkdtempSync(join(tmpdir(), 'bffkit-redis-'));
  const launch = (): ChildProcess =>
    spawn(
      server,
      [
        '--port',
        String(at),
        '--bind',
        '127.0.0.1',
        '--save',
        '',
        '--appendonly',
        'no',
        '--dir',
        dir,
        ...args,
      ],
      { env, stdio: 'ignore' },
    );
  let child = launch();
  const killAtExit = (): unknown => child.kill('SIGKILL'); // a test that failed leaves no server behind
  process.once('exit', killAtExit);
  const running = {
    url: `redis://127.0.0.1:${at}`,
    port: at,
    get process() {
      return child;
    },
    async kill() {
      process.off('exit', killAtExit);
      await ended(child);
      rmSync(dir, { recursive: true, force: true });
    },
    async restart() {
      await ended(child);
      mkdirSync(dir, { recursive: true });
      child = launch();
      await untilReady(at);
    },
  };
  await untilReady(at);
  return running;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGCONT');
  child.kill('SIGKILL');
  await gone;
}

/** Waits until a server answers `PING`. */
async function untilReady(port: number): Promise<void> {
  const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => 10 });
  client.on('error', () => {});
  try {
    await client.ping();
  } finally {
    client.disconnect();
  }
}

/** A free port below 55 000: a node of a cluster also listens 10 000 above its own. */
async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer();
    const port = await new Promise<number>((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
    );
    await new Promise((resolve) => server.close(resolve));
    if (port < 55_000) return port;
  }
}

function installed(): RedisPrograms | undefined {
  const server = onPath(['redis-server']);
  return server === undefined ? undefined : { server, env: process.env };
}

function unpacked(): RedisPrograms {
  const root = debianRoot('redis', ['redis-server']);
  const env = { ...process.env, LD_LIBRARY_PATH: libraryPath(root) };
  return { server: join(root, 'usr/bin/redis-server'), env };
}
