/** What is asked of Node's own objects: whether there is a body, early hints, and a cut answer. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect as connectHttp2, constants, createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, connect, type Server } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Inbound } from '../context/inbound.ts';
import { inboundFromNode } from './inbound.ts';

type Handle = (inbound: Inbound, outgoing: ServerResponse) => void;

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** All that a server writes on a connection with this request, and how the connection ended. */
async function exchange(request: string, handle: Handle): Promise<{ text: string; ended: string }> {
  const server = createServer((incoming, outgoing) => handle(inboundFromNode(incoming, outgoing), outgoing));
  const socket = connect(await portOf(server), '127.0.0.1');
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  socket
    .on('end', () => resolve('at its end'))
    .on('error', (error: Error & { code?: string }) => {
      resolve(error.code ?? error.message);
    });
  socket.write(request);
  return { ended: await promise, text };
}

const head = (version: string, ...lines: string[]): string =>
  [`GET / HTTP/${version}`, 'Host: x', 'Connection: close', ...lines, '', ''].join('\r\n');

describe('over HTTP/1.1', () => {
  test.each([
    ['none', head('1.1')],
    ['some', `${head('1.1', 'Content-Length: 4')}text`],
    ['some', head('1.1', 'Content-Length: 0')],
    ['some', `${head('1.1', 'Transfer-Encoding: chunked')}0\r\n\r\n`],
  ])('a body is there where one is announced, however long: %s for %j', async (what, request) => {
    const { text } = await exchange(request, (inbound, outgoing) => {
      outgoing.end(inbound.body() === null ? 'none' : 'some');
    });
    expect(text.split('\r\n\r\n')[1]).toBe(what);
  });

  test('hints come before the answer', async () => {
    const { text } = await exchange(head('1.1'), (inbound, outgoing) => {
      inbound.hint?.(['</a.css>; rel=preload; as=style', '</b.js>; rel=preload; as=script']);
      outgoing.end('done');
    });
    const [hints = '', answer = ''] = text.split('\r\n\r\n');
    expect(hints).toBe(
      'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload; as=style, </b.js>; rel=preload; as=script',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  test('hints that come too late are left out', async () => {
    const { text } = await exchange(head('1.1'), (inbound, outgoing) => {
      outgoing.flushHeaders();
      inbound.hint?.(['</a.css>; rel=preload']);
      outgoing.end('done');
    });
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(text).not.toContain('103');
  });

  test('an abandoned answer ends in a reset, not at its end', async () => {
    const { text, ended } = await exchange(head('1.1'), (inbound, outgoing) => {
      outgoing.write('half', () => setImmediate(() => inbound.abandon?.()));
    });
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(ended).toBe('ECONNRESET');
  });

  test('an abandoned answer of TLS ends without its goodbye; of a socket that is gone nothing is left', () => {
    const cuts: string[] = [];
    const socket = {
      destroy: () => void cuts.push('destroyed'),
      resetAndDestroy: () => void cuts.push('reset'),
    };
    for (const over of [{ ...socket, encrypted: true }, socket, null]) {
      const outgoing = { socket: over } as unknown as ServerResponse;
      const incoming = { socket: {}, headers: {} } as IncomingMessage;
      inboundFromNode(incoming, outgoing).abandon?.();
    }
    expect(cuts).toEqual(['destroyed', 'reset']);
  });
});

test('a header can be asked for by who was given nothing but the function', async () => {
  const { text } = await exchange(head('1.1', 'Cookie: a=1'), ({ header }, outgoing) => {
    outgoing.end(header('cookie'));
  });
  expect(text.split('\r\n\r\n')[1]).toBe('a=1');
});

test('a client that left before anybody listened is gone all the same', async () => {
  const { promise: gone, resolve: onGone } = Promise.withResolvers<void>();
  await exchange(head('1.1'), (inbound, outgoing) => {
    outgoing.once('close', () => inbound.onGone(onGone));
    outgoing.destroy();
  });
  await gone;
});

test('HTTP/1.0 knows no hints', async () => {
  const { text } = await exchange(head('1.0'), (inbound, outgoing) => {
    inbound.hint?.(['</a.css>; rel=preload']);
    outgoing.end('done');
  });
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
});

describe('over HTTP/2', () => {
  /** A stream with this method to a server that does so. */
  async function streamTo(method: string, handle: Handle) {
    const server = createHttp2Server((incoming, outgoing) => {
      const answer = outgoing as unknown as ServerResponse;
      handle(inboundFromNode(incoming as unknown as IncomingMessage, answer), answer);
    });
    const session = connectHttp2(`http://127.0.0.1:${await portOf(server)}`);
    onTestFinished(() => void session.destroy());
    return session.request({ ':method': method });
  }

  test.each([
    ['GET', 'none'],
    ['POST', 'some'],
  ])('a body is there where the head of a %s does not end the stream: %s', async (method, what) => {
    const stream = await streamTo(method, (inbound, outgoing) => {
      outgoing.end(inbound.body() === null ? 'none' : 'some');
    });
    const [text] = await once(stream.setEncoding('utf8'), 'data');
    expect(text).toBe(what);
    stream.end();
  });

  test('hints come before the answer', async () => {
    const stream = await streamTo('GET', (inbound, outgoing) => {
      inbound.hint?.(['</a.css>; rel=preload']);
      outgoing.end('done');
    });
    const [hints] = await once(stream, 'headers');
    expect(hints).toMatchObject({ ':status': 103, link: '</a.css>; rel=preload' });
    stream.resume();
  });

  test('an abandoned answer ends in the reset of its stream', async () => {
    const stream = await streamTo('GET', (inbound, outgoing) => {
      outgoing.write('half', () => setImmediate(() => inbound.abandon?.()));
    });
    stream.on('error', () => {}).resume();
    await new Promise<void>((resolve) => stream.once('close', resolve));
    expect(stream.rstCode).toBe(constants.NGHTTP2_INTERNAL_ERROR);
  });
});
