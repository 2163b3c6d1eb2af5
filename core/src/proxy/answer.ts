/**
 * The answer of a proxy route: which heads can be used, and what of them the client gets.
 *
 * A service's own words pass where they are meant for the client (2xx, 3xx, 4xx). What it says about itself
 * (5xx), about the gateway's credentials (401, 407) and about its load (429) becomes a problem like everywhere.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-15 RFC 9110, section 15}
 * @module
 */
import { GatewayError } from '../problem/gateway-error.ts';
import type { HeaderFields, TransformHeaders } from '../transform/headers.ts';
import { hopByHopOf } from '../upstream/forwarded-headers.ts';
import { tooLarge } from '../upstream/open-stream.ts';
import { failureOf } from '../upstream/status.ts';
import type { StreamHead } from '../upstream/transport.ts';

/** Headers of the answer that every proxy route passes on: what its body is, and how to ask for it again. */
export const passedAnswerHeaders: readonly string[] = [
  'content-type',
  'content-encoding',
  'content-language',
  'content-disposition',
  'content-range',
  'accept-ranges',
  'etag',
  'last-modified',
  'retry-after',
  'allow',
];

/** Headers that neither list nor transform may touch: they say how a body is read. */
export const fixedHeaders: readonly string[] = [
  'accept-encoding',
  'content-type',
  'content-encoding',
  'content-range',
  'accept-ranges',
  ...['range', 'if-range', 'if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'etag'],
];

type Head = Pick<StreamHead, 'status' | 'header'>;

const empty = Buffer.alloc(0);

/** @throws {GatewayError} for a status that stays inside, and for an answer that says it is too large. */
export function requireUsable(head: Head, maxBytes: number, isHead: boolean): void {
  const { status } = head;
  if (status === 401 || status === 407 || status === 429 || status >= 500 || status < 200) {
    throw failureOf({ status, header: head.header, body: empty }, []);
  }
  const announced = Number(head.header('content-length') ?? 0);
  if (announced > maxBytes && !isHead && status !== 304) throw tooLarge(maxBytes);
}

/** @throws {GatewayError} when an answer sends the client somewhere it must not be sent. */
export function requireLocation(status: number, location: string | undefined): void {
  if (status < 300 || status > 399 || status === 304 || location !== undefined) return;
  throw new GatewayError('upstream-bad-answer', { cause: new Error(`${status} leads away from the route`) });
}

/** What decides about the headers of one answer. */
export interface HeaderFacts {
  readonly location: string | undefined;
  /** Whether caches that many people share may keep it. */
  readonly isForAll: boolean;
}

/** Compiles the writer of headers; it adds to those that are known already. */
export function compileAnswerHeaders(
  passed: readonly string[],
  transform: TransformHeaders | undefined,
): (head: Head, known: HeaderFields, facts: HeaderFacts) => HeaderFields {
  return function writeHeaders(head, known, { location, isForAll }) {
    const headers: HeaderFields = {};
    const hopByHop = hopByHopOf(head.header('connection'));
    for (const name of passed) {
      const value = head.header(name);
      if (value !== undefined && !hopByHop.has(name)) headers[name] = value;
    }
    transform?.(headers);
    const vary = head.header('vary');
    if (vary !== undefined) headers.vary = vary;
    if (location !== undefined) headers.location = location;
    headers['cache-control'] = cacheControl(head.header('cache-control'), isForAll);
    return Object.assign(headers, known);
  };
}

const privateDirective =
  /^(?:no-cache|no-store|no-transform|must-revalidate|must-understand|immutable|(?:max-age|stale-while-revalidate|stale-if-error)=\d{1,10})$/;

/**
 * What the service says about caching, where an answer is for everybody; else without what would let a
 * shared cache keep it. An answer that says nothing is kept nowhere.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2 RFC 9111, section 5.2.2}
 *
 * @example
 * cacheControl('public, max-age=60, s-maxage=600', false); // => 'private, max-age=60'
 */
function cacheControl(sent: string | undefined, isForAll: boolean): string {
  if (sent === undefined) return 'private, no-store';
  if (isForAll) return sent;
  const kept = sent
    .split(',')
    .map((directive) => directive.trim().toLowerCase())
    .filter((directive) => privateDirective.test(directive));
  return ['private', ...(kept.length === 0 ? ['no-store'] : kept)].join(', ');
}

/**
 * The whole body as JSON.
 *
 * @throws {GatewayError} for a body that is not JSON, or larger than the stream allows.
 */
export async function collectJson(
  stream: AsyncIterable<Uint8Array>,
  head: Head,
): Promise<{ readonly value: unknown } | undefined> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (bytes.byteLength === 0) return undefined;
  const type = head.header('content-type') ?? 'none';
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(type) || head.header('content-encoding') !== undefined) {
    const cause = new TypeError(`the answer's content type is ${type}`);
    if (head.status < 400) throw new GatewayError('upstream-bad-answer', { cause });
    throw failureOf({ status: head.status, header: head.header, body: bytes }, [400, 404, 409, 422]);
  }
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch {
    const cause = new SyntaxError(`the answer of ${bytes.byteLength} bytes is not JSON`);
    throw new GatewayError('upstream-bad-answer', { cause });
  }
}
