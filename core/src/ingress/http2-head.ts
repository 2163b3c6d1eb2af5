/**
 * The head of an HTTP/2 request, written as HTTP/1.1 would: the pseudo headers are the request line and
 * `Host`. So whoever judges heads judges both alike.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9113#section-8.3.1 RFC 9113, section 8.3.1}
 * @module
 */
import type { IncomingMessage } from 'node:http';
import type { RawHead } from './guard.ts';

type Incoming = Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders'>;

/** Whether a request really came over HTTP/2. A line of HTTP/1.1 that says `HTTP/2.0` did not. */
export function isHttp2(incoming: object): boolean {
  return 'stream' in incoming;
}

/**
 * The head in the form of HTTP/1.1. `:authority` is the `Host`; one that is sent beside it and differs
 * makes two, which is refused.
 */
export function http1HeadOf({ method, url, rawHeaders }: Incoming): RawHead {
  const lines: string[] = [];
  let authority: string | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const value = rawHeaders[index + 1] ?? '';
    if (name === ':authority') {
      authority = value;
      lines.push('host', value);
    } else if (!name.startsWith(':') && !(name === 'host' && value === authority)) {
      lines.push(name, value);
    }
  }
  return { method, url, httpVersion: '1.1', rawHeaders: lines };
}
