import type { DatedVersion } from 'bffkit';
import { orderReference } from './order-reference.ts';
import { problemRequestId } from './problem-request-id.ts';
import { productTitle } from './product-title.ts';

export const began20260601: DatedVersion = {
  version: '2026-06-01',
  changes: [orderReference, productTitle, problemRequestId],
};
