/**
 * The answer as it goes out: body, validator, coding, and the headers every answer has.
 *
 * @module
 */
import type { GatewayError } from '../problem/gateway-error.ts';
import { problemDocument, problemHeaders } from '../problem/problem.ts';
import { chooseCoding, compress, minCompressBytes } from './compress.ts';
import { etagOf, matches, weaken } from './etag.ts';

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

/** Adds validator and coding where they apply, and makes the `Response`. */
export async function sendAnswer(answer: Answer, preferences: AnswerPreferences): Promise<SentAnswer> {
  const { status, headers, body } = answer;
  const isHead = preferences.method === 'HEAD';
  const size = Buffer.byteLength(body);
  const isLarge = size >= minCompressBytes;
  const coding = isLarge ? chooseCoding(preferences.acceptEncoding) : undefined;
  headers['x-content-type-options'] = 'nosniff';
  if (isLarge)
    headers.vary = headers.vary === undefined ? 'Accept-Encoding' : `${headers.vary}, Accept-Encoding`;
  if (status === 200 && (isHead || preferences.method === 'GET')) {
    const etag = etagOf(body);
    headers.etag = coding === undefined ? etag : weaken(etag); // a 304 carries the tag of the 200
    if (matches(preferences.ifNoneMatch, etag)) {
      delete headers['content-type'];
      return { response: respond(null, 304, answer), bytes: 0 };
    }
  }
  if (coding !== undefined) headers['content-encoding'] = coding;
  const content = coding === undefined ? body : await compress(body, coding);
  const length = typeof content === 'string' ? size : content.byteLength;
  headers['content-length'] = String(length);
  return {
    response: respond(isHead ? null : (content as string | Uint8Array<ArrayBuffer>), status, answer),
    bytes: isHead ? 0 : length,
  };
}

function respond(
  body: string | Uint8Array<ArrayBuffer> | null,
  status: number,
  { headers, cookies = [] }: Answer,
): Response {
  const hasBody = status !== 204 && status !== 304;
  const response = new Response(hasBody ? body : null, { status, headers });
  for (const cookie of cookies) response.headers.append('set-cookie', cookie);
  return response;
}
