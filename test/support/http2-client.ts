/**
 * An HTTP/2 client on one connection, with the parts of Node's own that a test needs to misbehave.
 *
 * @module
 */
import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { connect as connectTls } from 'node:tls';
import { tlsText } from './tls-files.ts';

export interface Http2Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Http2Client {
  readonly session: ClientHttp2Session;
  /** Sends a request and collects its answer. */
  ask(headers: OutgoingHttpHeaders, body?: string): Promise<Http2Answer>;
  /** Begins a request and leaves it open. */
  begin(headers: OutgoingHttpHeaders, options?: { readonly endStream?: boolean }): ClientHttp2Stream;
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>;
  close(): void;
}

/** Connects to `https://host:port`, trusting the authority of the tests. */
export async function http2Client(url: string): Promise<Http2Client> {
  const { hostname, port } = new URL(url);
  const ca = tlsText('ca.pem');
  const socket = connectTls({ host: hostname, port: Number(port), ca, ALPNProtocols: ['h2'] });
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  const session = connect(url, { createConnection: () => socket });
  session.on('error', () => {});
  const begin: Http2Client['begin'] = (headers, options) => {
    const stream = session.request(headers, { endStream: false, ...options });
    stream.on('error', () => {});
    return stream;
  };
  return {
    session,
    closed,
    begin,
    async ask(headers, body) {
      const stream = session.request(headers, { endStream: body === undefined });
      const answer = answerOf(stream);
      if (body !== undefined) stream.end(body);
      return answer;
    },
    close: () => session.destroy(),
  };
}

/** The answer of a stream; rejects when it is reset before its end. */
export async function answerOf(stream: ClientHttp2Stream): Promise<Http2Answer> {
  const chunks: Buffer[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
    stream.once('end', resolve).once('error', reject);
    stream.once('close', () => reject(new Error(`the stream was closed with ${stream.rstCode}`)));
  });
  const headers = new Promise<IncomingHttpHeaders & { ':status'?: number }>((resolve, reject) => {
    stream.once('response', resolve).once('error', reject);
    stream.once('close', () => reject(new Error(`the stream was closed with ${stream.rstCode}`)));
  });
  const [answered] = await Promise.all([headers, ended]);
  return { status: Number(answered[':status']), headers: answered, body: Buffer.concat(chunks) };
}

/** Frames as an attacker writes them: the preface, then `count` requests, each reset at once. */
export function rapidResets(count: number, authority: string): Buffer {
  const literal = (index: number, text: string) => [index, text.length, ...Buffer.from(text)];
  // HPACK: `GET` and `https` of the static table, path and authority as literals.
  const head = Buffer.from([0x82, 0x87, ...literal(0x04, '/quick'), ...literal(0x01, authority)]);
  const [headers, rstStream, settings] = [1, 3, 4];
  const endOfBoth = 0x5; // END_STREAM and END_HEADERS
  const resets = Array.from({ length: count }, (_, index) => [
    frame(headers, endOfBoth, 2 * index + 1, head),
    frame(rstStream, 0, 2 * index + 1, Buffer.from([0, 0, 0, 8])),
  ]);
  const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  return Buffer.concat([preface, frame(settings, 0, 0, Buffer.alloc(0)), ...resets.flat()]);
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}
