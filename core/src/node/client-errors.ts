/**
 * Answers what never becomes a request of the app: bytes that are not HTTP, headers that are too large
 * or too slow, expectations nobody can meet. The answer quotes nothing, closes the connection, and is
 * in the log and the metrics under the route `*`.
 *
 * @see {@link https://nodejs.org/api/http.html#event-clienterror Node, clientError}
 * @module
 */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Server as NetServer, Socket } from 'node:net';
import type { EventBus } from '../context/event-bus.ts';
import { randomIds } from '../context/ids.ts';
import type { ProblemCode } from '../problem/codes.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { problemDocument, problemHeaders } from '../problem/problem.ts';
import type { OpenWork } from './open-work.ts';
import { endSlowBody } from './slow-bodies.ts';

/** An answer that the app does not make. */
export interface Refusal {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Makes an answer of a code, and says so to log and metrics. */
export type Refuse = (code: ProblemCode) => Refusal;

/** @param events Get one `request` fact per refusal, under the route `*`. */
export function refusals(bff: string, events: EventBus): Refuse {
  const ids = randomIds();
  return function refuse(code) {
    const error = new GatewayError(code);
    const { status } = error;
    const requestId = ids.traceId();
    const body = JSON.stringify(problemDocument(error, requestId));
    events.emit('request', {
      bff,
      requestId,
      traceId: requestId,
      trace: { spanId: ids.spanId(), isSampled: false },
      method: '-',
      route: '*',
      status,
      code,
      durationMs: 0,
      bytesIn: 0,
      bytes: Buffer.byteLength(body),
      degraded: [],
      calls: [],
      lookups: [],
      standing: [],
    });
    return { status, headers: headersOf(error, requestId, body), body };
  };
}

const parserCodes: ReadonlyMap<string, ProblemCode> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', 'request-timeout'],
  ['HPE_HEADER_OVERFLOW', 'headers-too-large'],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 'body-too-large'],
]);

/** Answers on `server` from now on. */
export function answerClientErrors(server: NetServer, work: OpenWork, refuse: Refuse): void {
  const answered = new WeakSet<Socket>();
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const code = codeOf(error);
    // What is no code, a reset or a failed handshake, has nobody left to read an answer.
    if (code === undefined || !socket.writable) return void socket.destroy();
    if (answered.has(socket)) return; // what still comes after bytes that were refused
    const open = work.answersOn(socket);
    if (code === 'request-timeout' && endSlowBody(open)) return;
    answered.add(socket);
    if (open.some(({ headersSent }) => headersSent)) return void socket.destroy();
    socket.write(textOf(refuse(code)));
    socket.destroySoon();
  });
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    const { status, headers, body } = refuse('expectation-failed');
    response.writeHead(status, headers).end(body);
  });
}

function codeOf({ code = '' }: NodeJS.ErrnoException): ProblemCode | undefined {
  return parserCodes.get(code) ?? (code.startsWith('HPE_') ? 'malformed-request' : undefined);
}

function headersOf(error: GatewayError, requestId: string, body: string): Record<string, string> {
  return {
    ...problemHeaders(error),
    'content-length': String(Buffer.byteLength(body)),
    'x-content-type-options': 'nosniff',
    'x-request-id': requestId,
    connection: 'close',
  };
}

function textOf({ status, headers, body }: Refusal): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const date = `date: ${new Date().toUTCString()}\r\n`;
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${date}${lines.join('')}\r\n${body}`;
}
