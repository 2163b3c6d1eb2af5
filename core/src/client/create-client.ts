/**
 * A client of a BFF: `fetch` with the types that `bffkit client` writes. For browsers and Node; it needs nothing else
 * and weighs less than 2 KB.
 *
 * Problems are answers, not exceptions, with the codes of their endpoint; what is thrown is the network's failure or
 * the signal's reason. Reads are tried again, and so are writes that have an `Idempotency-Key`: with the same key and
 * after as long as `Retry-After` says.
 *
 * @see {@link https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/ IETF draft, Idempotency-Key}
 * @module
 */
import type { Answer, Client, Problem } from './client-types.ts';

export interface ClientOptions {
  /** Sent with every request, such as `api-version`; a function is asked for each request. */
  readonly headers?: HeadersOption | (() => HeadersOption | Promise<HeadersOption>);
  /** An API key of a partner, sent as `Authorization: Bearer`. Never in a browser. */
  readonly apiKey?: string;
  /**
   * Whether every write gets an `Idempotency-Key` and is then tried again. For APIs whose writes take such keys only:
   * any other would do it twice. Default true with `apiKey`, else false.
   */
  readonly once?: boolean;
  /** Requests sent at most for one call. Default 3. */
  readonly attempts?: number;
  /** Milliseconds to wait at most before one of them; a longer `Retry-After` is the caller's to wait for. Default 10 000. */
  readonly maxWaitMs?: number;
  readonly fetch?: typeof globalThis.fetch;
  /** For tests. */
  readonly wait?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

type HeadersOption = Readonly<Record<string, string>>;

/** A request, with its types erased. */
interface AnyRequest {
  readonly param?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly json?: unknown;
  readonly headers?: HeadersOption;
  readonly signal?: AbortSignal;
  readonly once?: boolean | string;
}

/** What may be otherwise in a moment. */
const passing: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/**
 * Makes a client. `Api` is what `bffkit client` wrote, such as `PartnerApi`.
 *
 * Without a credential of its own it is a page of the BFF's own site: it sends `X-CSRF: 1` beside the cookie.
 *
 * @param baseUrl Origin of the BFF, such as `https://api.acme.example`; `''` for a page of its own site.
 *
 * @example
 * const api = createClient<PartnerApi>('https://api.acme.example', { apiKey: 'bffk_…' });
 * const order = await api.get('/v1/orders/:id', { param: { id: 'ord_1' } });
 * if (order.ok) order.value.total.amount; // typed
 * else order.error.code; // 'not-found' | …
 */
export function createClient<Api>(baseUrl: string, options: ClientOptions = {}): Client<Api> {
  const { apiKey, attempts = 3, maxWaitMs = 10_000, wait = pause } = options;
  const { fetch: send = (...args) => globalThis.fetch(...args), once: always = apiKey !== undefined } =
    options;

  const headersOf = async (request: AnyRequest): Promise<Headers> => {
    const own = typeof options.headers === 'function' ? await options.headers() : options.headers;
    const headers = new Headers({ ...own, ...request.headers });
    if (apiKey !== undefined) headers.set('authorization', `Bearer ${apiKey}`);
    if (!headers.has('authorization')) headers.set('x-csrf', '1');
    if (request.json !== undefined) headers.set('content-type', 'application/json');
    return headers;
  };

  const ask = (method: string) =>
    async function call(path: string, request: AnyRequest = {}): Promise<Answer<unknown, Problem>> {
      const { signal, json, once = always } = request;
      const url = baseUrl.replace(/\/$/, '') + pathOf(path, request.param) + queryOf(request.query);
      const headers = await headersOf(request);
      const isRead = method === 'GET';
      if (!isRead && once !== false) headers.set('idempotency-key', once === true ? newKey() : once);
      const last = isRead || once !== false ? attempts : 1;
      const init = { method, headers, ...(json === undefined ? {} : { body: JSON.stringify(json) }) };
      for (let attempt = 1; ; attempt += 1) {
        let waitMs = backOff(attempt);
        try {
          const response = await send(url, signal === undefined ? init : { ...init, signal });
          const asked = response.headers.get('retry-after');
          if (asked !== null && Number(asked) >= 0) waitMs = Number(asked) * 1_000;
          // A first write with this key may still run: that is a 409 which says when to come back.
          const mayPass = passing.has(response.status) || (response.status === 409 && asked !== null);
          if (!mayPass || attempt >= last || waitMs > maxWaitMs) return await answerOf(response);
          await response.body?.cancel();
        } catch (error) {
          if (signal?.aborted === true || attempt >= last) throw error;
        }
        await wait(waitMs, signal);
      }
    };

  const client = {
    get: ask('GET'),
    post: ask('POST'),
    put: ask('PUT'),
    patch: ask('PATCH'),
    delete: ask('DELETE'),
  };
  return client as unknown as Client<Api>;
}

/** @throws {RangeError} for a parameter that is missing, or would lead elsewhere. */
function pathOf(path: string, param: AnyRequest['param'] = {}): string {
  return path.replace(/:(\w+)/g, (_, name: string) => {
    const text = String(param[name] ?? '');
    if (/^\.{0,2}$/.test(text)) throw new RangeError(`'${text}' cannot be :${name} of ${path}`);
    return encodeURIComponent(text);
  });
}

function queryOf(query: AnyRequest['query'] = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined) search.append(name, String(one));
  }
  return search.size === 0 ? '' : `?${search}`;
}

async function answerOf(response: Response): Promise<Answer<unknown, Problem>> {
  const { ok, status, headers } = response;
  const text = await response.text();
  const isJson = /\bjson\b/.test(headers.get('content-type') ?? '');
  const body: unknown = isJson && text !== '' ? JSON.parse(text) : text;
  if (ok) return { ok, status, headers, value: body };
  // What stands between may answer too, in its own words.
  const isProblem = typeof body === 'object' && body !== null && 'code' in body;
  const requestId = headers.get('x-request-id') ?? '';
  const title = `Answered with ${status}`;
  const error = isProblem
    ? (body as Problem)
    : { type: 'about:blank', title, status, code: 'no-problem', requestId };
  return { ok, status, headers, error };
}

/** Up to 250 ms, twice that with each attempt. */
function backOff(attempt: number): number {
  const [random = 0] = crypto.getRandomValues(new Uint8Array(1));
  return (random * 2 ** attempt * 125) / 255;
}

/** 128 random bits; `randomUUID` is not there on every page. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = globalThis.setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop);
    if (signal?.aborted === true) stop();
  });
}
