/** Writes of two instances whose records are in one process. */
import { memoryRecords } from 'bffkit';
import { manualClock } from 'bffkit/testing';
import { writesContract } from './contract.ts';

writesContract('records in memory', async () => {
  const clock = manualClock(); // of the records: the requests have their own
  const records = memoryRecords({ clock });
  return {
    stores: [records, records],
    endClaims: () => clock.advance(10_000),
    close: () => records.close(),
  };
});
