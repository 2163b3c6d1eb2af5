import type { CacheOptions } from 'bffkit';

/** A product of the catalog is the same for every partner. `product:ID` and `catalog` purge it. */
export const keptProduct = {
  scope: 'public',
  ttlMs: 30_000,
  swrMs: 120_000,
  staleIfErrorMs: 600_000,
  tags: ({ params }) => ['catalog', `product:${String(params?.id)}`],
} as const satisfies CacheOptions;
