/**
 * The answer as it goes out: body, validator, coding, and the headers every answer has.
 *
 * @module
 */
import type { GatewayError } from '../problem/gateway-error.ts';
import { problemDocument, problemHeaders } from '../problem/problem.ts';
import { chooseCoding, compress, minCompressBytes } from './compress.ts';
import { etagOf, matches, weaken } from './etag.ts';
import { joinVary } from './security-headers.ts';

/** An answer before it is encoded. */
export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
  /** Whole `Set-Cookie` values. */
  readonly cookies?: readonly string[];
}

/** A problem as an answer. `headers` are those known before it went wrong, such as the limit's. */
export function problemAnswer(
  error: GatewayError,
  requestId: string,
  headers: Record<string, string> = {},
): Answer {
  return {
    status: error.status,
    headers: { ...headers, ...problemHeaders(error), 'x-request-id': requestId },
    body: JSON.stringify(problemDocument(error, requestId)),
  };
}

/** What of the request decides about the answer's form. */
export interface AnswerPreferences {
  readonly method: string;
  readonly acceptEncoding: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

/** The finished answer and the bytes of its body. */
export interface SentAnswer {
  readonly response: Response;
  readonly bytes: number;
}

/**
 * Adds validator and coding where they apply, and makes the `Response`.
 *
 * @param common The headers every answer has; those of `answer` win.
 */
export async function sendAnswer(
  answer: Answer,
  preferences: AnswerPreferences,
  common: Readonly<Record<string, string>>,
): Promise<SentAnswer> {
  const { status, body, cookies = [] } = answer;
  const headers: Record<string, string> = { ...common, ...answer.headers };
  const isHead = preferences.method === 'HEAD';
  const size = Buffer.byteLength(body);
  // RFC 9110, section 7.7; endpoints say so of answers that mix secrets with what a request says (BREACH).
  const mayEncode = !headers['cache-control']?.includes('no-transform');
  const isLarge = mayEncode && size >= minCompressBytes;
  const coding = isLarge ? chooseCoding(preferences.acceptEncoding) : undefined;
  if (isLarge || headers.vary !== undefined) {
    headers.vary = joinVary(common.vary, answer.headers.vary, isLarge ? 'Accept-Encoding' : undefined);
  }
  if (status === 200 && (isHead || preferences.method === 'GET')) {
    const etag = etagOf(body);
    headers.etag = coding === undefined ? etag : weaken(etag); // a 304 carries the tag of the 200
    if (matches(preferences.ifNoneMatch, etag)) {
      delete headers['content-type'];
      return { response: respond(null, { status: 304, headers, cookies }), bytes: 0 };
    }
  }
  if (coding !== undefined) headers['content-encoding'] = coding;
  const content = coding === undefined ? body : await compress(body, coding);
  const length = typeof content === 'string' ? size : content.byteLength;
  headers['content-length'] = String(length);
  return {
    response: respond(isHead ? null : (content as string | Uint8Array<ArrayBuffer>), {
      status,
      headers,
      cookies,
    }),
    bytes: isHead ? 0 : length,
  };
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

function respond(
  body: string | Uint8Array<ArrayBuffer> | null,
  { status, headers, cookies }: Pick<Answer, 'status' | 'headers'> & { readonly cookies: readonly string[] },
): Response {
  const hasBody = status !== 204 && status !== 304;
  const response = new Response(hasBody ? body : null, { status, headers });
  for (const cookie of cookies) response.headers.append('set-cookie', cookie);
  (response as Marked)[complete] = true;
  return response;
}
