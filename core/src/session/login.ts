/**
 * `GET /bff/login`: remembers where the person wants to go and sends the browser to the provider.
 *
 * @module
 */
import { randomNonce, randomPKCECodeVerifier, randomState } from 'openid-client';
import { z } from 'zod';
import { type Endpoint, endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { cookieValues } from './cookie.ts';
import { paths, redirect, type SessionParts } from './parts.ts';
import { requireReturnTo } from './return-to.ts';
import { idHashOf } from './session-store.ts';

export function loginEndpoint({ options, provider, transactions }: SessionParts): Endpoint {
  const { clock, cookieName } = options;
  return endpoint('GET', paths.login, {
    summary: 'Signs in: sends the browser to the identity provider.',
    access: anyone(),
    antiForgery: false, // a page to navigate to
    deadlineMs: 5_000,
    query: z.object({
      returnTo: z.string().default('/'),
      prompt: z.enum(['none', 'login', 'consent', 'select_account']).optional(),
    }),
  }).answer(async ({ input, context }) => {
    const returnTo = requireReturnTo(input.query.returnTo);
    const checks = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
    const location = await provider.authorizationUrl(checks, input.query.prompt);
    const [id = ''] = cookieValues(context.inbound, cookieName);
    const replaces = idHashOf(id);
    const transaction = { ...checks, returnTo, startedMs: clock.wallMs() };
    context.cookies.push(
      ...transactions.begin(
        context.inbound,
        replaces === undefined ? transaction : { ...transaction, replaces },
      ),
    );
    return redirect(location);
  });
}
