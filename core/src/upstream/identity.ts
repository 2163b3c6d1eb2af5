/**
 * Identity towards a service: how the gateway shows who it is and for whom it asks. The client's own
 * token is never sent unless a binding declares it.
 *
 * @module
 */
import type { AdminPages } from '../context/admin-pages.ts';
import type { RequestContext } from '../context/request-context.ts';

export interface UpstreamIdentity {
  /** For `bff.graph`, such as `internal-jwt`. */
  readonly name: string;
  /**
   * The headers of one call, by lowercase name. Asked once per call, before its first attempt.
   *
   * @throws {GatewayError} `dependency-unavailable` when they cannot be had.
   */
  headers(context: RequestContext): Headers | Promise<Headers>;
  /** What it adds to the admin port, such as the keys that verify its tokens. */
  readonly admin?: AdminPages;
  close?(): Promise<void> | void;
}

type Headers = Readonly<Record<string, string>>;
