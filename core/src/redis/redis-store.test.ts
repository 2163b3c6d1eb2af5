import { expect, test } from 'vitest';
import { type RedisStoreOptions, redisStore } from './redis-store.ts';

const url = 'redis://127.0.0.1:1';

test.each([
  [{ url: 'http://user:secret@host' }, 'redisStore: url must begin with redis:// or rediss://'],
  [{ nodes: [] }, 'redisStore: nodes must begin with redis:// or rediss://'],
  [{ nodes: [url, 'host:6379'] }, 'redisStore: nodes must begin with redis:// or rediss://'],
  [{ url, instances: 0 }, 'redisStore: instances must be a number from 1 to 10000, got 0'],
  [{ url, timeoutMs: 5_000 }, 'redisStore: timeoutMs must be a number from 10 to 1000, got 5000'],
  [{ url, lease: 1.5 }, 'redisStore: lease must be a whole number from 1 to 100, got 1.5'],
  [{ url, onStoreError: 'ignore' }, "redisStore: onStoreError must be local, open, closed, got 'ignore'"],
  [
    { url, prefix: 'a{b}' },
    "redisStore: prefix must be 1 to 64 of letters, digits, '_', '.' and '-', got 'a{b}'",
  ],
  [{ url, timeout: 50 }, "redisStore: unknown option 'timeout'; did you mean 'timeoutMs'?"],
])('%o is refused at boot', (options, message) => {
  expect(() => redisStore(options as unknown as RedisStoreOptions)).toThrow(new RangeError(message));
});

test('a Redis that was never there is stood in for, and closing leaves nothing behind', async () => {
  const store = redisStore({ url, timeoutMs: 10 });
  const limit = { kind: 'monthly-quota', name: 'month', max: 2 } as const;
  const take = async () => (await store.take([{ limit, subject: 'ada', cost: 1 }])).allowed;
  expect([await take(), await take(), await take()]).toEqual([true, true, false]);
  store.close?.();
});
