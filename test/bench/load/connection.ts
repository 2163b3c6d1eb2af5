/**
 * One kept-alive connection of the load generator: sends the same bytes again and again, each time
 * after the answer to the last. Connects anew when the server says that it closes.
 *
 * @module
 */
import { connect, type Socket } from 'node:net';
import { type AnswerFacts, AnswerReader } from './answer-reader.ts';

export interface ConnectionOptions {
  readonly port: number;
  readonly request: string;
}

/** Hears of one answer and the milliseconds it took. Returns whether to send the next request. */
export type OnAnswer = (answer: AnswerFacts, ms: number) => boolean;

const nothing = Buffer.alloc(0);

export class Connection {
  readonly #port: number;
  readonly #request: Buffer;
  #buffer = nothing;
  #reader = new AnswerReader();
  #socket: Socket | undefined;
  #sentMs = 0;
  #onAnswer: OnAnswer = () => false;
  #settle: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;

  constructor(options: ConnectionOptions) {
    this.#port = options.port;
    this.#request = Buffer.from(options.request, 'latin1');
  }

  /** Sends requests until `onAnswer` says stop. */
  run(onAnswer: OnAnswer): Promise<void> {
    this.#onAnswer = onAnswer;
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#send();
    });
  }

  get isOpen(): boolean {
    return this.#socket !== undefined;
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #send(): void {
    this.#socket ??= this.#open();
    this.#sentMs = performance.now();
    this.#socket.write(this.#request);
  }

  #open(): Socket {
    this.#reader = new AnswerReader();
    if (this.#buffer === nothing) this.#buffer = Buffer.allocUnsafeSlow(64 * 1_024);
    const buffer = this.#buffer;
    const socket = connect({
      port: this.#port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer,
        callback: (length) => {
          if (socket === this.#socket) this.#read(buffer.subarray(0, length));
          return true;
        },
      },
    });
    const onLost = (error?: Error): void => {
      if (socket !== this.#socket) return;
      this.#socket = undefined;
      this.#end(error ?? new Error('the gateway closed a connection before its answer'));
    };
    socket.on('error', onLost);
    socket.on('close', () => onLost());
    return socket;
  }

  #read(bytes: Buffer): void {
    let answer: AnswerFacts | undefined;
    try {
      answer = this.#reader.push(bytes);
    } catch (error) {
      this.close();
      this.#end(error as Error);
      return;
    }
    if (answer === undefined) return;
    if (answer.closes) this.close();
    if (this.#onAnswer(answer, performance.now() - this.#sentMs)) this.#send();
    else this.#end();
  }

  #end(error?: Error): void {
    const settle = this.#settle;
    this.#settle = undefined;
    if (error === undefined) settle?.resolve();
    else settle?.reject(error);
  }
}
