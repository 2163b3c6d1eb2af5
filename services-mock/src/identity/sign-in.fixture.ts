/**
 * For tests: a browser as far as the identity provider can tell, and the two ends of the code flow.
 *
 * @module
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Services } from '../start-services.ts';
import { DEFAULT_WEB_ORIGIN, WEB_CLIENT } from './clients.ts';

/** Follows nothing by itself and keeps cookies. */
export interface Browser {
  visit(url: string | URL, form?: Readonly<Record<string, string>>): Promise<Response>;
}

/** Opens a browser without a past. */
export function openBrowser(base: string): Browser {
  const jar = new Map<string, string>();
  return {
    async visit(url, form) {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(new URL(url, base), {
        redirect: 'manual',
        headers: { cookie, accept: 'text/html' },
        ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
      });
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (value === '') jar.delete(name);
        else jar.set(name, value);
      }
      return response;
    },
  };
}

/** Where an answer leads to. */
export function locationOf(response: Response): URL {
  return new URL(response.headers.get('location') ?? 'nowhere:', response.url);
}

/** One sign-in of the web BFF, from its first step to the code. */
export interface SignIn {
  readonly browser: Browser;
  readonly verifier: string;
  /** The address the browser is sent back to, with the code. */
  readonly callback: URL;
}

export const callbackUrl = `${DEFAULT_WEB_ORIGIN}/bff/callback`;

/** The address of the first step; `changed` replaces parameters. */
export function authorizationUrl(
  { urls }: Services,
  verifier: string,
  changed: Readonly<Record<string, string>> = {},
): URL {
  const url = new URL('/auth', urls.issuer);
  url.search = new URLSearchParams({
    client_id: WEB_CLIENT.id,
    response_type: 'code',
    redirect_uri: callbackUrl,
    scope: 'openid profile email profile:read orders:read',
    state: 'the-state',
    nonce: 'the-nonce',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...changed,
  }).toString();
  return url;
}

/** Signs Ada in with her password. */
export async function signInByCode(
  services: Services,
  changed: Readonly<Record<string, string>> = {},
  browser: Browser = openBrowser(services.urls.issuer),
): Promise<SignIn> {
  const verifier = randomBytes(32).toString('base64url');
  const page = locationOf(await browser.visit(authorizationUrl(services, verifier, changed)));
  const signedIn = await browser.visit(page, { login: 'ada', password: 'ada' });
  return { browser, verifier, callback: locationOf(await browser.visit(locationOf(signedIn))) };
}

/** Asks the token endpoint. */
export async function askToken(
  { urls }: Services,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }> {
  const response = await fetch(`${urls.issuer}/token`, {
    method: 'POST',
    headers,
    body: new URLSearchParams(form),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** Gives the code back for tokens. */
export function redeem(
  services: Services,
  { callback, verifier }: SignIn,
  headers: Readonly<Record<string, string>> = {},
): ReturnType<typeof askToken> {
  const form = {
    grant_type: 'authorization_code',
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: callbackUrl,
    code_verifier: verifier,
    client_id: WEB_CLIENT.id,
    client_secret: WEB_CLIENT.secret,
  };
  return askToken(services, form, headers);
}
