/**
 * Keeps the access token of a session fresh, with one refresh however many calls on however many
 * instances need it: providers that rotate refresh tokens end the whole grant when one is used twice.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9700#section-4.14 RFC 9700, section 4.14}, refresh tokens
 * @module
 */
import type { Clock } from '../context/clock.ts';
import type { RequestContext } from '../context/request-context.ts';
import { unavailable } from './circuit.ts';
import type { OidcClient } from './oidc-client.ts';
import { renewedSession, type Session } from './session-record.ts';
import { lockTtlMs, type SessionStore } from './session-store.ts';

export interface RefreshParts {
  readonly store: SessionStore;
  readonly provider: OidcClient;
  readonly clock: Clock;
}

/** Makes the session usable. @returns Nothing when it has ended. */
export type Refresh = (
  context: RequestContext,
  idHash: string,
  session: Session,
) => Promise<Session | undefined>;

const pollMs = 50;
/** While the token still holds, a refresh may delay a request by this much. */
const patienceMs = 500;
/** What an access token must still last to be sent on. */
const usableMs = 2_000;

/**
 * A refresh goes on when the request that began it is gone: its outcome must be kept. Requests wait for it
 * within their deadline; then they use the token they have, or answer 503.
 */
export function refresher(parts: RefreshParts): Refresh {
  const { clock } = parts;
  const running = new Map<string, Promise<Session | undefined>>();
  const shared = (idHash: string): Promise<Session | undefined> => {
    const known = running.get(idHash);
    if (known !== undefined) return known;
    const started = renew(parts, idHash).finally(() => running.delete(idHash));
    started.catch(() => {}); // those who wait hear of it; maybe nobody does any more
    running.set(idHash, started);
    return started;
  };
  return async function refresh(context, idHash, session) {
    if (!isDue(session, clock.wallMs())) return session;
    const isUsable = (): boolean => session.accessEndsMs - clock.wallMs() >= usableMs;
    const budgetMs = context.deadline.remainingMs() * 0.8;
    const waitMs = isUsable() ? Math.min(patienceMs, budgetMs) : budgetMs;
    try {
      return await within(clock, waitMs, shared(idHash));
    } catch (thrown) {
      if (isUsable()) return session;
      throw thrown;
    }
  };
}

function isDue({ refreshAtMs, refreshToken }: Session, nowMs: number): boolean {
  return refreshToken !== undefined && nowMs >= refreshAtMs;
}

/** Renews the session, or waits until another instance has. */
async function renew(parts: RefreshParts, idHash: string): Promise<Session | undefined> {
  const { store, clock } = parts;
  const endMs = clock.monotonicMs() + lockTtlMs;
  for (;;) {
    const renewed = await store.underLock(idHash, () => renewAlone(parts, idHash));
    if (renewed !== undefined) return renewed.value;
    await pause(clock, pollMs);
    const session = await store.find(idHash, clock.wallMs());
    if (session === undefined || !isDue(session, clock.wallMs())) return session;
    if (clock.monotonicMs() >= endMs) throw unavailable(new Error('another instance is still refreshing'));
  }
}

async function renewAlone(parts: RefreshParts, idHash: string): Promise<Session | undefined> {
  const { store, provider, clock } = parts;
  const session = await store.find(idHash, clock.wallMs()); // another instance may have been faster
  if (session?.refreshToken === undefined || !isDue(session, clock.wallMs())) return session;
  const tokens = await provider.refresh(session.refreshToken);
  const nowMs = clock.wallMs();
  if (tokens === 'refused' || (tokens.claims !== undefined && tokens.claims.sub !== session.subject)) {
    await store.end(idHash, nowMs); // OpenID Connect Core 12.2: a refresh never changes the person
    return undefined;
  }
  const renewed = renewedSession(session, tokens, nowMs);
  if (await store.replace(idHash, renewed, nowMs)) return renewed;
  await provider.revoke(renewed.refreshToken ?? session.refreshToken).catch(() => {}); // signed out meanwhile
  return undefined;
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}

/** @throws {GatewayError} `dependency-unavailable` when `work` takes longer. */
async function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = clock.after(ms, () => reject(unavailable(new Error(`no refresh within ${ms} ms`))));
  try {
    return await Promise.race([work, promise]);
  } finally {
    stop();
  }
}
