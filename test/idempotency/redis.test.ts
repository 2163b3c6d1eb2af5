/** Writes of two instances whose records are in one Redis. */
import { redisRecords } from 'bffkit/redis';
import { Redis } from 'ioredis';
import { vi } from 'vitest';
import { startRedis } from '../support/redis-server.ts';
import { writesContract } from './contract.ts';

writesContract('records in Redis', async () => {
  const { url, kill } = await startRedis();
  const operator = new Redis(url);
  const stores = [redisRecords({ url }), redisRecords({ url })] as const;
  for (const store of stores) await vi.waitFor(() => store.get('proof:{ready}'), { timeout: 10_000 });
  return {
    stores,
    endClaims: () => operator.flushall().then(() => {}),
    async close() {
      operator.disconnect();
      for (const store of stores) await store.close();
      await kill();
    },
  };
});
