/**
 * `npm run bench -- limits`: what one decision of a limit costs, in memory and on Redis, with and without
 * leases, beside rate-limiter-flexible. Its nearest equivalent is a fixed window by `INCRBY`; it counts
 * refused requests too and knows neither several limits in one call nor `Retry-After` by algorithm.
 *
 * @module
 */
import {
  type LimitStore,
  memoryStore,
  monthlyQuota,
  type RateLimit,
  slidingCounter,
  tokenBucket,
} from 'bffkit';
import { redisStore } from 'bffkit/redis';
import { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';
import { startRedis } from '../../support/redis-server.ts';
import { chooseCores, machineFacts } from '../lab/machine.ts';
import { median } from '../statistics.ts';
import type { Command } from './command.ts';

interface Contender {
  readonly name: string;
  /** Decides once for a caller. */
  decide(caller: string): unknown;
  close(): void;
}

interface Slice {
  readonly cpuMicros: number;
  readonly wallMicros: number;
  readonly roundTrips: number;
}

const atOnce = 32;
const callers = Array.from({ length: 16 }, (_, index) => `caller-${index}`);
const bucket = tokenBucket({ name: 'bench', capacity: 1_000_000_000, refillPerSecond: 1_000_000 });
const three = [
  tokenBucket({ name: 'burst', capacity: 1_000_000, refillPerSecond: 1_000_000 }),
  slidingCounter({ name: 'minute', max: 1_000_000_000, windowSeconds: 60 }),
  monthlyQuota({ name: 'month', max: 1_000_000_000_000 }),
];
const flexible = { points: 1_000_000_000, duration: 60 };

export const limits: Command = {
  name: 'limits',
  summary: 'µs and round trips per decision of a limit, memory and Redis, beside rate-limiter-flexible',
  flags: [{ name: 'short', help: '5 rounds of 150 ms instead of 15 of 300 ms' }],
  async run(flags) {
    const [rounds, sliceMs] = flags.has('short') ? [5, 150] : [15, 300];
    const redis = await startRedis();
    const observer = new Redis(redis.url);
    const contenders = openContenders(redis.url);
    try {
      const slices = new Map<string, Slice[]>(contenders.map(({ name }) => [name, []]));
      for (const contender of contenders) await measure(contender, observer, sliceMs); // warm-up
      for (let round = 0; round < rounds; round += 1) {
        for (const contender of rotated(contenders, round)) {
          slices.get(contender.name)?.push(await measure(contender, observer, sliceMs));
        }
      }
      process.stdout.write(report(slices, rounds, sliceMs));
    } finally {
      for (const contender of contenders) contender.close();
      observer.disconnect();
      await redis.kill();
    }
  },
};

function openContenders(url: string): Contender[] {
  const timeoutMs = 1_000;
  const client = new Redis(url);
  const flexibleMemory = new RateLimiterMemory(flexible);
  const flexibleRedis = new RateLimiterRedis({ storeClient: client, ...flexible });
  return [
    ours('bffkit memory, token bucket', memoryStore(), [bucket]),
    ours('bffkit memory, three limits', memoryStore(), three),
    { name: 'rate-limiter-flexible memory', decide: (caller) => flexibleMemory.consume(caller), close() {} },
    ours('bffkit Redis, token bucket', redisStore({ url, timeoutMs }), [bucket]),
    ours('bffkit Redis, three limits', redisStore({ url, timeoutMs }), three),
    ours('bffkit Redis, token bucket, lease 10', redisStore({ url, timeoutMs, lease: 10 }), [bucket]),
    {
      name: 'rate-limiter-flexible Redis',
      decide: (caller) => flexibleRedis.consume(caller),
      close: () => client.disconnect(),
    },
  ];
}

function ours(name: string, store: LimitStore, of: readonly RateLimit[]): Contender {
  return {
    name,
    decide: (subject) => store.take(of.map((limit) => ({ limit, subject, cost: 1 }))),
    close: () => store.close?.(),
  };
}

/** Decides for `ms`, 32 at once; a contender that decides without waiting is not made to. */
async function measure(contender: Contender, observer: Redis, ms: number): Promise<Slice> {
  await observer.config('RESETSTAT');
  const startMs = performance.now();
  const cpu = process.cpuUsage();
  let decisions = 0;
  const loop = async (first: number): Promise<void> => {
    for (let turn = first; performance.now() - startMs < ms; turn += 1) {
      const decided = contender.decide(callers[turn % callers.length] ?? '');
      if (decided instanceof Promise) await decided;
      decisions += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, index) => loop(index)));
  const wallMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(cpu);
  const calls = await scriptCalls(observer);
  return {
    cpuMicros: (user + system) / decisions,
    wallMicros: (wallMs * 1_000) / decisions,
    roundTrips: calls / decisions,
  };
}

async function scriptCalls(observer: Redis): Promise<number> {
  const stats = await observer.info('commandstats');
  const calls = [...stats.matchAll(/cmdstat_(?:evalsha|eval|multi):calls=(\d+)/g)];
  return calls.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Nobody always goes first. */
function rotated<T>(items: readonly T[], by: number): T[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

function report(slices: ReadonlyMap<string, readonly Slice[]>, rounds: number, sliceMs: number): string {
  const { cpu, cores, node } = machineFacts(chooseCores());
  const rows = [...slices].map(([name, own]) => {
    const of = (field: keyof Slice): number => median(own.map((slice) => slice[field]));
    return [name, of('cpuMicros').toFixed(2), of('wallMicros').toFixed(2), of('roundTrips').toFixed(2)];
  });
  const lines = [['per decision', 'CPU µs', 'wall µs', 'round trips'], ...rows].map(
    ([name = '', ...figures]) => [name.padEnd(38), ...figures.map((figure) => figure.padStart(12))].join(''),
  );
  const how = `${cpu}, ${cores} cores · Node ${node} · ${rounds} rounds of ${sliceMs} ms each, interleaved · ${atOnce} at once, ${callers.length} callers`;
  return `${lines.join('\n')}\n\n${how}\nMedians over rounds. CPU is of the gateway's process; wall is the time per decision with ${atOnce} under way.\n`;
}
