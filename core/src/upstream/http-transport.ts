/**
 * HTTP/1.1 over undici: one pool of kept-alive connections per upstream, answers collected by a
 * dispatch handler, so that there is no stream object that could stay unread.
 *
 * @see {@link https://github.com/nodejs/undici/blob/main/docs/docs/api/Dispatcher.md undici Dispatcher}
 * @module
 */
import { Agent, type Dispatcher } from 'undici';
import { type Clock, systemClock } from '../context/clock.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { HttpStream } from './http-stream.ts';
import { networkError } from './network-error.ts';
import { countSockets } from './socket-count.ts';
import type { Exchange, Transport, TransportAnswer } from './transport.ts';
import type { TlsMaterial, UpstreamTls } from './upstream-tls.ts';

export interface HttpTransportOptions {
  /** Connections per target. Default 64. */
  readonly connections?: number;
  /** Milliseconds to connect. Default 3 000. */
  readonly connectTimeoutMs?: number;
  /** Default: the authorities of the system, and no certificate of our own. */
  readonly tls?: UpstreamTls | undefined;
  /** Where time comes from when files of `tls` are watched. Default the clock of the machine. */
  readonly clock?: Clock;
  /** Hears of new files that cannot be used. Must not throw. */
  readonly onProblem?: (error: Error) => void;
}

/** Shorter than the 5 s after which Node servers close idle connections: we leave first. */
const keepAliveMs = 4_000;
const defaultConnections = 64;

/** Opens the pool of one upstream. */
export function httpTransport(options: HttpTransportOptions = {}): Transport {
  const { tls, clock = systemClock, onProblem = () => {} } = options;
  let agent = openAgent(options, tls?.material);
  const retired = new Set<Agent>();
  const stopWatching = tls?.watch({
    clock,
    onProblem,
    onMaterial(material) {
      const old = agent;
      agent = openAgent(options, material);
      retired.add(old);
      void old.close().finally(() => retired.delete(old)); // what runs on it finishes
    },
  });
  return {
    send(request) {
      const collector = new Collector(request.maxAnswerBytes);
      agent.dispatch(
        {
          origin: request.origin,
          path: request.target,
          method: request.method,
          headers: request.headers as Record<string, string>,
          body: request.body ?? null,
        },
        collector,
      );
      return collector;
    },
    stream(request) {
      const stream = new HttpStream();
      agent.dispatch(stream.dispatchOptions(request), stream);
      return stream;
    },
    sockets: () => countSockets(agent, options.connections ?? defaultConnections),
    async close() {
      stopWatching?.();
      await Promise.all([agent, ...retired].map((each) => each.destroy()));
    },
  };
}

function openAgent(options: HttpTransportOptions, material: TlsMaterial = {}): Agent {
  return new Agent({
    connections: options.connections ?? defaultConnections,
    connect: {
      timeout: options.connectTimeoutMs ?? 3_000,
      ...material,
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true, // whatever NODE_TLS_REJECT_UNAUTHORIZED says
    },
    allowH2: false,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
    headersTimeout: 0, // every exchange is ended by whoever started it: calls, probes and copies have a time of their own
    bodyTimeout: 0,
    pipelining: 1,
  });
}

/** Collects one answer; settles exactly once. */
class Collector implements Dispatcher.DispatchHandler, Exchange {
  readonly answer: Promise<TransportAnswer>;
  #resolve: (answer: TransportAnswer) => void = () => {};
  #reject: (error: GatewayError) => void = () => {};
  #controller: Dispatcher.DispatchController | undefined;
  #abortReason: GatewayError | undefined;
  #status = 0;
  #headers: Readonly<Record<string, string | string[] | undefined>> = {};
  #chunks: Buffer[] = [];
  #bytes = 0;
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  abort(reason: GatewayError): void {
    if (this.#abortReason !== undefined) return;
    this.#abortReason = reason;
    this.#controller?.abort(reason);
    this.#reject(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#abortReason !== undefined) controller.abort(this.#abortReason);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (status < 200) return; // 1xx: the answer is still to come
    this.#status = status;
    this.#headers = headers;
    if (Number(headers['content-length']) > this.#maxBytes) this.#refuseSize();
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.byteLength;
    if (this.#bytes > this.#maxBytes) this.#refuseSize();
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const headers = this.#headers;
    const [first] = this.#chunks;
    this.#resolve({
      status: this.#status,
      header(name) {
        const value = headers[name];
        return Array.isArray(value) ? value.join(', ') : value;
      },
      body: this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks),
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#reject(this.#abortReason ?? networkError(error, this.#status !== 0));
  }

  #refuseSize(): void {
    const cause = new RangeError(`the answer has more than ${this.#maxBytes} bytes`);
    this.abort(new GatewayError('upstream-bad-answer', { cause }));
  }
}
