/**
 * `GET /bff/logout`: ends the session here, then at the provider. Only a page that knows the session's
 * `sid` can build the link, so nobody else can sign a person out.
 *
 * @see {@link https://openid.net/specs/openid-connect-rpinitiated-1_0.html RP-Initiated Logout}
 * @see {@link https://www.rfc-editor.org/rfc/rfc7009 RFC 7009}, token revocation
 * @module
 */
import { z } from 'zod';
import { type Endpoint, endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { clearCookie, cookieValues } from './cookie.ts';
import { paths, redirect, type SessionParts, tellProblem } from './parts.ts';
import { requireReturnTo } from './return-to.ts';
import type { Session } from './session-record.ts';
import { idHashOf } from './session-store.ts';

export function logoutEndpoint(parts: SessionParts): Endpoint {
  const { options, provider, store } = parts;
  const { clock, cookieName, publicOrigin } = options;

  /** Where the browser goes next. A provider that is away does not keep anybody signed in here. */
  const endAtProvider = async (session: Session, returnTo: string): Promise<string> => {
    try {
      if (session.refreshToken !== undefined) await provider.revoke(session.refreshToken);
    } catch (error) {
      tellProblem(parts, 'sign-out', error);
    }
    try {
      return (await provider.endSessionUrl(session.idToken, returnTo)) ?? returnTo;
    } catch (error) {
      tellProblem(parts, 'sign-out', error);
      return returnTo;
    }
  };

  return endpoint('GET', paths.logout, {
    summary: 'Signs out, here and at the identity provider.',
    access: anyone(),
    antiForgery: false, // a page to navigate to; `sid` shows that our own page built the link
    deadlineMs: 10_000,
    query: z.object({ sid: z.string().optional(), returnTo: z.string().default('/') }),
  }).answer(async ({ input, context }) => {
    const returnTo = publicOrigin + requireReturnTo(input.query.returnTo);
    const ids = cookieValues(context.inbound, cookieName);
    // Without the cookie there is nothing to end. Clearing it anyway would let other sites sign people out.
    if (ids.length === 0) return redirect(returnTo);
    let location = returnTo;
    for (const idHash of ids.map(idHashOf)) {
      const nowMs = clock.wallMs();
      const session = idHash === undefined ? undefined : await store.find(idHash, nowMs);
      if (idHash === undefined || session === undefined) continue;
      if (input.query.sid !== session.sid) throw new GatewayError('invalid-sid');
      const ended = await store.end(idHash, nowMs);
      if (ended !== undefined) location = await endAtProvider(ended, returnTo);
    }
    context.cookies.push(clearCookie(cookieName, 'Strict'));
    return redirect(location);
  });
}
