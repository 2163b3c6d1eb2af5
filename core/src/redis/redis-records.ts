/**
 * Records shared by any number of instances through Redis or Redis Cluster. A step is one command or one
 * script on one key, so it happens whole or not at all; ends are counted by Redis.
 *
 * Channels are those of the plain `PUBLISH`, which a cluster passes on to all its nodes.
 *
 * @see {@link https://redis.io/docs/latest/commands/set/ Redis, SET}
 * @module
 */
import { type Clock, systemClock } from '../context/clock.ts';
import { requireInteger, requireKnown } from '../context/options.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { maxMembers, requireKey, requireValue, wholeTtlMs } from '../records/check.ts';
import { maxCounters, maxTurns, requireAmounts } from '../records/counters.ts';
import type { RecordStore } from '../records/record-store.ts';
import { Subscribers } from '../records/subscribers.ts';
import { type RedisAddress, requirePrefix, urlsOf } from './address.ts';
import { connect, type RedisConnection } from './connect.ts';
import { FailFast, restMs } from './fail-fast.ts';
import { laneOf } from './keys.ts';
import { Listener } from './listener.ts';

export interface RedisRecordsPolicy {
  /** Milliseconds a request waits for Redis at most, from 10 to 1 000. Default 80. */
  readonly timeoutMs?: number;
  /** First part of every key and channel. Default `bffkit`. */
  readonly prefix?: string;
  /** For tests. */
  readonly clock?: Clock;
}

export type RedisRecordsOptions = RedisAddress & RedisRecordsPolicy;

/** Publishing needs no key; it fails and rests apart from them. */
const publishLane = -1;

/** ARGV: the text that must be there, the new text, milliseconds or nothing. */
const replaceScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[3] then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) else redis.call('SET', KEYS[1], ARGV[2]) end
return 1
`;

const deleteScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`;

/** Members are ordered by when they were added. ARGV: member, milliseconds, members at most. */
const addScript = `
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], string.format('%.0f', time[1] * 1000000 + time[2]), ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[3])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1
`;

/**
 * Counters are a hash; the last turn of everybody who counts is a sorted set beside it. KEYS: both. ARGV:
 * milliseconds, counters at most, turns at most, who counts or nothing, their turn, then names and amounts.
 */
const countScript = `
local room = tonumber(ARGV[2]) - redis.call('HLEN', KEYS[1])
if ARGV[4] ~= '' then
  local last = redis.call('ZSCORE', KEYS[2], ARGV[4])
  if last and tonumber(last) >= tonumber(ARGV[5]) then return 0 end
  redis.call('ZADD', KEYS[2], ARGV[5], ARGV[4])
  redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -1 - ARGV[3])
  if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[1]) then redis.call('PEXPIRE', KEYS[2], ARGV[1]) end
end
for at = 6, #ARGV, 2 do
  local name = ARGV[at]
  if redis.call('HEXISTS', KEYS[1], name) == 0 then
    if room > 0 then room = room - 1 else name = '' end
  end
  redis.call('HINCRBY', KEYS[1], name, ARGV[at + 1])
end
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return 1
`;

/**
 * Keeps records in Redis. Connects in the background; until the first connection a request waits
 * `timeoutMs` at most, like for any answer. After a failure nothing is asked for a second.
 *
 * @throws {RangeError} for an unknown option or a value out of range.
 */
export function redisRecords(options: RedisRecordsOptions): RecordStore {
  requireKnown('redisRecords', options, ['url', 'nodes', 'timeoutMs', 'prefix', 'clock']);
  const { timeoutMs = 80, prefix = 'bffkit', clock = systemClock } = options;
  requirePrefix('redisRecords', prefix);
  requireInteger('redisRecords', 'timeoutMs', timeoutMs, 10, 1_000);
  const isCluster = options.nodes !== undefined;
  const redis = connect({ urls: urlsOf('redisRecords', options), isCluster, timeoutMs });
  const failFast = new FailFast({ clock, timeoutMs });
  const ask = <T>(lane: number, question: (redis: RedisConnection) => Promise<T>): Promise<T> =>
    answered(failFast.ask([lane], () => settled(question(redis))));
  const at = async <T>(
    key: string,
    question: (redis: RedisConnection, key: string) => Promise<T>,
  ): Promise<T> => {
    requireKey(key);
    return ask(isCluster ? laneOf(tagIn(key)) : 0, () => question(redis, `${prefix}:${key}`));
  };

  const subscribers = new Subscribers();
  const channelStart = `${prefix}:`;
  const listener = new Listener({
    clock,
    open: () => redis.openListener(),
    onMessage: (channel, message) => subscribers.deliver(channel.slice(channelStart.length), message),
    onBegin: (channels) => subscribers.gap(channels.map((channel) => channel.slice(channelStart.length))),
  });

  return {
    get: (key) =>
      at(key, async (redis, key) => {
        const value = await redis.call('GET', key);
        return typeof value === 'string' ? value : undefined;
      }),
    set: (key, value, { ttlMs, when = 'always' } = {}) =>
      at(key, async (redis, key) => {
        requireValue(value);
        if (typeof when === 'object') {
          const args = [when.is, value, ...(ttlMs === undefined ? [] : [wholeTtlMs(ttlMs)])];
          return (await redis.run(replaceScript, [key], args)) === 1;
        }
        const end = ttlMs === undefined ? [] : ['PX', wholeTtlMs(ttlMs)];
        const condition = when === 'always' ? [] : [when === 'absent' ? 'NX' : 'XX'];
        return (await redis.call('SET', key, value, ...end, ...condition)) !== null;
      }),
    delete: (key, value) =>
      at(key, async (redis, key) => {
        const removed =
          value === undefined ? redis.call('DEL', key) : redis.run(deleteScript, [key], [value]);
        return (await removed) === 1;
      }),
    add: (key, member, ttlMs) =>
      at(key, async (redis, key) => {
        requireValue(member);
        await redis.run(addScript, [key], [member, wholeTtlMs(ttlMs), maxMembers]);
      }),
    remove: (key, member) =>
      at(key, async (redis, key) => {
        await redis.call('ZREM', key, member);
      }),
    members: (key) =>
      at(key, async (redis, key) => (await redis.call('ZRANGE', key, 0, -1)) as readonly string[]),
    count: (key, amounts, { ttlMs, once }) =>
      at(key, async (redis, key) => {
        requireAmounts(amounts, once);
        const added = await redis.run(
          countScript,
          [key, `${key}:turns`],
          [wholeTtlMs(ttlMs), maxCounters, maxTurns, once?.by ?? '', once?.turn ?? 0, ...[...amounts].flat()],
        );
        return added === 1;
      }),
    counts: (key) =>
      at(key, async (redis, key) => countersIn((await redis.call('HGETALL', key)) as readonly string[])),
    async publish(channel, message) {
      requireValue(message);
      await ask(isCluster ? publishLane : 0, (redis) => redis.publish(channelStart + channel, message));
    },
    subscribe(channel, onMessage, onGap) {
      const stop = subscribers.add(channel, { onMessage, onGap });
      listener.listen(channelStart + channel);
      return () => {
        stop();
        if (!subscribers.channels.includes(channel)) listener.leave(channelStart + channel);
      };
    },
    close() {
      subscribers.clear();
      listener.close();
      redis.close();
    },
  };
}

/** Names and numbers in turns. */
function countersIn(list: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (let at = 0; at < list.length; at += 2) counts.set(list[at] ?? '', Number(list[at + 1]));
  return counts;
}

/** What decides the slot: the part between the first brace and the next. */
function tagIn(key: string): string {
  const open = key.indexOf('{');
  return key.slice(open + 1, key.indexOf('}', open));
}

type Outcome<T> = { readonly value: T } | { readonly mistake: Error };

/** A mistake of the program is an answer: Redis is well. */
async function settled<T>(answer: Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await answer };
  } catch (error) {
    if (error instanceof RangeError) return { mistake: error };
    if (error instanceof Error && error.message.startsWith('WRONGTYPE')) {
      return {
        mistake: new TypeError('records: a key was used as what it is not', { cause: error }),
      };
    }
    throw error;
  }
}

async function answered<T>(asked: Promise<Outcome<T>>): Promise<T> {
  const outcome = await asked.catch((cause: unknown) => {
    const detail = 'The records cannot be read or written now.';
    throw new GatewayError('dependency-unavailable', { detail, retryAfterMs: restMs, cause });
  });
  if ('mistake' in outcome) throw outcome.mistake;
  return outcome.value;
}
