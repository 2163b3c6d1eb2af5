/**
 * The connection to Redis or Redis Cluster, set up to fail fast: nothing waits in a queue, nothing is
 * sent twice, a command that is not answered in time is given up, and the way back is tried for ever.
 *
 * @see {@link https://github.com/redis/ioredis#readme ioredis}
 * @module
 */
import { createHash } from 'node:crypto';
import { Cluster, Redis, type RedisOptions } from 'ioredis';

/** Runs scripts; all that the stores need of Redis. */
export interface ScriptRunner {
  /** Runs a script whose keys share a slot. Loads it where it is not known yet. */
  run(script: string, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown>;
  /** Whether keys may live on different nodes. */
  readonly isCluster: boolean;
  close(): void;
}

/** All that the records need of Redis. */
export interface RedisConnection extends ScriptRunner {
  /** Runs a command whose first argument is its key. */
  call(command: string, key: string, ...args: readonly (string | number)[]): Promise<unknown>;
  /** Tells the subscribers on all nodes. */
  publish(channel: string, message: string): Promise<void>;
  /** Opens a connection for listening, on another node with each call; it does not come back by itself. */
  openListener(): Redis;
}

export interface ConnectOptions {
  /** `redis://user:password@host:port/db`, or `rediss://` for TLS; several are seed nodes of a cluster. */
  readonly urls: readonly [string, ...string[]];
  readonly isCluster: boolean;
  /** Milliseconds a command may take. */
  readonly timeoutMs: number;
}

const connectTimeoutMs = 500;
const maxRetryMs = 1_000;

export function connect({ urls, isCluster, timeoutMs }: ConnectOptions): RedisConnection {
  const client = isCluster ? openCluster(urls, timeoutMs) : openServer(urls[0], timeoutMs);
  client.on('error', () => {}); // the commands that fail tell of it
  const shas = new Map<string, string>();
  let isConnected = false;
  const connected = firstConnection(client).then(() => {
    isConnected = true;
  });
  const ready = async (): Promise<void> => {
    if (!isConnected) await connected; // at start only; afterwards a lost connection fails at once
  };
  let turn = 0;
  return {
    isCluster,
    async run(script, keys, args) {
      await ready();
      const sha = shas.get(script) ?? sha1(script);
      shas.set(script, sha);
      try {
        return await client.evalsha(sha, keys.length, ...keys, ...args);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return client.eval(script, keys.length, ...keys, ...args);
      }
    },
    async call(command, key, ...args) {
      await ready();
      return client.call(command, [key, ...args]);
    },
    async publish(channel, message) {
      await ready();
      turn += 1;
      const masters = client instanceof Redis ? [client] : client.nodes('master');
      const able = masters.filter(({ status }) => status === 'ready');
      await (able[turn % able.length] ?? client).publish(channel, message); // a cluster passes it on to all nodes
    },
    openListener() {
      turn += 1;
      return client instanceof Redis
        ? new Redis(urls[0], listening)
        : new Redis({ ...placeOf(client, urls, turn), ...credentialsOf(urls[0]), ...listening });
    },
    close: () => client.disconnect(),
  };
}

/** Somebody else tries again, and an answer may take its time: nobody waits for it. */
const listening = { ...failFast(maxRetryMs / 2), retryStrategy: () => null };

/** A node of the cluster as it is known now; at first one of the seeds. */
function placeOf(
  cluster: Cluster,
  urls: readonly [string, ...string[]],
  turn: number,
): { host: string; port: number } {
  const known = cluster.nodes('all').map(({ options: { host = '', port = 0 } }) => ({ host, port }));
  const places = known.length === 0 ? urls.map(seedOf) : known;
  return places[turn % places.length] ?? seedOf(urls[0]);
}

/** Ready with every master: a cluster connects to each on first use only, and refuses what comes meanwhile. */
async function firstConnection(client: Redis | Cluster): Promise<void> {
  await new Promise<void>((resolve) => client.once('ready', resolve));
  if (client instanceof Redis) return;
  client.on('+node', (node: Redis) => void node.ping().catch(() => {}));
  await Promise.allSettled(client.nodes('master').map((node) => node.ping()));
}

function openServer(url: string, timeoutMs: number): Redis {
  return new Redis(url, failFast(timeoutMs));
}

function failFast(timeoutMs: number) {
  return {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    commandTimeout: 2 * timeoutMs, // the guard has given up before; this frees the command
    connectTimeout: connectTimeoutMs,
    socketTimeout: maxRetryMs,
    retryStrategy,
  } satisfies RedisOptions;
}

/** On a cluster the queue belongs to the cluster, and a node that restarts is tried again. */
function openCluster(urls: readonly [string, ...string[]], timeoutMs: number): Cluster {
  const { enableOfflineQueue, retryStrategy: _own, ...nodeOptions } = failFast(timeoutMs);
  const options = {
    enableOfflineQueue,
    clusterRetryStrategy: retryStrategy,
    clusterNodeRetryStrategy: retryStrategy,
    slotsRefreshInterval: 2_000,
    slotsRefreshTimeout: connectTimeoutMs,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    maxRedirections: 3,
    redisOptions: {
      ...nodeOptions,
      ...credentialsOf(urls[0]),
    },
  };
  return new Cluster(urls.map(seedOf), options);
}

function seedOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port || 6_379) };
}

/** The nodes of a cluster have them in common. */
function credentialsOf(url: string): Pick<RedisOptions, 'username' | 'password' | 'tls'> {
  const { username, password, protocol } = new URL(url);
  return {
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' ? { tls: {} } : {}),
  };
}

/** Doubles up to a second; the spread comes from the moment at which each instance lost its connection. */
export function retryStrategy(attempt: number): number {
  return Math.min(maxRetryMs, 20 * 2 ** Math.min(attempt, 10));
}

function sha1(script: string): string {
  return createHash('sha1').update(script).digest('hex');
}
