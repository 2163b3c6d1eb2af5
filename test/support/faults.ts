/**
 * The ways in which a service can fail a caller, as modes of the faulty upstream. Each writes its
 * bytes by hand: no HTTP library would let it.
 *
 * @module
 */
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Fault } from './faulty-upstream.ts';

const json = 'Content-Type: application/json\r\n';

/** A whole, correct answer. */
export function ok(value: unknown): Fault {
  return (socket) => void socket.write(whole(200, JSON.stringify(value)));
}

/** Another status, with a body that must never reach a client. */
export function status(code: number, headers = ''): Fault {
  return (socket) => void socket.write(whole(code, '{"error":"upstream secret"}', headers));
}

/** A correct answer, late. */
export function slow(delayMs: number, value: unknown): Fault {
  return (socket) => {
    const stop = (): void => clearTimeout(timer);
    const timer = setTimeout(() => {
      socket.off('close', stop);
      socket.write(whole(200, JSON.stringify(value)));
    }, delayMs);
    socket.once('close', stop);
  };
}

/** Nothing at all. */
export const hang: Fault = () => {};

/** Half of the body, then nothing. `onHalf` hears when the half is out. */
export function hangMidBody(onHalf: () => void = () => {}): Fault {
  return (socket) => void socket.write(`${head(200, 1_000)}{"id":"1",`, onHalf);
}

/** A correct answer, byte by byte: never silent, never done. */
export function drip(everyMs: number): Fault {
  return (socket) => {
    socket.write(head(200, 1_000_000));
    const timer = setInterval(() => socket.write(' '), everyMs);
    socket.once('close', () => clearInterval(timer));
  };
}

/** Says goodbye without a word. */
export const endBeforeAnswer: Fault = (socket) => void socket.end();

/** RST instead of an answer. */
export const resetBeforeAnswer: Fault = (socket) => void socket.resetAndDestroy();

/** RST in the middle of the body. */
export const resetMidBody: Fault = (socket) => {
  socket.write(`${head(200, 1_000)}{"id":"1",`, () => socket.resetAndDestroy());
};

/** Ends after fewer bytes than announced; what came is valid JSON. */
export const truncated: Fault = (socket) => void socket.end(`${head(200, 1_000)}{"id":"1"}`);

/** Ends in the middle of a chunked body; what came is valid JSON. */
export const truncatedChunks: Fault = (socket) => {
  socket.end(`HTTP/1.1 200 OK\r\n${json}Transfer-Encoding: chunked\r\n\r\na\r\n{"id":"1"}\r\n`);
};

/** Announces more bytes than it sends and keeps the connection open. */
export const announcesMore: Fault = (socket) => void socket.write(`${head(200, 1_000)}{"id":"1"}`);

/** Announces fewer bytes than it sends. */
export const announcesLess: Fault = (socket) => void socket.write(`${head(200, 5)}{"id":"1"}`);

/** A body of `bytes`, announced. */
export function huge(bytes: number): Fault {
  return (socket) => {
    socket.write(head(200, bytes));
    pour(socket, Buffer.alloc(65_536, ' '), bytes);
  };
}

/** A body of `bytes` in chunks, unannounced. */
export function hugeChunked(bytes: number): Fault {
  return (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\n${json}Transfer-Encoding: chunked\r\n\r\n`);
    pour(socket, Buffer.from(`10000\r\n${' '.repeat(65_536)}\r\n`), bytes);
  };
}

/** A 200 whose body is this text, whatever it is. */
export function text(body: string): Fault {
  return (socket) => void socket.write(whole(200, body));
}

/** A correct body under another media type. */
export function typed(contentType: string, body: string): Fault {
  return (socket) => {
    socket.write(
      `HTTP/1.1 200 OK\r\nContent-Type: ${contentType}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
  };
}

/** A coding nobody asked for. */
export function gzipped(value: unknown): Fault {
  const body = gzipSync(JSON.stringify(value));
  return (socket) => {
    socket.write(head(200, body.length, 'Content-Encoding: gzip\r\n'));
    socket.write(body);
  };
}

/** These bytes, as JSON in `coding` and `charset`, whatever they are. */
export function bytes(
  body: Buffer,
  options: { readonly coding?: string; readonly charset?: string } = {},
): Fault {
  const type = `Content-Type: application/json${options.charset === undefined ? '' : `; charset=${options.charset}`}`;
  const coding = options.coding === undefined ? '' : `Content-Encoding: ${options.coding}\r\n`;
  return (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\n${type}\r\n${coding}Content-Length: ${body.length}\r\n\r\n`);
    socket.write(body);
  };
}

export const noContent: Fault = (socket) => void socket.write('HTTP/1.1 204 No Content\r\n\r\n');

export function redirect(location: string): Fault {
  return (socket) => void socket.write(whole(302, '{}', `Location: ${location}\r\n`));
}

/** Interim answers before the real one. */
export function informational(value: unknown): Fault {
  return (socket) => {
    socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n');
    socket.write(whole(200, JSON.stringify(value)));
  };
}

/** Headers of `bytes` in all. */
export function bigHeaders(bytes: number): Fault {
  const lines = Array.from({ length: bytes / 1_024 }, (_, index) => `X-${index}: ${'x'.repeat(1_014)}\r\n`);
  return (socket) => void socket.write(whole(200, '{"id":"1"}', lines.join('')));
}

/** Not HTTP. */
export const garbage: Fault = (socket) => void socket.write('SSH-2.0-OpenSSH_9.2\r\n\r\n');

/** Both framings at once, as in smuggling. */
export const bothFramings: Fault = (socket) => {
  socket.write(
    `${head(200, 10).trimEnd()}\r\nTransfer-Encoding: chunked\r\n\r\na\r\n{"id":"1"}\r\n0\r\n\r\n`,
  );
};

/** A chunk size that is no number. */
export const badChunk: Fault = (socket) => {
  socket.write(`HTTP/1.1 200 OK\r\n${json}Transfer-Encoding: chunked\r\n\r\nzz\r\n{"id":"1"}\r\n0\r\n\r\n`);
};

function head(code: number, length: number, headers = ''): string {
  return `HTTP/1.1 ${code} X\r\n${json}${headers}Content-Length: ${length}\r\n\r\n`;
}

function whole(code: number, body: string, headers = ''): string {
  return head(code, Buffer.byteLength(body), headers) + body;
}

/** Writes `part` over and over, as fast as the other side reads, until `bytes` are out. */
function pour(socket: Socket, part: Buffer, bytes: number): void {
  let left = bytes;
  const more = (): void => {
    while (left > 0 && !socket.destroyed) {
      left -= part.length;
      if (!socket.write(part)) return void socket.once('drain', more);
    }
  };
  more();
}
