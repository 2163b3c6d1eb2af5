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
  const isRead = preferences.method === 'GET' || preferences.method === 'HEAD';
  const etag = status === 200 && isRead ? etagOf(body) : undefined;
  headers['x-content-type-options'] = 'nosniff';
  if (etag !== undefined && matches(preferences.ifNoneMatch, etag)) {
    headers.etag = etag;
    headers.vary = 'Accept-Encoding';
    delete headers['content-type'];
    return { response: new Response(null, { status: 304, headers }), bytes: 0 };
  }
  if (etag !== undefined) headers.etag = etag;
  const size = body.length < minCompressBytes ? Buffer.byteLength(body) : body.length;
  if (size < minCompressBytes) {
    headers['content-length'] = String(size);
    return { response: new Response(body, { status, headers }), bytes: size };
  }
  headers.vary = 'Accept-Encoding';
  const coding = chooseCoding(preferences.acceptEncoding);
  const bytes = coding === undefined ? Buffer.from(body) : await compress(body, coding);
  if (coding !== undefined) {
    headers['content-encoding'] = coding;
    if (etag !== undefined) headers.etag = weaken(etag);
  }
  headers['content-length'] = String(bytes.byteLength);
  return {
    response: new Response(bytes as Uint8Array<ArrayBuffer>, { status, headers }),
    bytes: bytes.byteLength,
  };
}
