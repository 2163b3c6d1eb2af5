/**
 * A real Redis Cluster on loopback: three masters, one replica of the first, ready in about two seconds.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type RedisServer, startRedis } from './redis-server.ts';

const slots = 16_384;

export interface RedisCluster {
  /** Three masters, in the order of their slots; then the replica of the first. */
  readonly servers: readonly RedisServer[];
  readonly urls: readonly [string, ...string[]];
  /** Makes the replica the master of the first third of the slots. */
  failOver(): Promise<void>;
  /** Moves a slot with all its keys to another master, as `redis-cli --cluster reshard` does. */
  moveSlot(slot: number, to: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startCluster(): Promise<RedisCluster> {
  const args = [
    '--cluster-enabled',
    'yes',
    '--cluster-node-timeout',
    '1500',
    '--cluster-require-full-coverage',
    'no',
  ];
  const servers = await Promise.all([1, 2, 3, 4].map(() => startRedis(args)));
  const clients = servers.map(({ port }) => new Redis({ port, host: '127.0.0.1' }));
  for (const client of clients) client.on('error', () => {});
  const at = (index: number): Redis => clients[index] as Redis;
  for (const index of [0, 1, 2]) {
    const [from, end] = [Math.ceil((slots * index) / 3), Math.ceil((slots * (index + 1)) / 3) - 1];
    await at(index).call('CLUSTER', 'ADDSLOTSRANGE', from, end);
    await at(index).call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
  }
  for (const { port } of servers.slice(1)) await at(0).call('CLUSTER', 'MEET', '127.0.0.1', port);
  const ids = await Promise.all(clients.map(async (client) => String(await client.call('CLUSTER', 'MYID'))));
  await until(async () => (await infoOf(at(3))).includes('cluster_known_nodes:4'));
  await until(
    async () =>
      (await at(3)
        .call('CLUSTER', 'REPLICATE', ids[0] ?? '')
        .catch(() => '')) === 'OK',
  );
  for (const client of clients) await until(async () => (await infoOf(client)).includes('cluster_state:ok'));
  await until(async () => (await at(3).info('replication')).includes('master_link_status:up'));
  for (const client of clients.slice(0, 3)) {
    await until(async () => String(await client.call('CLUSTER', 'NODES')).includes('slave'));
  }
  const [first, ...rest] = servers.map(({ url }) => url);
  return {
    servers,
    urls: [first as string, ...rest],
    async failOver() {
      await at(3).call('CLUSTER', 'FAILOVER', 'TAKEOVER');
      await until(async () => String(await at(3).role()).startsWith('master'));
    },
    async moveSlot(slot, to) {
      const nodes = String(await at(to).call('CLUSTER', 'NODES'));
      const from = await ownerOf(clients.slice(0, 3), slot);
      const target = servers[to]?.port ?? 0;
      if (from === to || nodes === '') return;
      await at(to).call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', ids[from] ?? '');
      await at(from).call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', ids[to] ?? '');
      for (;;) {
        const keys = (await at(from).call('CLUSTER', 'GETKEYSINSLOT', slot, 100)) as string[];
        if (keys.length === 0) break;
        await at(from).call('MIGRATE', '127.0.0.1', target, '', 0, 1_000, 'KEYS', ...keys);
      }
      for (const index of [to, from]) await at(index).call('CLUSTER', 'SETSLOT', slot, 'NODE', ids[to] ?? '');
    },
    async stop() {
      for (const client of clients) client.disconnect();
      await Promise.all(servers.map((server) => server.kill()));
    },
  };
}

async function ownerOf(masters: readonly Redis[], slot: number): Promise<number> {
  for (const [index, master] of masters.entries()) {
    const nodes = String(await master.call('CLUSTER', 'NODES'));
    const own = nodes.split('\n').find((line) => line.includes('myself')) ?? '';
    const ranges = own
      .split(' ')
      .slice(8)
      .map((range) => range.split('-').map(Number));
    if (ranges.some(([from = -1, end = from]) => slot >= from && slot <= end)) return index;
  }
  throw new Error(`no master has slot ${slot}`);
}

async function infoOf(client: Redis): Promise<string> {
  return String(await client.call('CLUSTER', 'INFO'));
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (await isTrue()) return;
    await sleep(20);
  }
  throw new Error('the cluster did not come up');
}
