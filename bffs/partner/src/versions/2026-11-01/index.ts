import type { DatedVersion } from 'bffkit';
import { moneyInMinorUnits } from './money-in-minor-units.ts';
import { stockLow } from './stock-low.ts';

export const began20261101: DatedVersion = {
  version: '2026-11-01',
  changes: [moneyInMinorUnits, stockLow],
};
