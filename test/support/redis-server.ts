/**
 * A real Redis for tests on any machine: `REDIS_URL` if given, else `redis-server` of the PATH, else
 * Debian's package unpacked without root into `node_modules/.cache/redis`.
 *
 * @module
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';

const cache = fileURLToPath(new URL('../../node_modules/.cache/redis', import.meta.url));
const debianPackages = [
  'redis-server',
  'redis-tools',
  'libjemalloc2',
  'liblzf1',
  'libatomic1',
  'liblua5.1-0',
];

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
  found ??= onPath() ?? unpacked() ?? unpackDebian();
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

function onPath(): RedisPrograms | undefined {
  const works = spawnSync('redis-server', ['--version']).status === 0;
  return works ? { server: 'redis-server', env: process.env } : undefined;
}

function unpacked(root = join(cache, 'root')): RedisPrograms | undefined {
  const server = join(root, 'usr/bin/redis-check-rdb');
  if (!existsSync(server)) return undefined;
  const libraries = globSync('{usr/,}lib/*', { cwd: root }).map((path) => join(root, path));
  const env = { ...process.env, LD_LIBRARY_PATH: libraries.join(':') };
  return { server: join(root, 'usr/bin/redis-server'), env };
}

/** Debian's packages by `apt-get download`, which needs no root, beside the system's own lists. */
function unpackDebian(): RedisPrograms {
  const fresh = join(cache, `unpacking-${process.pid}`);
  try {
    for (const dir of ['state/lists/partial', 'archives/partial', 'debs', 'root']) {
      mkdirSync(join(fresh, dir), { recursive: true });
    }
    const options = [
      `Dir::State=${join(fresh, 'state')}`,
      `Dir::Cache=${fresh}`,
      'Dir::State::status=/var/lib/dpkg/status',
      'APT::Sandbox::User=',
    ].flatMap((option) => ['-o', option]);
    const apt = (args: readonly string[]): unknown =>
      execFileSync('apt-get', [...options, '-q', ...args], { cwd: join(fresh, 'debs'), stdio: 'pipe' });
    apt(['update']);
    apt(['download', ...debianPackages]);
    for (const deb of globSync('*.deb', { cwd: join(fresh, 'debs') })) {
      execFileSync('dpkg', ['-x', join(fresh, 'debs', deb), join(fresh, 'root')]);
    }
    if (!existsSync(join(cache, 'root'))) renameSync(join(fresh, 'root'), join(cache, 'root'));
  } catch (cause) {
    throw new Error('no redis-server: install it (Debian: apt-get install redis-server) or set REDIS_URL', {
      cause,
    });
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  const programs = unpacked();
  if (programs === undefined) throw new Error(`no redis-server in ${dirname(cache)}`);
  return programs;
}
