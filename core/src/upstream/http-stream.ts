/**
 * One streamed exchange over undici: the head as soon as it is there, then the body in the pieces in
 * which it arrives. The socket is paused while more than a little waits to be read, so a slow reader
 * holds the service back instead of filling this process.
 *
 * @see {@link https://github.com/nodejs/undici/blob/main/docs/docs/api/Dispatcher.md undici Dispatcher}
 * @module
 */
import type { Dispatcher } from 'undici';
import { GatewayError } from '../problem/gateway-error.ts';
import { networkError } from './network-error.ts';
import type { StreamExchange, StreamHead, StreamRequest } from './transport.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;
type Step = IteratorResult<Uint8Array, undefined>;

interface Reader {
  readonly resolve: (step: Step) => void;
  readonly reject: (error: GatewayError) => void;
}

/** Bytes that may wait to be read before the socket is paused. */
const highWaterBytes = 65_536;
const atEnd: Step = { done: true, value: undefined };
const notWanted = new GatewayError('client-gone', { cause: new Error('nobody reads on') });

export class HttpStream
  implements Dispatcher.DispatchHandler, StreamExchange, AsyncIterableIterator<Uint8Array, undefined>
{
  readonly head: Promise<StreamHead>;
  #resolve: (head: StreamHead) => void = () => {};
  #reject: (error: GatewayError) => void = () => {};
  #controller: Dispatcher.DispatchController | undefined;
  #failure: GatewayError | undefined;
  #hasHead = false;
  #hasEnded = false;
  #reader: Reader | undefined;
  readonly #chunks: Buffer[] = [];
  #waitingBytes = 0;

  constructor() {
    this.head = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** How undici is asked. */
  dispatchOptions({ origin, target, method, headers, body }: StreamRequest): Dispatcher.DispatchOptions {
    return {
      origin,
      path: target,
      method,
      headers: headers as Record<string, string>,
      // It takes what can be iterated, although its types do not say so.
      body: (body ?? null) as NonNullable<Dispatcher.DispatchOptions['body']> | null,
    };
  }

  abort(reason: GatewayError): void {
    if (this.#failure !== undefined || this.#hasEnded) return;
    this.#fail(reason);
    this.#controller?.abort(reason);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#waitingBytes -= chunk.byteLength;
      if (this.#chunks.length === 0) this.#controller?.resume();
      return Promise.resolve({ done: false, value: chunk });
    }
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#hasEnded) return Promise.resolve(atEnd);
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  return(): Promise<Step> {
    this.abort(notWanted);
    this.#chunks.length = 0;
    return Promise.resolve(atEnd);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#failure !== undefined) controller.abort(this.#failure);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (status < 200) return; // 1xx: the answer is still to come
    this.#hasHead = true;
    this.#resolve({
      status,
      header(name) {
        const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
        return Array.isArray(value) ? value.join(', ') : value;
      },
      body: this,
    });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#failure !== undefined) return;
    const reader = this.#reader;
    if (reader !== undefined) {
      this.#reader = undefined;
      reader.resolve({ done: false, value: chunk });
      return;
    }
    this.#chunks.push(chunk);
    this.#waitingBytes += chunk.byteLength;
    if (this.#waitingBytes >= highWaterBytes) controller.pause();
  }

  onResponseEnd(): void {
    this.#hasEnded = true;
    this.#reader?.resolve(atEnd);
    this.#reader = undefined;
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error instanceof GatewayError ? error : networkError(error, this.#hasHead));
  }

  /** What arrived before is dropped: it is of no use to somebody who must not take it for the whole. */
  #fail(error: GatewayError): void {
    if (this.#failure !== undefined || this.#hasEnded) return;
    this.#failure = error;
    this.#chunks.length = 0;
    this.#reject(error);
    this.#reader?.reject(error);
    this.#reader = undefined;
  }
}
