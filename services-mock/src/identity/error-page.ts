/**
 * What a person sees when a request to the identity provider cannot be answered, and is not theirs to mend.
 *
 * @module
 */
import type { OidcContext } from 'oidc-provider';
import { html, type Page, pageOf } from './page.ts';
import { send } from './sign-out-page.ts';

/** An OAuth error, as a program would get it. */
export interface OAuthError {
  readonly error: string;
  readonly error_description?: string;
}

/** Makes the page. */
export function problemPage({ error, error_description: description }: OAuthError): Page {
  return pageOf({
    title: 'This did not work',
    content: html`<h1>This did not work</h1>
<p class="lead">${description ?? 'The identity provider cannot answer this request.'}</p>
<p class="lead"><code>${error}</code></p>`,
  });
}

/** Shows an error of oidc-provider to a browser. */
export async function errorPage(context: OidcContext, out: OAuthError): Promise<void> {
  send(context, problemPage(out));
}
