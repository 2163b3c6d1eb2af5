/** Bodies that are kept: the same answers as from a text, for less work. */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type AnswerPreferences, type FinishedAnswer, finishAnswer } from './answer.ts';
import type { ContentCoding } from './compress.ts';
import { KeptBody } from './kept-body.ts';

/** Text with as much variety as a list of products has. */
function textOf(length: number): string {
  let text = '';
  for (let index = 0; text.length < length; index += 1)
    text += JSON.stringify({ id: `prd_${(index * 7_919) % 10_007}`, title: `Zoë’s ${index % 13} things` });
  return text;
}
const decode: Readonly<Record<ContentCoding, (body: Buffer) => Buffer>> = {
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
  gzip: gunzipSync,
};
const codings = Object.keys(decode) as ContentCoding[];

/** Counts what it is told to keep, up to `maxBytes`. */
function room(maxBytes = 1_000_000) {
  const counted = { bytes: 0, asked: 0 };
  const mayKeep = (bytes: number): boolean => {
    counted.asked += 1;
    if (counted.bytes + bytes > maxBytes) return false;
    counted.bytes += bytes;
    return true;
  };
  return { counted, mayKeep };
}

function send(
  body: string | KeptBody,
  preferences: Partial<AnswerPreferences> = {},
): FinishedAnswer | Promise<FinishedAnswer> {
  const headers = { 'content-type': 'application/json' };
  const asked = { method: 'GET', acceptEncoding: undefined, ifNoneMatch: undefined, ...preferences };
  return finishAnswer({ status: 200, headers, body }, asked, { vary: 'Origin' });
}

const bytesOf = ({ body }: FinishedAnswer): Buffer => Buffer.from(body ?? '');

test.each([10, 1_020, 5_000, 50_000])(
  'without a coding a kept body of %i is sent as its text is',
  async (size) => {
    const text = textOf(size);
    const kept = new KeptBody(text, room().mayKeep);
    const { etag } = (await send(text)).headers;
    for (const wish of [{}, { method: 'HEAD' }, { ifNoneMatch: etag }, { ifNoneMatch: '"other"' }])
      expect(await send(kept, wish)).toEqual(await send(text, wish));
  },
);

describe.each([
  ['in place', 5_000],
  ['off the event loop', 50_000],
])('encoded %s', (_where, size) => {
  const text = textOf(size);

  test.each(codings)('%s is encoded once, however many ask and when', async (coding) => {
    const kept = new KeptBody(text, room().mayKeep);
    const ask = async () => send(kept, { acceptEncoding: coding });
    const [first, ...others] = [...(await Promise.all([ask(), ask(), ask()])), await ask()];
    expect(decode[coding](bytesOf(first as FinishedAnswer)).toString()).toBe(text);
    for (const { body } of others) expect(body).toBe(first?.body); // the very same bytes
  });

  test.each(codings)('%s is smaller than for an answer that is sent once', async (coding) => {
    const kept = await send(new KeptBody(text, room().mayKeep), { acceptEncoding: coding });
    const fresh = await send(text, { acceptEncoding: coding });
    expect(kept.bytes).toBeLessThan(fresh.bytes);
    expect(kept.headers).toEqual({ ...fresh.headers, 'content-length': String(kept.bytes) });
  });

  test('what is kept is counted, and holds no more memory than that', async () => {
    const { counted, mayKeep } = room();
    const kept = new KeptBody(text, mayKeep);
    let held = 0;
    for (const coding of codings) {
      const { body } = await send(kept, { acceptEncoding: coding });
      held += (body as Uint8Array).buffer.byteLength;
    }
    expect(counted.bytes).toBeGreaterThan(held);
    expect(counted.bytes).toBeLessThan(held + 2_000);
  });

  test('a known copy and a HEAD of one that is known touch no body', async () => {
    const { counted, mayKeep } = room();
    const kept = new KeptBody(text, mayKeep);
    const before = counted.asked;
    const known = await send(kept, { acceptEncoding: 'br', ifNoneMatch: `W/${kept.etag}` });
    expect([known.status, known.body, known.headers.etag]).toEqual([304, null, `W/${kept.etag}`]);
    expect(counted.asked).toBe(before); // nothing was made
    const { headers } = await send(kept, { acceptEncoding: 'br' });
    const head = await send(kept, { acceptEncoding: 'br', method: 'HEAD' });
    expect([head.body, head.bytes, head.headers]).toEqual([null, 0, headers]);
  });

  test('without room it is encoded each time, as an answer that is sent once', async () => {
    const kept = new KeptBody(text, room(0).mayKeep);
    for (const coding of codings) {
      const [one, other] = [
        await send(kept, { acceptEncoding: coding }),
        await send(kept, { acceptEncoding: coding }),
      ];
      expect(one).toEqual(await send(text, { acceptEncoding: coding }));
      expect(other).toEqual(one);
      expect(other.body).not.toBe(one.body);
    }
  });
});

test('of what a client likes equally the smallest is kept', async () => {
  const kept = new KeptBody(textOf(10_000), room().mayKeep);
  const { headers } = await send(kept, { acceptEncoding: 'gzip, deflate, br, zstd' });
  expect(headers['content-encoding']).toBe('br'); // a fresh one of this size is sent as zstd
});
