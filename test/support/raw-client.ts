/**
 * An HTTP client that writes exact bytes, so that a test can stop, stall or leave wherever it likes.
 *
 * @module
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** By lowercase name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface RawClient {
  readonly socket: Socket;
  write(bytes: string | Buffer): void;
  /**
   * The next whole answer on this connection.
   *
   * @throws {Error} when the connection ends before it.
   */
  answer(): Promise<RawAnswer>;
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>;
}

/** Connects to `http://host:port`. */
export async function rawClient(url: string): Promise<RawClient> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  let unread = Buffer.alloc(0);
  let wake = (): void => {};
  let over = false;
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    unread = Buffer.concat([unread, chunk]);
    wake();
  });
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      over = true;
      wake();
      resolve();
    });
  });
  return {
    socket,
    closed,
    write: (bytes) => void socket.write(bytes),
    async answer() {
      for (;;) {
        const parsed = parseAnswer(unread);
        if (parsed !== undefined) {
          unread = unread.subarray(parsed.length);
          return parsed.answer;
        }
        if (over) throw new Error(`the connection ended after ${unread.length} bytes of an answer`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

/** The bytes of a GET. */
export function getRequest(path: string, headers = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: bff.test\r\n${headers}\r\n`;
}

function parseAnswer(bytes: Buffer): { readonly answer: RawAnswer; readonly length: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [start = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const length = headEnd + 4 + Number(headers['content-length'] ?? 0);
  if (bytes.length < length) return undefined;
  const answer = { status: Number(start.split(' ')[1]), headers, body: bytes.subarray(headEnd + 4, length) };
  return { answer, length };
}
