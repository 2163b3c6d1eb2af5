/**
 * The answer as it goes out: body, validator, coding, and the headers every answer has.
 *
 * @module
 */
import type { GatewayError } from '../problem/gateway-error.ts';
import { problemDocument, problemHeaders } from '../problem/problem.ts';
import type { BodyBytes } from './body-bytes.ts';
import { chooseCoding, mayCompress } from './compress.ts';
import { matches, weaken } from './etag.ts';
import { FreshBody } from './fresh-body.ts';
import type { KeptBody } from './kept-body.ts';
import { joinVary } from './security-headers.ts';
import type { SentBody } from './sent-body.ts';
import { webBody } from './web-body.ts';

/** An answer before it is encoded. */
export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  /** Its text, or what is kept of it to be sent often. */
  readonly body: string | KeptBody;
  /** Whole `Set-Cookie` values. */
  readonly cookies?: readonly string[];
  /** A body that is still on its way, instead of `body`. */
  readonly stream?: AnswerStream;
}

/** A body on its way. Reading it throws when it breaks off. */
export interface AnswerStream extends AsyncIterableIterator<Uint8Array, undefined> {
  /** Calls `listener` once when it is over, whoever ended it; at once when it is. */
  onOver(listener: (end: AnswerEnd) => void): void;
  /** Ends it before its end. */
  return(): Promise<IteratorResult<Uint8Array, undefined>>;
}

/** How a streamed body ended. */
export interface AnswerEnd {
  readonly bytes: number;
  /** Nothing when all of it was handed on. */
  readonly failure: GatewayError | undefined;
  /** The body says of the failure itself: what is sent is whole, and nothing is cut. */
  readonly isTold?: boolean;
}

/** A problem as an answer. `headers` are those known before it went wrong, such as the limit's; `page` explains codes. */
export function problemAnswer(
  error: GatewayError,
  requestId: string,
  headers: Record<string, string> = {},
  page?: string,
): Answer {
  return {
    status: error.status,
    headers: { ...headers, ...problemHeaders(error), 'x-request-id': requestId },
    body: JSON.stringify(problemDocument(error, requestId, page)),
  };
}

/** What of the request decides about the answer's form. */
export interface AnswerPreferences {
  readonly method: string;
  readonly acceptEncoding: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

/** An answer as it goes over the wire, as plain data: a `Response` is made of it where one is needed. */
export interface FinishedAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly cookies: readonly string[];
  readonly body: BodyBytes | null;
  /** Bytes of the body. */
  readonly bytes: number;
  /** What is sent instead of `body`. */
  readonly stream?: StreamedBody;
}

/** A body on its way to a client. */
export interface StreamedBody {
  readonly source: AnswerStream;
  /** Whether the connection is cut when it breaks off. */
  readonly cuts: boolean;
}

/**
 * Adds validator and coding where they apply.
 *
 * @param common The headers every answer has; those of `answer` win.
 */
export function finishAnswer(
  answer: Answer,
  preferences: AnswerPreferences,
  common: Readonly<Record<string, string>>,
): FinishedAnswer | Promise<FinishedAnswer> {
  const { status, body, cookies = [] } = answer;
  const headers: Record<string, string> = { ...common, ...answer.headers };
  const isHead = preferences.method === 'HEAD';
  const sent: SentBody = typeof body === 'string' ? new FreshBody(body) : body;
  const mayEncode = mayCompress(headers, sent.bytes);
  const coding = mayEncode ? chooseCoding(preferences.acceptEncoding, sent.bytes, sent.quality) : undefined;
  if (mayEncode || headers.vary !== undefined) {
    headers.vary = joinVary(common.vary, answer.headers.vary, mayEncode ? 'Accept-Encoding' : undefined);
  }
  if (status === 200 && (isHead || preferences.method === 'GET')) {
    const { etag } = sent;
    headers.etag = coding === undefined ? etag : weaken(etag); // a 304 carries the tag of the 200
    if (matches(preferences.ifNoneMatch, etag)) {
      delete headers['content-type'];
      return { status: 304, headers, cookies, body: null, bytes: 0 };
    }
  }
  const finish = (content: BodyBytes, bytes: number): FinishedAnswer => {
    headers['content-length'] = String(bytes);
    const isBodiless = isHead || status === 204;
    return {
      status,
      headers,
      cookies,
      body: isBodiless ? null : content,
      bytes: isBodiless ? 0 : bytes,
    };
  };
  if (coding === undefined) return finish(sent.plain(), sent.bytes);
  headers['content-encoding'] = coding;
  const encoded = sent.encoded(coding);
  if (!(encoded instanceof Promise)) return finish(encoded, encoded.byteLength);
  return encoded.then((content) => finish(content, content.byteLength));
}

/** Set on responses made here: they have the common headers already. */
const complete = Symbol('complete');

interface Marked extends Response {
  [complete]?: boolean;
}

/**
 * Gives the common headers to a response that a team's own route made; what it says itself about a page stays,
 * who may read it from another origin is decided here.
 */
export function completeResponse(response: Response, common: Readonly<Record<string, string>>): Response {
  if (complete in response) return response;
  let whole = response;
  try {
    whole.headers.set('x-content-type-options', common['x-content-type-options'] ?? 'nosniff');
  } catch {
    whole = new Response(response.body, response); // headers of a fetched answer cannot be changed
  }
  const { headers } = whole;
  const ownVary = headers.get('vary');
  for (const [name, value] of Object.entries(common)) {
    if (name.startsWith('access-control-') || !headers.has(name)) headers.set(name, value);
  }
  if (ownVary !== null) headers.set('vary', joinVary(ownVary, common.vary));
  return whole;
}

/** The same as a `Response`. */
export function responseOf({ status, headers, cookies, body, stream }: FinishedAnswer): Response {
  const response = new Response(stream === undefined ? body : webBody(stream), { status, headers });
  for (const cookie of cookies) response.headers.append('set-cookie', cookie);
  (response as Marked)[complete] = true;
  return response;
}
