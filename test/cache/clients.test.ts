/**
 * What leaves the gateway, read by other people's clients over real sockets: every coding, fresh, known and as a
 * HEAD, of answers that are kept and of answers that are made anew, with and without cross-origin rules.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { anyone, endpoint, tokenBucket } from 'bffkit';
import { Agent, interceptors, request, fetch as undiciFetch } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Curl, findCurl } from '../support/curl.ts';
import { type ServedBff, served } from '../support/served.ts';

const codings = ['identity', 'gzip', 'br', 'zstd'] as const;
type Coding = (typeof codings)[number];

const List = z.object({ items: z.array(z.object({ id: z.string(), title: z.string() })) });
const list = (count: number) => ({
  items: Array.from({ length: count }, (_, index) => ({ id: `prd_${index}`, title: `Zoë’s thing ${index}` })),
});
const options = {
  summary: 'List.',
  access: anyone(),
  deadlineMs: 2_000,
  query: z.object({ n: z.coerce.number() }),
};
const made = endpoint('GET', '/made', options).handle(List, async ({ input }) => list(input.query.n));
const kept = endpoint('GET', '/kept', { ...options, cache: { scope: 'public', ttlMs: 600_000 } }).handle(
  List,
  async ({ input }) => list(input.query.n),
);

const page = 'https://app.shop.example';
let dir: string;
let curl: Curl;
/** Without and with cross-origin rules. */
const bffs: ServedBff[] = [];
/** Of the requests that came, in order. */
const statuses: number[] = [];
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bffkit-clients-'));
  curl = findCurl();
  const limits = tokenBucket({ capacity: 100_000 });
  const parts = { upstreams: [], endpoints: [made, kept], allowedHosts: ['127.0.0.1'], limits };
  bffs.push(await served(parts), await served({ ...parts, cors: { origins: [page] } }));
  for (const { bff } of bffs) bff.events.on('request', ({ status }) => statuses.push(status));
});
afterAll(async () => {
  for (const running of bffs) await running.close();
  await rm(dir, { recursive: true, force: true });
});

interface Wish {
  readonly method?: 'GET' | 'HEAD';
  readonly coding: Coding;
  readonly etag?: string;
}

/** What a client was given. */
interface Seen {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded by the client. */
  readonly text: string;
}

type Client = (url: string, wish: Wish) => Promise<Seen>;

const headersOf = ({ coding, etag }: Wish): Record<string, string> => ({
  origin: page,
  'accept-encoding': coding,
  ...(etag === undefined ? {} : { 'if-none-match': etag }),
});

const decode: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: gunzipSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

const clients: Readonly<Record<string, Client>> = {
  async curl(url, wish) {
    const [heads, tag] = [join(dir, 'heads'), join(dir, 'tag')];
    const asked = Object.entries({ ...headersOf(wish), 'if-none-match': '' }).flatMap(([name, value]) =>
      value === '' ? [] : ['-H', `${name}: ${value}`],
    );
    const text = await curl(
      ...asked,
      ...(wish.method === 'HEAD' ? ['--head', '--output', '/dev/null'] : []),
      ...(wish.etag === undefined ? ['--etag-save', tag] : ['--etag-compare', tag]),
      ...['--compressed', '--dump-header', heads, url],
    );
    const [first = '', ...lines] = (await readFile(heads, 'latin1')).trim().split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 2),
      ]),
    );
    return { status: Number(first.split(' ')[1]), headers, text };
  },
  async 'undici request'(url, wish) {
    const { method = 'GET' } = wish;
    const { statusCode: status, headers, body } = await request(url, { method, headers: headersOf(wish) });
    const bytes = Buffer.from(await body.arrayBuffer());
    const coding = String(headers['content-encoding'] ?? 'identity');
    const text = bytes.byteLength === 0 ? '' : (decode[coding]?.(bytes) ?? bytes).toString();
    return { status, headers: headers as Record<string, string>, text };
  },
  async 'undici fetch'(url, wish) {
    const { method = 'GET' } = wish;
    const answer = await undiciFetch(url, { method, headers: headersOf(wish) });
    return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() };
  },
};

const urlOf = (from: number, path: string): string => `${bffs[from]?.url}${path}`;
const sizes = { 'in place': 60, 'off the event loop': 900 };

describe.each(Object.entries(clients))('%s', (_name, ask) => {
  describe.each(['/made', '/kept'])('%s', (path) => {
    test.each(codings)('in %s', async (coding) => {
      for (const [from, count] of [0, 1].flatMap((one) =>
        Object.values(sizes).map((size) => [one, size] as const),
      )) {
        const url = urlOf(from, `${path}?n=${count}`);
        const first = await ask(url, { coding });
        const { etag = '', vary = '' } = first.headers;
        expect([first.status, first.headers['content-encoding'] ?? 'identity']).toEqual([200, coding]);
        expect(JSON.parse(first.text)).toEqual(list(count));
        expect(etag).toMatch(coding === 'identity' ? /^"[\w-]{27}"$/ : /^W\/"[\w-]{27}"$/);
        expect(vary).toBe(from === 0 ? 'Accept-Encoding' : 'Origin, Accept-Encoding');

        const again = await ask(url, { coding });
        expect([again.status, again.text, again.headers.etag]).toEqual([200, first.text, etag]);
        expect(again.headers.vary).toBe(vary);

        const known = await ask(url, { coding, etag });
        expect([known.status, known.text]).toEqual([304, '']);
        expect([known.headers.etag, known.headers.vary]).toEqual([etag, vary]);
        expect(known.headers).not.toHaveProperty('content-type');

        const head = await ask(url, { coding, method: 'HEAD' });
        expect([head.status, head.text]).toEqual([200, '']);
        for (const name of ['content-encoding', 'content-length', 'content-type', 'etag', 'vary'])
          expect(head.headers[name]).toBe(again.headers[name]);
      }
    });
  });
});

describe('undici’s cache', () => {
  const open = () => new Agent().compose(interceptors.cache());
  const ask = async (dispatcher: ReturnType<typeof open>, path: string, headers: Record<string, string>) => {
    const before = statuses.length;
    const answer = await request(urlOf(0, path), { dispatcher, headers });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    const text = (decode[String(answer.headers['content-encoding'])]?.(bytes) ?? bytes).toString();
    expect([answer.statusCode, JSON.parse(text)]).toEqual([200, list(60)]);
    return statuses.slice(before);
  };

  test.each(codings)('keeps a public answer in %s, and asks whether it is still good', async (coding) => {
    const dispatcher = open();
    const headers = { 'accept-encoding': coding };
    expect(await ask(dispatcher, '/kept?n=60', headers)).toEqual([200]);
    expect(await ask(dispatcher, '/kept?n=60', headers)).toEqual([]);
    expect(await ask(dispatcher, '/kept?n=60', { ...headers, 'cache-control': 'no-cache' })).toEqual([304]);
    await dispatcher.close();
  });

  test('tells codings apart', async () => {
    const dispatcher = open();
    for (const coding of codings)
      expect(await ask(dispatcher, '/kept?n=60', { 'accept-encoding': coding })).toEqual([200]);
    for (const coding of codings)
      expect(await ask(dispatcher, '/kept?n=60', { 'accept-encoding': coding })).toEqual([]);
    await dispatcher.close();
  });

  test('keeps nothing that is not public', async () => {
    const dispatcher = open();
    for (let time = 0; time < 2; time += 1)
      expect(await ask(dispatcher, '/made?n=60', { 'accept-encoding': 'br' })).toEqual([200]);
    await dispatcher.close();
  });
});
