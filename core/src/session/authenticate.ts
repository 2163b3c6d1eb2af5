/**
 * From the session cookie of a request to the person who signed in.
 *
 * @module
 */
import type { Principal } from '../context/principal.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { antiForgery } from './anti-forgery.ts';
import { clearCookie, cookieValues } from './cookie.ts';
import { pathOf, paths, type SessionParts } from './parts.ts';
import { refresher } from './refresh.ts';
import { principalOf, type Session } from './session-record.ts';
import { idHashOf } from './session-store.ts';

/** How to sign in, for `WWW-Authenticate`. The scheme is ours: a session cannot be asked for by header. */
export const challenge = `BffSession login_url="${paths.login}"`;

/** Pages that look at the cookie themselves, if at all: they work without the provider and an old session. */
const ownPages: readonly string[] = [paths.login, paths.callback, paths.logout, paths.backchannelLogout];
const maxSlideStepMs = 60_000;

/** Compiles the step. */
export function sessionAuthenticator(
  parts: SessionParts,
): (context: RequestContext) => Promise<Principal | undefined> | undefined {
  const { options, store, found } = parts;
  const { clientId, clock, cookieName, idleMs } = options;
  const requireOwnPage = antiForgery(options.publicOrigin, options.allowedOrigins);
  const refresh = refresher({ store, provider: parts.provider, clock });
  const slideStepMs = Math.min(maxSlideStepMs, idleMs / 10);

  /** Says that the session is in use, from time to time: a write per request would be one too many. */
  const slide = async (idHash: string, session: Session): Promise<void> => {
    if (clock.wallMs() - session.seenMs < slideStepMs) return;
    await store.underLock(idHash, async () => {
      const nowMs = clock.wallMs();
      const current = await store.find(idHash, nowMs);
      if (current !== undefined) await store.replace(idHash, { ...current, seenMs: nowMs }, nowMs);
    });
  };
  const open = async (context: RequestContext, id: string): Promise<Session | undefined> => {
    const idHash = idHashOf(id);
    if (idHash === undefined) return undefined;
    const kept = await store.find(idHash, clock.wallMs());
    if (kept === undefined) return undefined;
    const session = await refresh(context, idHash, kept);
    if (session !== undefined && !asksNotToSlide(context.inbound.target)) await slide(idHash, session);
    return session;
  };
  const prove = async (context: RequestContext, id: string): Promise<Principal | undefined> => {
    const session = await open(context, id);
    found.set(context, session ?? 'ended');
    if (session !== undefined) {
      context.subjectToken = session.accessToken;
      return principalOf(session, clientId);
    }
    context.cookies.push(clearCookie(cookieName, 'Strict'));
    if (context.requires.caller) throw sessionEnded();
    return undefined;
  };

  return function authenticate(context) {
    const { inbound } = context;
    if (ownPages.includes(pathOf(inbound.target))) return undefined;
    const [id, ...others] = cookieValues(inbound, cookieName);
    if (id === undefined) return undefined;
    if (others.length > 0)
      throw new GatewayError('bad-request-header', { detail: 'Send one session cookie.' });
    if (inbound.header('authorization') !== undefined) {
      throw new GatewayError('bad-request-header', {
        detail: 'Send a session cookie or an Authorization header, not both.',
      });
    }
    if (context.requires.antiForgery) requireOwnPage(inbound);
    return prove(context, id);
  };
}

/** The answer to a session that is over, wherever somebody has to be signed in. */
export function sessionEnded(): GatewayError {
  return new GatewayError('session-ended', {
    detail: `Sign in again at ${paths.login}.`,
    headers: { 'www-authenticate': challenge },
  });
}

/** Pages may ask who is signed in without keeping them signed in. */
function asksNotToSlide(target: string): boolean {
  if (pathOf(target) !== paths.user) return false;
  return new URLSearchParams(target.slice(paths.user.length)).get('slide') === 'false';
}
