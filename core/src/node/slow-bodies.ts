/**
 * Ends requests whose body does not arrive in time. Whoever reads it gets `request-timeout`, so the app
 * itself answers 408, counts it under its route and lets go of it.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-15.5.9 RFC 9110, section 15.5.9}
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { Server as NetServer } from 'node:net';
import { systemClock } from '../context/clock.ts';
import { GatewayError } from '../problem/gateway-error.ts';

/** Whether one of these answers waits for a body; if so, its reader is told to stop. */
export function endSlowBody(answers: readonly ServerResponse[]): boolean {
  const waiting = answers.find((response) => !response.headersSent && !response.req.complete);
  if (waiting === undefined) return false;
  waiting.shouldKeepAlive = false;
  failReader(waiting.req);
  return true;
}

/** Bounds the bodies of HTTP/2 requests: what Node's server does for HTTP/1.1 it does not do for them. */
export function boundHttp2Bodies(server: NetServer, requestTimeoutMs: number): void {
  server.on('request', (incoming: IncomingMessage | Http2ServerRequest, outgoing: Http2ServerResponse) => {
    if (!(incoming instanceof Http2ServerRequest) || incoming.stream.endAfterHeaders) return;
    const stopTimer = systemClock.after(requestTimeoutMs, () => failReader(incoming));
    incoming.once('end', stopTimer);
    outgoing.once('close', stopTimer);
  });
}

/** Tells the reader by the stream's own event: destroying the stream would take the answer's way with it. */
function failReader(incoming: IncomingMessage | Http2ServerRequest): void {
  incoming.on('error', () => {}); // where nobody reads, nobody is told
  incoming.emit(
    'error',
    new GatewayError('request-timeout', {
      detail: 'The body of the request did not arrive in time.',
      headers: { connection: 'close' },
    }),
  );
}
