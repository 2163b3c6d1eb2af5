/**
 * The page where people sign in: the demo users by one click, or anyone by name and password.
 *
 * @module
 */
import { ACCOUNTS, type Account } from '../data/accounts.ts';
import { type Html, html, type Page, pageOf } from './page.ts';

/** What the page is about. */
export interface SignInPageOptions {
  /** Where its forms go. */
  readonly action: string;
  /** Which program sent the person here. */
  readonly client: string;
  /** Where the browser goes afterwards. */
  readonly redirectUri: string;
  /** What was typed before it went wrong; nothing has been tried without it. */
  readonly refused?: string | undefined;
}

/** Makes the page. */
export function signInPage({ action, client, redirectUri, refused }: SignInPageOptions): Page {
  const complaint =
    refused === undefined
      ? html``
      : html`<p class="wrong" role="alert" id="wrong">The user name or the password is wrong. In this shop the password is the user name.</p>`;
  return pageOf({
    title: refused === undefined ? `Sign in to ${client}` : `Sign-in failed – ${client}`,
    leadsTo: redirectUri,
    content: html`<h1>Sign in to ${client}</h1>
<p class="lead">Pick one of the demo customers, or type a user name.</p>
${complaint}
<ul class="people">
${ACCOUNTS.map((account) => personOf(account, action))}
</ul>
<p class="or">or with a password</p>
<form method="post" action="${action}">
<label>User name<input name="login" required maxlength="64" autocomplete="username" autocapitalize="none" spellcheck="false" value="${refused ?? ''}"></label>
<label>Password<input name="password" type="password" required maxlength="64" autocomplete="current-password"></label>
<button class="main" type="submit">Sign in</button>
</form>`,
  });
}

function personOf({ login, name, tier, orders }: Account, action: string): Html {
  const initials = name
    .split(' ')
    .map((word) => word.charAt(0))
    .join('');
  return html`<li><form method="post" action="${action}">
<input type="hidden" name="login" value="${login}"><input type="hidden" name="password" value="${login}">
<button class="person" type="submit"><i aria-hidden="true">${initials}</i><span><b>${name}</b><small>${login} · ${tier} · ${String(orders)} orders</small></span></button>
</form></li>
`;
}
