/**
 * A service with byte-level control over its answers: a socket server on a free port that does with
 * every request whatever its `mode` says at that moment. It shares no code with what it tests.
 *
 * @module
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** One request as it came in. */
export interface SeenRequest {
  /** `performance.now()` when its head was complete. */
  readonly atMs: number;
  readonly method: string;
  readonly path: string;
  /** By lowercase name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Resolves to `performance.now()` when its connection is closed, by whichever side. */
  readonly closed: Promise<number>;
}

/** What the service does with one request. It may write anything, at any time, or nothing. */
export type Fault = (socket: Socket, request: SeenRequest) => void;

export interface FaultyUpstream {
  readonly url: string;
  /** How requests are treated from now on. */
  mode: Fault;
  /** Every request so far, in order. */
  readonly requests: readonly SeenRequest[];
  /** The next request that comes in. */
  nextRequest(): Promise<SeenRequest>;
  openSockets(): number;
  /** Resolves when no connection is open any more. */
  quiet(): Promise<void>;
  /** Closes the port and every connection: whoever connects is refused. */
  refuse(): Promise<void>;
  /** Opens the same port again after {@link refuse}. */
  accept(): Promise<void>;
  close(): Promise<void>;
}

export interface FaultyUpstreamOptions {
  /** Whether `requests` grows; turn it off where there are very many. Default true. */
  readonly remembers?: boolean;
}

/** Starts the service on a free port of the loopback address. */
export async function faultyUpstream(
  mode: Fault,
  { remembers = true }: FaultyUpstreamOptions = {},
): Promise<FaultyUpstream> {
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const waiting: ((request: SeenRequest) => void)[] = [];
  let whenQuiet: (() => void)[] = [];

  const server: Server = createServer((socket) => {
    sockets.add(socket);
    const closed = new Promise<number>((resolve) => {
      socket.once('close', () => {
        sockets.delete(socket);
        resolve(performance.now());
        if (sockets.size > 0) return;
        for (const tell of whenQuiet) tell();
        whenQuiet = [];
      });
    });
    socket.on('error', () => {}); // resets are what this is about
    let unread = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      unread = Buffer.concat([unread, chunk]);
      for (let parsed = parseRequest(unread); parsed !== undefined; parsed = parseRequest(unread)) {
        unread = unread.subarray(parsed.length);
        const seen: SeenRequest = { ...parsed.request, atMs: performance.now(), closed };
        if (remembers) requests.push(seen);
        for (const tell of waiting.splice(0)) tell(seen);
        upstream.mode(socket, seen);
      }
    });
  });
  const listen = async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const refuse = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
  const port = await listen(0);

  const upstream: FaultyUpstream = {
    url: `http://127.0.0.1:${port}`,
    mode,
    requests,
    nextRequest: () => new Promise((resolve) => waiting.push(resolve)),
    openSockets: () => sockets.size,
    quiet: () => (sockets.size === 0 ? Promise.resolve() : new Promise((resolve) => whenQuiet.push(resolve))),
    refuse,
    accept: async () => void (await listen(port)),
    close: refuse,
  };
  return upstream;
}

interface Parsed {
  readonly request: Omit<SeenRequest, 'atMs' | 'closed'>;
  /** Bytes it took. */
  readonly length: number;
}

/** The first whole request in `bytes`, if there is one. Bodies have a `Content-Length` or are empty. */
function parseRequest(bytes: Buffer): Parsed | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [start = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n');
  const [method = '', path = ''] = start.split(' ');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const length = headEnd + 4 + Number(headers['content-length'] ?? 0);
  if (bytes.length < length) return undefined;
  return { request: { method, path, headers, body: bytes.subarray(headEnd + 4, length).toString() }, length };
}
