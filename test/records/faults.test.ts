/** Redis killed, paused, restarted empty, and its listeners thrown out: nobody waits, and it comes back. */

import type { RecordStore } from 'bffkit';
import { redisRecords } from 'bffkit/redis';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { shortest } from '../support/within.ts';
import { eventually } from './rig.ts';

const timeoutMs = 80;
/** What a loaded machine adds. */
const busyMs = 70;

let server: RedisServer;
let records: RecordStore;
let admin: Redis;

beforeEach(async () => {
  server = await startRedis();
  records = redisRecords({ url: server.url });
  admin = new Redis(server.url, { retryStrategy: () => 20 });
  admin.on('error', () => {});
  await isBack();
});

afterEach(async () => {
  admin.disconnect();
  await records.close();
  await server.kill();
});

const isBack = (): Promise<void> => eventually(() => records.set('proof:{back}', '1').catch(() => false));

async function timed(act: () => Promise<unknown>): Promise<{ ms: number; thrown: unknown }> {
  const startMs = performance.now();
  const thrown = await act().then(
    () => undefined,
    (error: unknown) => error,
  );
  return { ms: performance.now() - startMs, thrown };
}

const unavailable = expect.objectContaining({
  code: 'dependency-unavailable',
  status: 503,
  options: expect.objectContaining({ retryAfterMs: 1_000, cause: expect.any(Error) }),
});

test('paused: the first question waits for the timeout, the next not at all, and it comes back', async () => {
  expect(
    await shortest(timeoutMs + busyMs, 3, async () => {
      await isBack();
      server.process.kill('SIGSTOP');
      const first = await timed(() => records.get('proof:{a}'));
      const second = await timed(() => records.set('proof:{b}', '1'));
      server.process.kill('SIGCONT');
      expect([first.thrown, second.thrown]).toEqual([unavailable, unavailable]);
      expect(first.ms).toBeGreaterThan(timeoutMs - 5);
      return first.ms + second.ms;
    }),
  ).toBeLessThan(timeoutMs + busyMs);
  await isBack();
});

test('killed: every method answers 503 with a cause, and what is not kept is gone after the restart', async () => {
  await records.set('proof:{kept}', '1');
  server.process.kill('SIGKILL');
  await eventually(() =>
    records.get('proof:{kept}').then(
      () => false,
      () => true,
    ),
  );
  const ways: Record<string, () => Promise<unknown>> = {
    get: () => records.get('proof:{a}'),
    set: () => records.set('proof:{a}', '1', { when: 'absent', ttlMs: 5 }),
    delete: () => records.delete('proof:{a}'),
    deleteEqual: () => records.delete('proof:{a}', '1'),
    add: () => records.add('proof:{a}', '1', 5),
    remove: () => records.remove('proof:{a}', '1'),
    members: () => records.members('proof:{a}'),
    count: () => records.count('proof:{a}', new Map([['a', 1]]), { ttlMs: 5 }),
    counts: () => records.counts('proof:{a}'),
    publish: () => records.publish('news', '1'),
  };
  for (const [name, ask] of Object.entries(ways)) {
    const { ms, thrown } = await timed(ask);
    expect([name, thrown]).toEqual([name, unavailable]);
    expect(ms).toBeLessThan(timeoutMs + busyMs);
  }
  await server.restart();
  await isBack();
  expect(await records.get('proof:{kept}')).toBeUndefined();
});

test('before the first connection a question waits for the timeout, then it is 503', async () => {
  const early = redisRecords({ url: 'redis://127.0.0.1:1' });
  expect(await timed(() => early.get('proof:{a}'))).toEqual({ ms: expect.any(Number), thrown: unavailable });
  await early.close();
});

test('no secret of the address is in what is thrown', async () => {
  const early = redisRecords({ url: 'redis://ada:s3cret-word@127.0.0.1:1' });
  const { thrown } = await timed(() => early.get('proof:{a}'));
  const { options } = thrown as { options: { cause: unknown } };
  expect(`${JSON.stringify(thrown)} ${String(options.cause)}`).not.toContain('s3cret');
  await early.close();
});

test('a listener that is thrown out listens again, and hears of one gap', async () => {
  const [heard, gap] = [vi.fn(), vi.fn()];
  records.subscribe('news', heard, gap);
  records.subscribe(
    'other',
    () => {},
    () => {},
  );
  await eventually(() => gap.mock.calls.length === 1); // listening began
  for (const turn of [1, 2, 3]) {
    expect(Number(await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub'))).toBe(1);
    await eventually(() => gap.mock.calls.length === 1 + turn);
    await records.publish('news', `${turn}`);
    await eventually(() => heard.mock.calls.length === turn);
  }
  expect(heard.mock.calls).toEqual([['1'], ['2'], ['3']]);
  expect(gap).toHaveBeenCalledTimes(4);
});

test('after a restart of Redis it listens again, and hears of one gap', async () => {
  const [heard, gap] = [vi.fn(), vi.fn()];
  records.subscribe('news', heard, gap);
  await eventually(() => gap.mock.calls.length === 1);
  await server.restart();
  await isBack();
  await eventually(() => gap.mock.calls.length === 2);
  await records.publish('news', 'back');
  await eventually(() => heard.mock.calls.length === 1);
  expect(gap).toHaveBeenCalledTimes(2);
});

test('who listened last is the last to be sent anything', async () => {
  const stops = ['news', 'other'].map((channel) =>
    records.subscribe(
      channel,
      () => {},
      () => {},
    ),
  );
  const channels = async (): Promise<readonly string[]> =>
    ((await admin.call('PUBSUB', 'CHANNELS')) as string[]).toSorted();
  await eventually(async () => (await channels()).length === 2);
  expect(await channels()).toEqual(['bffkit:news', 'bffkit:other']);
  const again = records.subscribe(
    'news',
    () => {},
    () => {},
  );
  stops[0]?.();
  stops[1]?.();
  await eventually(async () => (await channels()).length === 1);
  again();
  await eventually(async () => (await channels()).length === 0);
  const gap = vi.fn();
  records.subscribe('news', () => {}, gap);
  await eventually(() => gap.mock.calls.length === 1);
});

test('a closed store leaves no connection', async () => {
  const others = redisRecords({ url: server.url });
  const gap = vi.fn();
  others.subscribe('news', () => {}, gap);
  await eventually(() => gap.mock.calls.length === 1);
  const clients = async (): Promise<number> =>
    String(await admin.call('CLIENT', 'LIST', 'TYPE', 'pubsub'))
      .split('\n')
      .filter(Boolean).length;
  expect(await clients()).toBe(1);
  await others.close();
  others.subscribe('news', () => {}, gap);
  await eventually(async () => (await clients()) === 0);
  await expect(others.get('proof:{a}')).rejects.toEqual(unavailable);
});

test('the access list that docs/state.md asks for is enough', async () => {
  const rules = ['+@read', '+@write', '+@scripting', '+@connection', '+info', '+time'];
  const channels = ['+publish', '+subscribe', '+unsubscribe', '&bffkit:*', '~bffkit:*'];
  await admin.call('ACL', 'SETUSER', 'bff', 'on', '>s3cret/word', 'resetchannels', ...rules, ...channels);
  const url = server.url.replace('//', `//bff:${encodeURIComponent('s3cret/word')}@`);
  const own = redisRecords({ url });
  const [heard, gap] = [vi.fn(), vi.fn()];
  own.subscribe('news', heard, gap);
  await eventually(() => gap.mock.calls.length === 1);
  await own.set('proof:{a}', '1', { ttlMs: 60_000, when: 'absent' });
  expect(await own.delete('proof:{a}', await own.get('proof:{a}'))).toBe(true);
  await own.add('proof:{b}', 'x', 60_000);
  await own.remove('proof:{b}', 'y');
  expect(await own.members('proof:{b}')).toEqual(['x']);
  await own.publish('news', 'hello');
  await eventually(() => heard.mock.calls.length === 1);
  await own.close();
  const other = redisRecords({ url, prefix: 'other' });
  await expect(other.get('proof:{a}')).rejects.toEqual(unavailable);
  await other.close();
});
