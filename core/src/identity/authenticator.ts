/**
 * The seam between a credential and a principal: an authenticator looks at the request's facts and
 * answers with a principal, with nothing when no credential of its kind is there, or throws when
 * there is one that does not hold.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750 RFC 6750}, bearer tokens
 * @module
 */
import type { AdminPages } from '../context/admin-pages.ts';
import type { EventBus } from '../context/event-bus.ts';
import type { Principal } from '../context/principal.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import type { CredentialForm } from './credential-form.ts';

export { bearerToken } from './authorization.ts';

export interface Authenticator {
  /** For `bff.graph` and the documents, such as `bearer` or `api-key`. */
  readonly name: string;
  /** The value of `WWW-Authenticate` when nobody is signed in, without a realm: the name of the BFF becomes it. */
  readonly challenge: string;
  /**
   * @throws {GatewayError} 401 with a challenge when the credential does not hold; 503
   * `dependency-unavailable` when it cannot be judged.
   */
  authenticate(context: RequestContext): Principal | undefined | Promise<Principal | undefined>;
  /** What documents say of its credentials. Default: what `challenge` says. */
  readonly form?: CredentialForm;
  /** What it adds to the admin port. */
  readonly admin?: AdminPages;
  /** What it remembers in this process only, such as `sessions`. Default nothing. */
  readonly remembersAlone?: readonly string[];
  /** Where it tells what operators did; called once at boot. */
  watch?(events: EventBus): void;
  /** Releases connections and timers; called once, when the BFF closes. */
  close?(): Promise<void> | void;
}

/**
 * Asks each authenticator in turn; the first principal wins. Answers at once when they do.
 *
 * @param from The position of the first that is asked.
 * @throws {GatewayError} 401 when there is an `Authorization` that none of them takes.
 */
export function authenticate(
  authenticators: readonly Authenticator[],
  context: RequestContext,
  from = 0,
): Principal | undefined | Promise<Principal | undefined> {
  for (let at = from; at < authenticators.length; at += 1) {
    const judged = authenticators[at]?.authenticate(context);
    if (judged !== undefined && 'then' in judged) return orLater(judged, authenticators, context, at + 1);
    if (judged !== undefined) return judged;
  }
  if (context.inbound.header('authorization') === undefined) return undefined;
  throw new GatewayError('invalid-token', {
    detail: 'The Authorization header carries no credential this API accepts.',
    headers: { 'www-authenticate': challengeOf(authenticators) },
  });
}

async function orLater(
  judged: Promise<Principal | undefined>,
  authenticators: readonly Authenticator[],
  context: RequestContext,
  next: number,
): Promise<Principal | undefined> {
  return (await judged) ?? authenticate(authenticators, context, next);
}

/** All challenges in one `WWW-Authenticate` value. */
export function challengeOf(authenticators: readonly Authenticator[]): string {
  return [...new Set(authenticators.map(({ challenge }) => challenge))].join(', ');
}
