/** Records in one Redis. */
import { redisRecords } from 'bffkit/redis';
import { startRedis } from '../support/redis-server.ts';
import { recordsContract } from './contract.ts';

recordsContract('records in Redis', async () => {
  const { url, kill } = await startRedis();
  const stores = [redisRecords({ url }), redisRecords({ url })] as const;
  return {
    stores,
    pass: () => {},
    hears: 'messages',
    async close() {
      for (const store of stores) await store.close();
      await kill();
    },
  };
});
