/**
 * The request as it came in, in the few facts the gateway reads. Rooms see this instead of a
 * framework's request object, so that nothing is built that nobody needs.
 *
 * @module
 */
export interface Inbound {
  readonly method: string;
  /** Path and query exactly as sent; of an absolute target without its origin. */
  readonly target: string;
  /** The address of the socket's other end; absent when there is no socket (tests). */
  readonly peerAddress: string | undefined;
  /** A header by its lowercase name; repeated lines joined by `, `. */
  header(name: string): string | undefined;
  /** The body's bytes, or `null` when there is none. Reading stops when the caller stops. */
  body(): AsyncIterable<Uint8Array> | null;
  /**
   * Cuts the connection (over HTTP/2 the stream) of an answer that cannot be finished, so that it does not
   * look whole. Absent when there is no connection.
   */
  abandon?(): void;
  /** Sends 103 Early Hints with these `Link` values, where the connection can. Absent when there is none. */
  hint?(links: readonly string[]): void;
  /** Calls `listener` when the client leaves before its answer; returns how to stop listening. */
  onGone(listener: () => void): () => void;
}
