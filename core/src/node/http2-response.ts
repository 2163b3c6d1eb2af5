/**
 * Answers over HTTP/2. Headers that speak of the connection do not exist there; Node throws for some
 * of them in the middle of writing, and an answer that a team's own route or Hono's streaming helpers
 * made may well have them. Here they are dropped.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9113#section-8.2.2 RFC 9113, section 8.2.2}
 * @see {@link https://github.com/honojs/hono/issues/4041 honojs/hono#4041}
 * @module
 */
import type { OutgoingHttpHeaders } from 'node:http';
import { type Http2ServerRequest, Http2ServerResponse } from 'node:http2';

const connectionHeaders = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** Takes any header, sends those that HTTP/2 has. */
export class LenientHttp2Response<
  Request extends Http2ServerRequest = Http2ServerRequest,
> extends Http2ServerResponse<Request> {
  override setHeader(name: string, value: number | string | readonly string[]): void {
    if (!connectionHeaders.has(name.toLowerCase())) super.setHeader(name, value);
  }

  override appendHeader(name: string, value: string | string[]): void {
    if (!connectionHeaders.has(name.toLowerCase())) super.appendHeader(name, value);
  }

  override writeHead(status: number, ...rest: readonly unknown[]): this {
    const headers = rest.at(-1); // a reason phrase may come before; HTTP/2 has none
    if (Array.isArray(headers)) {
      const flat: readonly string[] = headers.flat();
      for (let index = 0; index + 1 < flat.length; index += 2) {
        this.appendHeader(String(flat[index]), String(flat[index + 1]));
      }
      return super.writeHead(status);
    }
    return super.writeHead(status, isRecord(headers) ? withoutConnection(headers) : {});
  }
}

function isRecord(value: unknown): value is OutgoingHttpHeaders {
  return typeof value === 'object' && value !== null;
}

function withoutConnection(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !connectionHeaders.has(name.toLowerCase())),
  );
}
