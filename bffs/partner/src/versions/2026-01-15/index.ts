import type { DatedVersion } from 'bffkit';

/** The first version of the API. */
export const began20260115: DatedVersion = {
  version: '2026-01-15',
  changes: [],
  deprecatedAt: '2026-11-01',
  sunsetAt: '2027-06-01',
  brownouts: [
    { from: '2027-04-06T08:00:00Z', until: '2027-04-06T08:30:00Z' },
    { from: '2027-05-04T08:00:00Z', until: '2027-05-04T10:00:00Z', status: 410 },
  ],
};
