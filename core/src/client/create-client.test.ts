import { describe, expect, test, vi } from 'vitest';
import type { Client } from './client-types.ts';
import { type ClientOptions, createClient } from './create-client.ts';

type Call<Input, Output = unknown> =
  | { input: Input; output: Output; outputFormat: 'json'; status: 200 }
  | { input: Input; output: { code: string }; outputFormat: 'json'; status: 400 };
type Api = {
  '/things': {
    $get: Call<{ query?: { limit?: number | undefined; tag?: readonly string[] | undefined } }>;
    $post: Call<{ header: { 'Idempotency-Key': string }; json: { name: string } }>;
  };
  '/things/:id': { $get: Call<{ param: { id: string } }>; $delete: Call<{ param: { id: string } }> };
};

const good = (): Response => Response.json({ fine: true });
const problem = (status: number, code: string, headers: Record<string, string> = {}): Response =>
  Response.json(
    { code, status },
    { status, headers: { 'content-type': 'application/problem+json', ...headers } },
  );

interface Rig {
  readonly api: Client<Api>;
  readonly requests: Request[];
  readonly waits: number[];
}

/** A client whose requests get these answers in turn; a text fails with it. */
function rig(answers: readonly (() => Response)[], options: ClientOptions = {}): Rig {
  const [requests, waits]: [Request[], number[]] = [[], []];
  const api = createClient<Api>('https://bff.test/', {
    async fetch(input, init) {
      requests.push(new Request(input, init));
      return (answers[requests.length - 1] ?? good)();
    },
    async wait(ms, signal) {
      signal?.throwIfAborted();
      waits.push(ms);
    },
    ...options,
  });
  return { api, requests, waits };
}

const broken = (): Response => {
  throw new TypeError('fetch failed');
};

describe('a request', () => {
  test('has its parameters in the path, encoded, and its query, lists included', async () => {
    const { api, requests } = rig([]);
    await api.get('/things/:id', { param: { id: 'a/b ?' } });
    await api.get('/things', { query: { limit: 2, tag: ['x', 'y&z'] } });
    await api.get('/things', { query: { limit: undefined } });
    expect(requests.map(({ url }) => url)).toEqual([
      'https://bff.test/things/a%2Fb%20%3F',
      'https://bff.test/things?limit=2&tag=x&tag=y%26z',
      'https://bff.test/things',
    ]);
  });

  test.each(['', '.', '..'])(
    'is not sent with the parameter "%s", which would lead elsewhere',
    async (id) => {
      const { api, requests } = rig([]);
      await expect(api.get('/things/:id', { param: { id } })).rejects.toThrow(RangeError);
      expect(requests).toEqual([]);
    },
  );

  test('says whose it is: by an API key, by headers, or as a page of the own site', async () => {
    const keyed = rig([], { apiKey: 'bffk_x' });
    await keyed.api.get('/things');
    const asked = vi.fn(async () => ({ authorization: 'Bearer token', 'api-version': '2026-06-01' }));
    const bearer = rig([], { headers: asked });
    await bearer.api.get('/things', { headers: { 'accept-language': 'fr' } });
    const page = rig([], { headers: { 'x-app': '1' } });
    await page.api.get('/things');
    const headersOf = ({ requests }: Rig) => Object.fromEntries(requests[0]?.headers ?? []);
    expect(headersOf(keyed)).toEqual({ authorization: 'Bearer bffk_x' });
    expect(headersOf(bearer)).toEqual({
      authorization: 'Bearer token',
      'api-version': '2026-06-01',
      'accept-language': 'fr',
    });
    expect(headersOf(page)).toEqual({ 'x-app': '1', 'x-csrf': '1' });
  });
});

describe('an answer', () => {
  test('is a value', async () => {
    const answer = await rig([]).api.get('/things');
    expect(answer).toMatchObject({ ok: true, status: 200, value: { fine: true } });
  });

  test('is a problem with its code', async () => {
    const answer = await rig([() => problem(404, 'not-found')]).api.get('/things/:id', {
      param: { id: '1' },
    });
    expect(answer).toMatchObject({ ok: false, status: 404, error: { code: 'not-found' } });
  });

  test('is a problem of its own when it comes from something between', async () => {
    const page = (): Response =>
      new Response('<h1>Bad Gateway</h1>', { status: 400, headers: { 'content-type': 'text/html' } });
    const answer = await rig([page]).api.get('/things');
    expect(answer).toMatchObject({ ok: false, error: { code: 'no-problem', status: 400 } });
  });

  test('may be empty', async () => {
    const { api } = rig([() => new Response(null, { status: 204 })], { once: false });
    expect(await api.delete('/things/:id', { param: { id: '1' } })).toMatchObject({ ok: true, value: '' });
  });
});

describe('another try', () => {
  test.each([429, 502, 503, 504])('follows a read that got %i, as late as it was told', async (status) => {
    const { api, waits, requests } = rig([() => problem(status, 'x', { 'retry-after': '2' })]);
    expect(await api.get('/things')).toMatchObject({ ok: true });
    expect(waits).toEqual([2_000]);
    expect(requests).toHaveLength(2);
  });

  test.each([400, 401, 403, 404, 409, 422, 500])('never follows %i', async (status) => {
    const { api, requests } = rig([() => problem(status, 'x')], { apiKey: 'k' });
    expect(await api.get('/things')).toMatchObject({ ok: false, status });
    expect(requests).toHaveLength(1);
  });

  test('follows soon where nobody said when, and there are three at most', async () => {
    const { api, waits, requests } = rig([broken, () => problem(503, 'x'), () => problem(502, 'last')]);
    expect(await api.get('/things')).toMatchObject({ ok: false, error: { code: 'last' } });
    expect(requests).toHaveLength(3);
    expect(waits).toHaveLength(2);
    for (const [index, ms] of waits.entries()) expect(ms).toBeLessThanOrEqual(250 * 2 ** index);
  });

  test('is left to the caller when it would be too late', async () => {
    const { api, waits } = rig([() => problem(429, 'rate-limited', { 'retry-after': '11' })]);
    const answer = await api.get('/things');
    expect(answer).toMatchObject({ ok: false, error: { code: 'rate-limited' } });
    expect(answer.headers.get('retry-after')).toBe('11');
    expect(waits).toEqual([]);
  });

  test('of a write has the same key, and is also sent while the first one runs', async () => {
    const { api, requests } = rig(
      [broken, () => problem(409, 'idempotency-in-progress', { 'retry-after': '1' })],
      { apiKey: 'k' },
    );
    expect(await api.post('/things', { json: { name: 'a' } })).toMatchObject({ ok: true });
    const keys = requests.map(({ headers }) => headers.get('idempotency-key'));
    expect(keys).toEqual(Array(3).fill(expect.stringMatching(/^[0-9a-f]{32}$/)));
    expect(new Set(keys).size).toBe(1);
    for (const request of requests) expect(await request.json()).toEqual({ name: 'a' });
    await api.post('/things', { json: { name: 'a' } });
    expect(requests[3]?.headers.get('idempotency-key')).not.toBe(keys[0]);
  });

  test.each([
    ['by a key of its own', { once: 'my-own-key-of-today' }, 'my-own-key-of-today', 2],
    ['not at all', { once: false }, null, 1],
  ] as const)('of a write is done %s', async (_how, options, key, sent) => {
    const { api, requests } = rig([() => problem(503, 'x')], { apiKey: 'k' });
    await api.post('/things', { json: { name: 'a' }, ...options });
    expect(requests[0]?.headers.get('idempotency-key')).toBe(key);
    expect(requests).toHaveLength(sent);
  });

  test('never follows a write without a key, whatever failed', async () => {
    const { api, requests } = rig([broken]);
    await expect(api.post('/things', { json: { name: 'a' } })).rejects.toThrow('fetch failed');
    expect(requests).toHaveLength(1);
    expect(requests[0]?.headers.has('idempotency-key')).toBe(false);
  });

  test('ends with the signal, also while it waits', async () => {
    const gone = new AbortController();
    const { requests } = rig([]);
    const api = createClient<Api>('https://bff.test', {
      async fetch(input, init) {
        requests.push(new Request(input, init));
        queueMicrotask(() => queueMicrotask(() => gone.abort(new Error('gone'))));
        return problem(503, 'x', { 'retry-after': '9' });
      },
    });
    await expect(api.get('/things', { signal: gone.signal })).rejects.toThrow('gone');
    expect(requests).toHaveLength(1);
  });

  test('does not follow what the signal ended', async () => {
    const gone = new AbortController();
    const { api, requests } = rig([
      () => {
        gone.abort(new Error('gone'));
        throw gone.signal.reason;
      },
    ]);
    await expect(api.get('/things', { signal: gone.signal })).rejects.toThrow('gone');
    expect(requests).toHaveLength(1);
  });

  test('is really waited for, with the clock of the machine', async () => {
    vi.useFakeTimers();
    try {
      const answers = [problem(503, 'x', { 'retry-after': '3' }), good()];
      const api = createClient<Api>('', { fetch: async () => answers.shift() ?? good() });
      const answered = vi.fn();
      const asked = api.get('/things').then(answered);
      await vi.advanceTimersByTimeAsync(2_999);
      expect(answered).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(1);
      await asked;
      expect(answered).toHaveBeenCalledWith(expect.objectContaining({ ok: true }));
    } finally {
      vi.useRealTimers();
    }
  });
});
