/**
 * Asking whether a kept answer is still good, instead of for a new one.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-13.1 RFC 9110, section 13.1}, preconditions
 * @module
 */
import type { TransportAnswer, TransportRequest } from './transport.ts';

/** What a cache tells a call, and hears of it. */
export interface Revalidation {
  /** `if-none-match` and `if-modified-since`, or nothing. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the answer is when the service says 304. Without it a 304 is a bad answer. */
  readonly unchanged: { readonly value: unknown } | undefined;
  /** Hears the head of the answer that was good. */
  heard(answer: Pick<TransportAnswer, 'status' | 'header'>): void;
}

/** The request with the question in it. */
export function conditional(request: TransportRequest, { headers }: Revalidation): TransportRequest {
  return { ...request, headers: { ...headers, ...request.headers } };
}
