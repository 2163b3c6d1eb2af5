import type { CacheOptions } from 'bffkit';

/** A product of the catalog is the same for everybody. `product:ID` and `catalog` purge it. */
export const keptProduct = {
  scope: 'public',
  ttlMs: 60_000,
  swrMs: 300_000,
  staleIfErrorMs: 3_600_000,
  tags: ({ params }) => ['catalog', `product:${String(params?.id)}`],
} as const satisfies CacheOptions;

/** Who the caller is, for screens that come often; nobody else gets it. */
export const keptProfile = { scope: 'principal', ttlMs: 30_000 } as const satisfies CacheOptions;
