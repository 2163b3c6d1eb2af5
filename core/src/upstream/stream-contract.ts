/**
 * What is said of a streamed call: which operation, and the request that is sent on.
 *
 * @module
 */
import type { StreamHead, StreamRequest } from './transport.ts';

/** What is streamed from and to, as data. */
export interface StreamContract {
  readonly upstream: string;
  readonly name: string;
}

/** The body of a client's request on its way. */
export interface RequestBody {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Whether a byte of it was taken: then it cannot be sent a second time. */
  readonly isBegun: boolean;
  /** Whether the client is waited for, right now: then nobody else is slow. */
  readonly isAwaited: boolean;
}

export interface StreamCallRequest {
  /** Name of the node in facts and `Proxy-Status`. */
  readonly node: string;
  readonly method: StreamRequest['method'];
  /** Path and query, already encoded. */
  readonly target: string;
  /** Everything but identity and `Bff-Deadline-Ms`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RequestBody | undefined;
  /** Bytes the answer may have; infinite for any. */
  readonly maxAnswerBytes: number;
  /** Milliseconds in which something must move, once the head is there. */
  readonly idleMs: number;
  /** Refuses heads that cannot be used. Throws a {@link GatewayError}. `origin` is who answered. */
  check(head: StreamHead, origin: string): void;
}
