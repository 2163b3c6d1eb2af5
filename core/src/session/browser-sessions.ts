/**
 * Browser sessions: the person signs in at an OpenID provider, the gateway keeps the tokens, the browser
 * gets a cookie that means nothing anywhere else.
 *
 * @see {@link https://datatracker.ietf.org/doc/draft-ietf-oauth-browser-based-apps/ OAuth 2.0 for Browser-Based Applications}, section 6.1
 * @module
 */
import type { EventBus } from '../context/event-bus.ts';
import type { SignIn } from '../endpoint/sign-in.ts';
import { challenge, sessionAuthenticator } from './authenticate.ts';
import { backchannelLogout } from './backchannel-logout.ts';
import { callbackEndpoint } from './callback.ts';
import { loginEndpoint } from './login.ts';
import { logoutEndpoint } from './logout.ts';
import { oidcClient } from './oidc-client.ts';
import { type BrowserSessionsOptions, resolveOptions } from './options.ts';
import { paths, type SessionParts } from './parts.ts';
import { SessionStore } from './session-store.ts';
import { Transactions } from './transaction.ts';
import { userEndpoint } from './user.ts';

/**
 * Signs people in by OpenID Connect and knows them by a session cookie. Brings `GET /bff/login`,
 * `/bff/callback`, `/bff/user`, `/bff/logout` and `POST /bff/backchannel-logout`. Name it first among the
 * ways of `identity`. The record store stays open: whoever made it closes it.
 *
 * A call with the cookie needs the header `X-CSRF: 1`, also for GET, unless its endpoint says
 * `antiForgery: false`. A provider or a store that is away answers 503 `dependency-unavailable`, never 401.
 *
 * @throws {RangeError} for an unknown option, one out of range, or one that would make sessions unsafe.
 */
export function browserSessions(options: BrowserSessionsOptions): SignIn {
  const resolved = resolveOptions(options);
  const { records, ring, issuer, idleMs, absoluteMs, publicOrigin } = resolved;
  let bus: EventBus | undefined;
  const provider = oidcClient({ ...resolved, redirectUri: publicOrigin + paths.callback });
  const parts: SessionParts = {
    options: resolved,
    provider,
    store: new SessionStore({ records, seal: ring('session'), issuer, idleMs, absoluteMs }),
    transactions: new Transactions({
      seal: ring('login'),
      records,
      sessionCookie: resolved.cookieName,
    }),
    found: new WeakMap(),
    events: () => bus,
  };
  const backchannel = backchannelLogout(parts);
  return {
    name: 'session',
    challenge,
    ...(records.isLocal === true ? { remembersAlone: ['sessions'] } : {}),
    form: {
      summary: `The session of a browser that signed in at ${paths.login}.`,
      places: [{ kind: 'cookie', cookie: resolved.cookieName }],
      problems: ['bad-request-header', 'session-ended', 'csrf-failed', 'dependency-unavailable'],
    },
    authenticate: sessionAuthenticator(parts),
    endpoints: [
      loginEndpoint(parts),
      callbackEndpoint(parts),
      userEndpoint(parts),
      logoutEndpoint(parts),
      backchannel.endpoint,
    ],
    watch(events) {
      bus = events;
    },
    async close() {
      await backchannel.close();
      await provider.close();
    },
  };
}
