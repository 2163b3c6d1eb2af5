/**
 * What the endpoints of a sign-in share.
 *
 * @module
 */
import type { EventBus } from '../context/event-bus.ts';
import type { RequestContext } from '../context/request-context.ts';
import type { OidcClient } from './oidc-client.ts';
import type { ResolvedOptions } from './options.ts';
import type { Session } from './session-record.ts';
import type { SessionStore } from './session-store.ts';
import type { Transactions } from './transaction.ts';

export interface SessionParts {
  readonly options: ResolvedOptions;
  readonly provider: OidcClient;
  readonly store: SessionStore;
  readonly transactions: Transactions;
  /** The session of a request, once it is authenticated; `ended` for one that is over. */
  readonly found: WeakMap<RequestContext, Session | 'ended'>;
  /** Facts, once the BFF is defined. */
  readonly events: () => EventBus | undefined;
}

export const paths = {
  login: '/bff/login',
  callback: '/bff/callback',
  user: '/bff/user',
  logout: '/bff/logout',
  backchannelLogout: '/bff/backchannel-logout',
} as const;

/** Tells operators of work that failed without failing a request. */
export function tellProblem({ events }: SessionParts, part: string, thrown: unknown): void {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  events()?.emit('problem', { part, error });
}

/** The path of a request, as it came. */
export function pathOf(target: string): string {
  return target.split('?', 1)[0] ?? '';
}

/** A redirect that the browser follows with GET. */
export function redirect(location: string): { status: number; headers: Record<string, string> } {
  return { status: 302, headers: { location } };
}
