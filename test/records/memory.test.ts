/** Records in one process. */

import { memoryRecords } from 'bffkit';
import { manualClock } from 'bffkit/testing';
import { recordsContract } from './contract.ts';

recordsContract('records in memory', async () => {
  const clock = manualClock();
  const store = memoryRecords({ clock });
  return {
    stores: [store, store],
    pass: (ms) => clock.advance(ms),
    hears: 'messages',
    close: () => store.close(),
  };
});
