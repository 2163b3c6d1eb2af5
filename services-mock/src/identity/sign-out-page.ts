/**
 * The pages where people sign out of the identity provider, and with it of every program they signed in to.
 *
 * @see {@link https://openid.net/specs/openid-connect-rpinitiated-1_0.html RP-initiated logout}
 * @module
 */
import type { OidcContext } from 'oidc-provider';
import { Html, html, type Page, pageOf } from './page.ts';

/** Asks whether the person means it. `form` is oidc-provider's own, with its protection against forgery. */
export async function signOutPage(context: OidcContext, form: string): Promise<void> {
  const left = context.oidc.client?.clientName;
  const lead =
    left === undefined
      ? 'You will be signed out here and in every Acme app of this browser.'
      : `You have left ${left}. Until you sign out here too, Acme apps in this browser sign you in without a password.`;
  send(
    context,
    pageOf({
      title: 'Sign out of Acme?',
      leadsTo: context.oidc.session?.state?.postLogoutRedirectUri,
      content: html`<h1>Sign out of Acme?</h1>
<p class="lead">${lead}</p>
${new Html(form)}
<button class="main" autofocus type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button>
<button class="other" type="submit" form="op.logoutForm">Not now</button>`,
    }),
  );
}

/** Says that it is done, to who has nowhere to go back to. */
export async function signedOutPage(context: OidcContext): Promise<void> {
  send(
    context,
    pageOf({
      title: 'Signed out',
      content: html`<h1>You are signed out</h1>
<p class="lead">You can close this page.</p>`,
    }),
  );
}

/** Sends a page from inside oidc-provider. */
export function send(context: OidcContext, { headers, body }: Page): void {
  for (const [name, value] of Object.entries(headers)) context.set(name, value);
  context.body = body;
}
