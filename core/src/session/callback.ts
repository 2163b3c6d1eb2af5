/**
 * `GET /bff/callback`: where the provider sends the browser back. Turns the code into tokens, begins a new
 * session under a new identifier, and ends the one the browser had before.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9700#section-4.7 RFC 9700, section 4.7}, login forgery
 * @module
 */
import { type Endpoint, endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { cookieValues, setCookie } from './cookie.ts';
import { loginFailed } from './oidc-client.ts';
import { paths, redirect, type SessionParts, tellProblem } from './parts.ts';
import { newSession } from './session-record.ts';
import { idHashOf } from './session-store.ts';

/** Codes and states are short; what is longer is no answer of a provider. */
const maxSearchLength = 4_096;

export function callbackEndpoint(parts: SessionParts): Endpoint {
  const { options, provider, store, transactions } = parts;
  const { clock, cookieName, publicOrigin, absoluteMs } = options;
  return endpoint('GET', paths.callback, {
    summary: 'Completes a sign-in; the identity provider sends the browser here.',
    access: anyone(),
    antiForgery: false, // a page to navigate to; `state` shows that this browser asked for it
    deadlineMs: 10_000,
  }).answer(async ({ context }) => {
    const { inbound, cookies } = context;
    const search = searchOf(inbound.target);
    const states = new URLSearchParams(search).getAll('state');
    const [state = ''] = states;
    const transaction = states.length === 1 ? transactions.find(inbound, state, clock.wallMs()) : undefined;
    if (transaction === undefined) throw loginFailed(new Error('no login of this browser has this state'));
    const isFirst = await transactions.use(transaction);
    cookies.push(transactions.clear(state));
    if (!isFirst) throw loginFailed(new Error('this login was used before'));

    const tokens = await provider.exchange(search, transaction);
    const nowMs = clock.wallMs();
    const session = newSession(tokens, nowMs, absoluteMs);
    const id = await store.create(session, transaction.startedMs, nowMs);
    if (id === undefined) {
      if (tokens.refreshToken !== undefined) await provider.revoke(tokens.refreshToken).catch(() => {});
      throw loginFailed(new Error('the provider ended the session during the login'));
    }
    cookies.push(setCookie(cookieName, id, 'Strict'));
    const before = [transaction.replaces, ...cookieValues(inbound, cookieName).map(idHashOf)];
    for (const idHash of new Set(before)) {
      // Its refresh token stays: at many providers it is of the same grant as the new one.
      if (idHash !== undefined) {
        await store.end(idHash, nowMs).catch((error) => tellProblem(parts, 'sign-in', error));
      }
    }
    return redirect(publicOrigin + transaction.returnTo);
  });
}

function searchOf(target: string): string {
  const start = target.indexOf('?');
  if (start < 0 || target.length - start > maxSearchLength) {
    throw loginFailed(new Error('the query is no answer of a provider'));
  }
  return target.slice(start);
}
