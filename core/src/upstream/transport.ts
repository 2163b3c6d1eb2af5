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

export interface Transport {
  send(request: TransportRequest): Exchange;
  /** Closes every connection. */
  close(): Promise<void>;
}
