/**
 * The wire to a service, as the rest of the gateway sees it: one exchange, whole answer in, no
 * stream to forget. Whoever implements it owns sockets and bodies; nobody else touches one.
 *
 * @module
 */
import type { GatewayError } from '../problem/gateway-error.ts';
import type { Method } from './operation.ts';

export interface TransportRequest {
  /** Name of the operation, such as `list`. */
  readonly operation: string;
  readonly method: Method;
  /** `http://host:port`, from configuration only. */
  readonly origin: string;
  /** Path and query, already encoded. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text, or nothing. */
  readonly body: string | undefined;
  /** The exchange fails when the answer's body is larger than this many bytes. */
  readonly maxAnswerBytes: number;
  /** It must go over a connection that was not used before: one that was had been closed by the service. */
  readonly onNewConnection?: boolean;
}

export interface TransportAnswer {
  readonly status: number;
  /** Header names are lowercase. */
  header(name: string): string | undefined;
  readonly body: Buffer;
}

/** One request under way. */
export interface Exchange {
  /** Rejects with a {@link GatewayError}: the abort's reason, `upstream-unreachable` or `upstream-bad-answer`. */
  readonly answer: Promise<TransportAnswer>;
  /** Ends the exchange now: the socket is released and `answer` rejects with `reason`. */
  abort(reason: GatewayError): void;
}

/** A request whose answer is not collected, and whose body comes in pieces. */
export interface StreamRequest extends Pick<TransportRequest, 'operation' | 'origin' | 'target' | 'headers'> {
  readonly method: Method | 'HEAD';
  /** The body, read once; nothing when there is none. `headers` say how long it is, if that is known. */
  readonly body: AsyncIterable<Uint8Array> | undefined;
}

/** The head of an answer, and the body that is still to come. */
export interface StreamHead extends Omit<TransportAnswer, 'body'> {
  /**
   * The body, to be read once. Nothing arrives while nobody asks. Throws a {@link GatewayError} when it
   * breaks off; whoever stops before its end ends the exchange.
   */
  readonly body: AsyncIterable<Uint8Array>;
}

/** One streamed request under way. */
export interface StreamExchange {
  /** Rejects like {@link Exchange.answer}. */
  readonly head: Promise<StreamHead>;
  /** Ends the exchange now, before or after its head. */
  abort(reason: GatewayError): void;
}

export interface Transport {
  send(request: TransportRequest): Exchange;
  /** Absent where answers cannot be streamed: proxy routes to such an upstream do not boot. */
  stream?(request: StreamRequest): StreamExchange;
  /** How many connections there are; absent where there are none to count. */
  sockets?(): SocketCount;
  /** Closes every connection. */
  close(): Promise<void>;
}

/** The connections to all targets together. */
export interface SocketCount {
  /** With a request on them. */
  readonly running: number;
  /** Open and idle. */
  readonly free: number;
  /** Requests that wait for one. */
  readonly queued: number;
  /** How many there may be. */
  readonly limit: number;
}
