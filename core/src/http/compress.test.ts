import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ContentCoding, chooseCoding, compress, minCompressBytes } from './compress.ts';

describe('the coding that is chosen', () => {
  test.each<[string | undefined, ContentCoding | undefined]>([
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    ['deflate', undefined],
    ['zstd, compress', undefined],
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
    ['br;q=0, *', 'gzip'],
    ['*', 'br'],
    ['*;q=0.5, gzip', 'gzip'],
    ['*;q=0', undefined],
    ['*;q=0, gzip', 'gzip'],
    ['gzip;q=0, *', 'br'],
    ['gzip;q=0, br;q=0, *', undefined],
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

  const quality = fc.constantFrom(undefined, '0', '0.0', '0.3', '0.5', '0.999', '1', '1.000');

  test('is never one of quality 0, and none is better', () => {
    fc.assert(
      fc.property(fc.record({ br: quality, gzip: quality }), fc.boolean(), (qualities, brFirst) => {
        const entries = Object.entries(qualities);
        const header = (brFirst ? entries : entries.reverse())
          .map(([coding, q]) => (q === undefined ? coding : `${coding};q=${q}`))
          .join(', ');
        const of = (coding: ContentCoding): number => Number(qualities[coding] ?? 1);
        const chosen = chooseCoding(header);
        const best = Math.max(of('br'), of('gzip'));
        expect(chosen === undefined ? 0 : of(chosen)).toBe(best);
      }),
    );
  });

  test('never fails, whatever the client writes', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        expect([undefined, 'br', 'gzip']).toContain(chooseCoding(header));
      }),
    );
  });
});

describe('a body that was encoded', () => {
  const decode = { br: brotliDecompressSync, gzip: gunzipSync };
  const text = fc.string({ unit: 'grapheme', maxLength: 2_000 });
  const large = fc.tuple(text, fc.constant('x'.repeat(25_000))).map((parts) => parts.join(''));

  test.each(['br', 'gzip'] as const)('is the same after decoding: %s', async (coding) => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(text, large), async (body) => {
        expect(decode[coding](await compress(body, coding)).toString()).toBe(body);
      }),
      { numRuns: 50 },
    );
  });

  test('is encoded in place when small, and beside the event loop when large', () => {
    expect(compress('x'.repeat(20_000), 'br')).toBeInstanceOf(Buffer);
    expect(compress('x'.repeat(20_001), 'br')).toBeInstanceOf(Promise);
    expect(compress('x'.repeat(20_000), 'gzip')).toBeInstanceOf(Buffer);
    expect(compress('x'.repeat(20_001), 'gzip')).toBeInstanceOf(Promise);
  });

  test('is smaller where there is something to gain', () => {
    const body = JSON.stringify(
      Array.from({ length: 50 }, (_, id) => ({ id, title: 'A product', price: 1_999 })),
    );
    expect(body.length).toBeGreaterThan(minCompressBytes);
    for (const coding of ['br', 'gzip'] as const) {
      expect((compress(body, coding) as Buffer).byteLength).toBeLessThan(body.length / 3);
    }
  });
});
