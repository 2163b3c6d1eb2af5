import { expect, test } from 'vitest';
import { type RedisRecordsOptions, redisRecords } from './redis-records.ts';

const url = 'redis://127.0.0.1:1';

test.each([
  [{ url, timeoutMs: 9 }, 'redisRecords: timeoutMs must be a number from 10 to 1000, got 9'],
  [{ url, timeoutMs: 1_001 }, 'redisRecords: timeoutMs must be a number from 10 to 1000, got 1001'],
  [{ url, timeoutMs: 50.5 }, 'redisRecords: timeoutMs must be a whole number from 10 to 1000, got 50.5'],
  [
    { url, prefix: 'a{b}' },
    "redisRecords: prefix must be 1 to 64 of letters, digits, '_', '.' and '-', got 'a{b}'",
  ],
  [{ url, prefx: 'a' }, "redisRecords: unknown option 'prefx'; did you mean 'prefix'?"],
  [{ url: 'http://ada:s3cret@redis' }, 'redisRecords: url must begin with redis:// or rediss://'],
  [{ nodes: [] }, 'redisRecords: nodes must begin with redis:// or rediss://'],
  [{ nodes: [url, 'other'] }, 'redisRecords: nodes must begin with redis:// or rediss://'],
  [{}, 'redisRecords: url must begin with redis:// or rediss://'],
])('%j is refused at boot, without telling a password', (options, message) => {
  expect(() => redisRecords(options as RedisRecordsOptions)).toThrow(new RangeError(message));
});

test('it connects in the background, and a store that never was connected closes', async () => {
  const records = redisRecords({ url, prefix: 'mine' });
  const cluster = redisRecords({ nodes: ['rediss://ada:s3cret@127.0.0.1:1'] });
  cluster.subscribe(
    'news',
    () => {},
    () => {},
  )();
  await records.close();
  await cluster.close();
});
