import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GatewayError } from '../problem/gateway-error.ts';
import { type ManualClock, manualClock } from '../testing/manual-clock.ts';
import { httpTransport } from './http-transport.ts';
import type { Exchange, Transport, TransportRequest } from './transport.ts';

/** One request as it came in, and the connection it came on. */
interface Seen {
  readonly text: string;
  readonly socket: Socket;
  readonly connection: number;
}

let server: Server;
let port: number;
let sockets: Socket[];
let seen: Seen[];
/** What the service does with a request. */
let mode: (request: Seen) => void;
let onSeen: () => void;
let onClosed: () => void;
let clock: ManualClock;
let transport: Transport;

const okText = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}';
const ok = ({ socket }: Seen): void => void socket.write(okText);
const hang = (): void => {};

beforeEach(async () => {
  sockets = [];
  seen = [];
  mode = ok;
  onSeen = () => {};
  onClosed = () => {};
  clock = manualClock();
  server = createServer((socket) => {
    const connection = sockets.push(socket) - 1;
    socket.on('error', () => {});
    socket.on('close', () => onClosed());
    socket.on('data', (chunk) => {
      const request = { text: chunk.toString(), socket, connection };
      seen.push(request);
      mode(request);
      onSeen();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
  transport = httpTransport({ connections: 2, clock });
});

afterEach(async () => {
  await transport.close();
  for (const socket of sockets) socket.destroy();
  server.close();
});

function origin(scheme = 'http'): string {
  return `${scheme}://127.0.0.1:${port}`;
}

function send(part: Partial<TransportRequest> = {}): Exchange {
  return transport.send({
    operation: 'get',
    method: 'GET',
    origin: origin(),
    target: '/',
    headers: {},
    body: undefined,
    maxAnswerBytes: 5_000_000,
    ...part,
  });
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await new Promise<void>((resolve) => {
      onSeen = resolve;
      onClosed = resolve;
    });
  }
}

const openSockets = (): number => sockets.filter(({ destroyed }) => !destroyed).length;

function failure(exchange: Exchange): Promise<GatewayError> {
  return exchange.answer.then(
    () => expect.unreachable('it was answered'),
    (error: unknown) => error as GatewayError,
  );
}

describe('a request', () => {
  test('gets its answer: status, fields by name, body', async () => {
    mode = ({ socket }) =>
      socket.write('HTTP/1.1 201 X\r\nX-A: 1\r\nx-b: 2\r\nX-A: 3\r\nContent-Length: 3\r\n\r\nabc');
    const answer = await send().answer;
    expect([answer.status, answer.header('x-a'), answer.header('x-b'), answer.header('x-c')]).toEqual([
      201,
      '1, 3',
      '2',
      undefined,
    ]);
    expect(answer.body.toString()).toBe('abc');
  });

  test('keeps its body when the next answer comes', async () => {
    mode = ({ socket }) => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n${seen.length}!`);
    const first = await send().answer;
    await send().answer;
    expect(first.body.toString()).toBe('1!');
  });

  test('goes over the connection of the one before', async () => {
    for (let round = 0; round < 5; round += 1) await send().answer;
    expect(sockets).toHaveLength(1);
  });

  test('carries its body in UTF-8', async () => {
    await send({ method: 'POST', target: '/parts', headers: { 'x-a': 'é' }, body: '{"a":"é日"}' }).answer;
    expect(seen[0]?.text).toContain('POST /parts HTTP/1.1\r\n');
    expect(seen[0]?.text).toContain('\r\ncontent-length: 13\r\n');
    expect(seen[0]?.text).toMatch(/\r\n\r\n\{"a":"é日"\}$/);
  });

  test('that cannot be written is never sent', async () => {
    expect(await failure(send({ headers: { 'x-a': 'a\r\nb' } }))).toMatchObject({ code: 'internal' });
    await send().answer;
    expect(seen).toHaveLength(1);
  });

  test('waits while all connections are taken, and is sent when one is free', async () => {
    mode = hang;
    const exchanges = [send(), send(), send({ target: '/third' })];
    await until(() => seen.length === 2);
    mode = ok;
    for (const request of [...seen]) ok(request);
    await Promise.all(exchanges.map(({ answer }) => answer));
    expect(seen[2]?.text).toContain('GET /third ');
    expect(sockets).toHaveLength(2);
  });
});

describe('a connection is closed and not used again', () => {
  test.each([
    ['says that it is the last', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}'],
    ['is of HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}'],
    ['has more behind it', `${okText}${okText}`],
    ['leaves no time', 'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\n{}'],
  ])('after an answer that %s', async (_what, text) => {
    mode = ({ socket }) => socket.write(text);
    expect((await send().answer).body.toString()).toBe('{}');
    await until(() => openSockets() === 0);
    mode = ok;
    await send().answer;
    expect(seen.map(({ connection }) => connection)).toEqual([0, 1]);
  });

  test('after an answer that lasted until its end', async () => {
    mode = ({ socket }) => socket.end('HTTP/1.1 200 OK\r\n\r\n{"a":1}');
    expect((await send().answer).body.toString()).toBe('{"a":1}');
    expect(transport.sockets?.()).toMatchObject({ running: 0, free: 0 });
  });

  test('when it says something that nobody asked for', async () => {
    await send().answer;
    sockets[0]?.write(okText);
    await until(() => openSockets() === 0);
    mode = ({ socket }) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmine');
    expect((await send().answer).body.toString()).toBe('mine');
  });

  test('when it was answered before all of its request was out', async () => {
    mode = ({ socket }) => {
      socket.pause();
      socket.write('HTTP/1.1 413 X\r\nContent-Length: 0\r\n\r\n');
    };
    expect((await send({ method: 'POST', body: 'x'.repeat(30_000_000) }).answer).status).toBe(413);
    expect(transport.sockets?.()).toMatchObject({ running: 0, free: 0 });
  });

  test('when it was free for four seconds', async () => {
    await send().answer;
    clock.advance(3_000);
    expect(openSockets()).toBe(1);
    clock.advance(2_000);
    await until(() => openSockets() === 0);
  });

  test('before the service does it, if that says when', async () => {
    mode = ({ socket }) =>
      socket.write('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=3\r\nContent-Length: 2\r\n\r\n{}');
    await send().answer;
    clock.advance(1_500);
    await send().answer;
    expect(sockets).toHaveLength(1);
    clock.advance(2_500);
    await send().answer;
    expect(sockets).toHaveLength(2);
  });

  test('and where none is left, nothing of its origin is', async () => {
    const other = createServer((socket) => {
      socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}'));
      socket.on('error', () => {});
    });
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    await Promise.all([
      send().answer,
      send({ origin: `http://127.0.0.1:${(other.address() as AddressInfo).port}` }).answer,
    ]);
    expect(transport.sockets?.().limit).toBe(4);
    const closed = once(other, 'close');
    other.close();
    await closed;
    clock.advance(10_000);
    expect(transport.sockets?.()).toEqual({ running: 0, free: 0, queued: 0, limit: 2 });
  });
});

describe('an aborted request', () => {
  const reason = new GatewayError('client-gone');

  test('under way takes its connection with it, and no other', async () => {
    mode = hang;
    const [one, other] = [send(), send()];
    await until(() => seen.length === 2);
    one.abort(reason);
    expect(await failure(one)).toBe(reason);
    await until(() => openSockets() === 1);
    const left = seen.find(({ socket }) => !socket.destroyed);
    if (left !== undefined) ok(left);
    expect((await other.answer).status).toBe(200);
  });

  test('that waits is never sent', async () => {
    mode = hang;
    const running = [send(), send()];
    const waiting = send({ target: '/never' });
    await until(() => seen.length === 2);
    waiting.abort(reason);
    expect(await failure(waiting)).toBe(reason);
    mode = ok;
    for (const request of [...seen]) ok(request);
    await Promise.all(running.map(({ answer }) => answer));
    await send().answer;
    expect(seen.some(({ text }) => text.includes('/never'))).toBe(false);
  });

  test('that has its answer keeps it', async () => {
    const exchange = send();
    await exchange.answer;
    exchange.abort(reason);
    await send().answer;
    expect(sockets).toHaveLength(1);
  });
});

describe('a service that', () => {
  test('refuses connections cannot be reached, by nobody who waits', async () => {
    const closed = once(server, 'close');
    server.close();
    await closed;
    const failures = await Promise.all([1, 2, 3].map(() => failure(send())));
    for (const error of failures)
      expect([error.code, error.options.isStaleConnection]).toEqual(['upstream-unreachable', false]);
  });

  test('does not shake hands is given up in time', async () => {
    const exchange = send({ origin: origin('https') });
    await until(() => seen.length === 1); // the greeting, which it never answers
    mode = hang;
    clock.advance(3_000);
    expect((await failure(exchange)).code).toBe('upstream-timeout');
  });

  test('closes a connection it had answered on has not seen the request', async () => {
    await send().answer;
    mode = ({ socket }) => socket.end();
    const error = await failure(send());
    expect([error.code, error.options.isStaleConnection]).toEqual(['upstream-unreachable', true]);
  });

  test('closes a new connection may have', async () => {
    mode = ({ socket }) => socket.end();
    const error = await failure(send());
    expect([error.code, error.options.isStaleConnection]).toEqual(['upstream-unreachable', false]);
  });

  test.each([
    ['ends', (socket: Socket) => void socket.end()],
    ['resets', (socket: Socket) => void socket.resetAndDestroy()],
  ])('%s in the middle of its answer broke it off', async (_how, leave) => {
    await send().answer;
    mode = ({ socket }) => void socket.write('HTTP/1.1 200 OK\r\nContent-Le', () => leave(socket));
    expect((await failure(send())).code).toBe('upstream-broken-answer');
  });

  test('answers too much is not read to the end', async () => {
    mode = ({ socket }) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n');
    expect((await failure(send({ maxAnswerBytes: 10 }))).code).toBe('upstream-bad-answer');
    await until(() => openSockets() === 0);
  });
});

test('a request that must not meet an old connection gets a new one', async () => {
  await send().answer;
  await send({ onNewConnection: true }).answer;
  expect(seen.map(({ connection }) => connection)).toEqual([0, 1]);
});

test('it does not take an old one that becomes free either', async () => {
  mode = hang;
  const running = [send(), send()];
  await until(() => seen.length === 2);
  const exchange = send({ onNewConnection: true });
  mode = ok;
  for (const request of [...seen]) ok(request);
  await Promise.all([...running, exchange].map(({ answer }) => answer));
  expect(seen[2]?.connection).toBe(2);
});

test.each([
  ['one that was free for too long', {}],
  ['one that may be closed', { onNewConnection: true }],
])(
  'where the only connection was %s, a closed transport ends what came instead of it',
  async (_what, part) => {
    mode = ({ socket }) =>
      socket.write('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=3\r\nContent-Length: 2\r\n\r\n{}');
    await send().answer;
    clock.advance(500);
    await send().answer; // free until 2 500; they are looked at every second
    clock.advance(2_200);
    mode = hang;
    const exchange = send(part);
    await until(() => seen.length === 3);
    expect(transport.sockets?.()).toMatchObject({ running: 1, free: 0 });
    await transport.close();
    expect((await failure(exchange)).code).toBe('upstream-unreachable');
    await until(() => openSockets() === 0);
  },
);

test('a closed transport ends what is under way, what waits and what comes', async () => {
  mode = hang;
  const exchanges = [send(), send(), send()];
  await until(() => seen.length === 2);
  await transport.close();
  exchanges.push(send());
  for (const exchange of exchanges) expect((await failure(exchange)).code).toBe('upstream-unreachable');
  await until(() => openSockets() === 0);
  expect(clock.pending()).toBe(0);
});
