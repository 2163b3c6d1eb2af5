import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ContentCoding, chooseCoding, compress, mayCompress, minCompressBytes } from './compress.ts';

describe('the coding that is chosen', () => {
  test.each<[string | undefined, ContentCoding | undefined]>([
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    ['deflate', undefined],
    ['compress, dcz', undefined],
    ['zstd', 'zstd'],
    ['zstd, gzip', 'zstd'],
    ['zstd, br', 'br'],
    ['zstd, br;q=0.9', 'zstd'],
    ['br;q=0, *', 'zstd'],
    ['br;q=0, zstd;q=0, *', 'gzip'],
    ['zstd;q=0', undefined],
    ['zstd;q=0.5, identity;q=0.6', undefined],
    ['br', 'br'],
    ['gzip', 'gzip'],
    ['x-gzip', 'gzip'],
    ['gzip, deflate, br, zstd', 'br'],
    ['br, gzip', 'br'],
    ['GZIP', 'gzip'],
    ['BR;Q=1', 'br'],
    ['gzip;q=1.0, br;q=0.9', 'gzip'],
    ['gzip;q=0.8, br;q=0.8', 'br'],
    ['gzip;q=0.001', 'gzip'],
    ['gzip;q=0', undefined],
    ['gzip;q=0.0, br;q=0.000', undefined],
    ['br;q=0, gzip', 'gzip'],
    ['*', 'br'],
    ['*;q=0.5, gzip', 'gzip'],
    ['*;q=0', undefined],
    ['*;q=0, gzip', 'gzip'],
    ['gzip;q=0, *', 'br'],
    ['gzip;q=0, br;q=0, zstd;q=0, *', undefined],
    ['identity;q=1, gzip;q=0.5', undefined],
    ['identity;q=0.5, gzip;q=1.0', 'gzip'],
    ['identity, gzip', 'gzip'],
    ['identity;q=0, gzip;q=0.1', 'gzip'],
    ['identity;q=0', undefined],
    ['gzip;q=0.5, identity;q=0.7, br;q=0.6', undefined],
    [' gzip ; q=0.5 , br;q=0.1 ', 'gzip'],
    ['gzip;q=2', undefined],
    ['gzip;q=1.001', undefined],
    ['gzip;q=0.1234', undefined],
    ['gzip;q=-1', undefined],
    ['gzip;q=', undefined],
    ['gzip;q=high', undefined],
    ['gzip;level=9', 'gzip'],
    ['gzip;level=9;q=0', undefined],
    [',,gzip,,', 'gzip'],
    ['gzipped, brotli', undefined],
    ['"gzip"', undefined],
  ])('for %j is %s', (acceptEncoding, coding) => {
    expect(chooseCoding(acceptEncoding)).toBe(coding);
  });

  test.each<[number, string, ContentCoding, ContentCoding]>([
    [1_024, 'gzip, deflate, br, zstd', 'br', 'br'],
    [4_095, 'gzip, deflate, br, zstd', 'br', 'br'],
    [4_096, 'gzip, deflate, br, zstd', 'zstd', 'br'],
    [1_000_000, 'gzip, deflate, br, zstd', 'zstd', 'br'],
    [1_000_000, 'gzip, br', 'br', 'br'],
    [1_000_000, 'br, zstd;q=0.9', 'br', 'br'],
    [1_024, 'gzip, zstd', 'zstd', 'zstd'],
  ])('of %i bytes for %j is %s when fresh and %s when kept', (bytes, acceptEncoding, fresh, kept) => {
    expect(chooseCoding(acceptEncoding, bytes)).toBe(fresh);
    expect(chooseCoding(acceptEncoding, bytes, 'kept')).toBe(kept);
  });

  const quality = fc.constantFrom(undefined, '0', '0.0', '0.3', '0.5', '0.999', '1', '1.000');

  test('is never one of quality 0, and none is better', () => {
    fc.assert(
      fc.property(
        fc.record({ br: quality, zstd: quality, gzip: quality }),
        fc.boolean(),
        fc.nat(9_999),
        (qualities, brFirst, bytes) => {
          const entries = Object.entries(qualities);
          const header = (brFirst ? entries : entries.reverse())
            .map(([coding, q]) => (q === undefined ? coding : `${coding};q=${q}`))
            .join(', ');
          const of = (coding: ContentCoding): number => Number(qualities[coding] ?? 1);
          const chosen = chooseCoding(header, bytes);
          const best = Math.max(of('br'), of('zstd'), of('gzip'));
          expect(chosen === undefined ? 0 : of(chosen)).toBe(best);
        },
      ),
    );
  });

  test('never fails, whatever the client writes', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        expect([undefined, 'br', 'zstd', 'gzip']).toContain(chooseCoding(header));
      }),
    );
  });
});

describe('a body that was encoded', () => {
  const decode = { br: brotliDecompressSync, zstd: zstdDecompressSync, gzip: gunzipSync };
  const codings = ['br', 'zstd', 'gzip'] as const;
  const text = fc.string({ unit: 'grapheme', maxLength: 2_000 });
  const large = fc.tuple(text, fc.constant('x'.repeat(25_000))).map((parts) => parts.join(''));

  test.each(codings)('is the same after decoding: %s', async (coding) => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(text, large), fc.constantFrom('fresh', 'kept'), async (body, quality) => {
        expect(decode[coding](await compress(body, coding, quality)).toString()).toBe(body);
      }),
      { numRuns: 50 },
    );
  });

  test('is encoded in place when small, and beside the event loop when large', () => {
    for (const coding of codings) {
      expect(compress('x'.repeat(20_000), coding)).toBeInstanceOf(Buffer);
      expect(compress('x'.repeat(20_001), coding)).toBeInstanceOf(Promise);
      expect(compress('x'.repeat(6_000), coding, 'kept')).toBeInstanceOf(Buffer);
      expect(compress('x'.repeat(6_001), coding, 'kept')).toBeInstanceOf(Promise);
    }
  });

  test('is smaller where there is something to gain', () => {
    const body = JSON.stringify(
      Array.from({ length: 50 }, (_, id) => ({ id, title: 'A product', price: 1_999 })),
    );
    expect(body.length).toBeGreaterThan(minCompressBytes);
    for (const coding of codings) {
      expect((compress(body, coding) as Buffer).byteLength).toBeLessThan(body.length / 3);
    }
  });

  test.each(codings)('is smaller when it is kept than when it is sent once: %s', async (coding) => {
    const body = JSON.stringify(
      Array.from({ length: 400 }, (_, id) => ({
        id,
        title: `Product ${(id * 7_919) % 997}`,
        price: (id * 104_729) % 10_007,
      })),
    );
    const [fresh, kept] = await Promise.all([compress(body, coding), compress(body, coding, 'kept')]);
    expect(kept.byteLength).toBeLessThan(fresh.byteLength);
  });
});

test.each<[string, Record<string, string>, number, boolean]>([
  ['of 1 KiB', {}, 1_024, true],
  ['of less', {}, 1_023, false],
  ['in JSON', { 'content-type': 'application/json', 'cache-control': 'private, no-store' }, 2_048, true],
  ['that is not to be transformed', { 'cache-control': 'no-store, no-transform' }, 2_048, false],
  ['that is encoded already', { 'content-encoding': 'gzip' }, 2_048, false],
  ['that is a stream of events', { 'content-type': 'text/event-stream; charset=utf-8' }, 2_048, false],
])('an answer %s may be encoded or not', (_what, headers, bytes, may) => {
  expect(mayCompress(headers, bytes)).toBe(may);
});
