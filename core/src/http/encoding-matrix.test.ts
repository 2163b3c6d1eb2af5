/** Every coding a client may ask for, at every size that is treated differently: what is sent is what was meant. */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { tokenBucket } from '../limit/declare.ts';
import { testBff } from '../testing/index.ts';

const options = { summary: 'X.', access: anyone(), deadlineMs: 1_000 };
const Text = z.object({ text: z.string() });
const overhead = '{"text":""}'.length;
const sized = endpoint('GET', '/sized', { ...options, query: z.object({ bytes: z.coerce.number() }) }).handle(
  Text,
  async ({ input }) => ({ text: 'ab'.repeat(input.query.bytes).slice(0, input.query.bytes - overhead) }),
);
const plain = (headers: Record<string, string>) => ({
  status: 200,
  headers,
  body: 'data: x\n\n'.repeat(500),
});
const events = endpoint('GET', '/events', options).answer(() =>
  plain({ 'content-type': 'text/event-stream' }),
);
const secret = endpoint('GET', '/secret', options).answer(() =>
  plain({ 'cache-control': 'no-store, no-transform' }),
);
const bff = testBff(
  [sized, events, secret],
  {},
  { limits: tokenBucket({ capacity: 10_000, refillPerSecond: 1 }) },
);

type Headers = Readonly<Record<string, string>>;
const ask = (bytes: number, headers: Headers, method = 'GET') =>
  bff.app.request(`/sized?bytes=${bytes}`, { headers: { ...headers }, method });

const decode: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
  gzip: gunzipSync,
};

const sizes = [1_023, 1_024, 4_095, 4_096, 20_000, 20_001, 100_000];
const clients: readonly (readonly [string | undefined, (bytes: number) => string | null])[] = [
  [undefined, () => null],
  ['identity', () => null],
  ['deflate', () => null],
  ['gzip', () => 'gzip'],
  ['br', () => 'br'],
  ['zstd', () => 'zstd'],
  ['gzip, deflate', () => 'gzip'],
  ['gzip, deflate, br', () => 'br'],
  ['gzip, deflate, br, zstd', (bytes) => (bytes < 4_096 ? 'br' : 'zstd')],
  ['gzip;q=1.0, br;q=0.5', () => 'gzip'],
  ['*', (bytes) => (bytes < 4_096 ? 'br' : 'zstd')],
];

describe.each(sizes)('a body of %i bytes', (bytes) => {
  test.each(clients)('for Accept-Encoding %j', async (acceptEncoding, codingFor) => {
    const preference: Headers = acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding };
    const isLarge = bytes >= 1_024;
    const coding = isLarge ? codingFor(bytes) : null;
    const answer = await ask(bytes, preference);
    const sent = Buffer.from(await answer.arrayBuffer());
    const body = coding === null ? sent : decode[coding]?.(sent);
    expect(body?.byteLength).toBe(bytes);
    expect(Text.safeParse(JSON.parse(String(body))).success).toBe(true);
    expect(answer.headers.get('content-encoding')).toBe(coding);
    expect(answer.headers.get('content-length')).toBe(String(sent.byteLength));
    expect((answer.headers.get('vary') ?? '').includes('Accept-Encoding')).toBe(isLarge);

    const etag = answer.headers.get('etag') ?? '';
    expect(etag.startsWith('W/')).toBe(coding !== null);
    const again = await ask(bytes, { ...preference, 'if-none-match': etag });
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
    expect(again.headers.get('vary')).toBe(answer.headers.get('vary'));

    const strong = await ask(bytes, { 'if-none-match': etag });
    expect(strong.status).toBe(304); // a copy in one coding is good for every coding

    const head = await ask(bytes, preference, 'HEAD');
    expect([head.status, await head.text()]).toEqual([200, '']);
    for (const name of ['content-encoding', 'content-length', 'etag', 'vary']) {
      expect(head.headers.get(name)).toBe(answer.headers.get(name));
    }
  });
});

test.each(['/events', '/secret'])('%s is never encoded, and does not vary by coding', async (path) => {
  const answer = await bff.app.request(path, { headers: { 'accept-encoding': 'gzip, br, zstd' } });
  expect(answer.headers.get('content-encoding')).toBeNull();
  expect(answer.headers.get('vary') ?? '').not.toContain('Accept-Encoding');
  expect(await answer.text()).toContain('data: x');
});
