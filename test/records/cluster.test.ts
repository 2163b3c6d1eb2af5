/** Records in a Redis Cluster of three masters and a replica, each instance listening at another node. */
import { redisRecords } from 'bffkit/redis';
import { startCluster } from '../support/redis-cluster.ts';
import { recordsContract } from './contract.ts';

recordsContract('records in a Redis Cluster', async () => {
  const cluster = await startCluster();
  const [first, second, third] = cluster.urls;
  const stores = [
    redisRecords({ nodes: [first, second ?? ''] }),
    redisRecords({ nodes: [third ?? ''] }),
  ] as const;
  return {
    stores,
    pass: () => {},
    hears: 'messages',
    async close() {
      for (const store of stores) await store.close();
      await cluster.stop();
    },
  };
});
