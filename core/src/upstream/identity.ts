/**
 * Identity towards a service: how the gateway shows who it is and for whom it asks. The client's own
 * token is never sent unless a binding declares it.
 *
 * @module
 */
import type { AdminPages } from '../context/admin-pages.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import type { CallTime } from './call-time.ts';

export interface UpstreamIdentity {
  /** For `bff.graph`, such as `internal-jwt`. */
  readonly name: string;
  /**
   * The headers of one call, by lowercase name. Asked once per call, before its first attempt; nothing a
   * client sent can override them.
   *
   * @throws {GatewayError} `dependency-unavailable` when they cannot be had.
   */
  headers(context: RequestContext): IdentityHeaders | Promise<IdentityHeaders>;
  /**
   * Hears that the service refused these headers, with 401 or 403.
   *
   * @returns Whether asking again gives others: after a 401 the call is then tried once more.
   */
  refused?(context: RequestContext, headers: IdentityHeaders): boolean;
  /** Whether the headers may only travel encrypted: targets must then be https, or this machine. Default false. */
  readonly needsTls?: boolean;
  /** Whether it has no headers for a call in nobody's name, such as one for an answer that all callers share. Default false. */
  readonly needsCaller?: boolean;
  /** What it adds to the admin port, such as the keys that verify its tokens. */
  readonly admin?: AdminPages;
  /** Releases connections. An identity that several upstreams share is closed once per upstream. */
  close?(): Promise<void> | void;
}

/** Headers by lowercase name. */
export type IdentityHeaders = Readonly<Record<string, string>>;

/** What a call without identity is sent with. */
export const noHeaders: IdentityHeaders = {};

const retryAfterMs = 1_000;

/**
 * Asks for the headers of a call, within its time. Nothing is awaited when they are at hand.
 *
 * @throws {GatewayError} `dependency-unavailable` for every failure that is not one already.
 */
export function askIdentity(
  identity: UpstreamIdentity,
  context: RequestContext,
  time: CallTime,
): IdentityHeaders | Promise<IdentityHeaders> {
  try {
    const given = identity.headers(context);
    if (!(given instanceof Promise)) return given;
    return time.scope.race(given).catch((thrown: unknown) => {
      throw identityFailure(thrown, time.scope.reason);
    });
  } catch (thrown) {
    throw identityFailure(thrown, undefined);
  }
}

/** Running out of time here says nothing about the service: it was not asked. */
function identityFailure(thrown: unknown, cut: GatewayError | undefined): GatewayError {
  const ranOut =
    cut !== undefined &&
    thrown === cut &&
    (cut.code === 'upstream-timeout' || cut.code === 'deadline-exceeded');
  if (thrown instanceof GatewayError && !ranOut) return thrown;
  const cause = ranOut ? new Error('the identity for the service was not there in time') : thrown;
  return new GatewayError('dependency-unavailable', { retryAfterMs, cause });
}

/** Whether the answer says that the headers were not accepted. */
export function isRefusal(status: number | undefined): boolean {
  return status === 401 || status === 403;
}
