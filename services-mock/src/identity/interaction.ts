/**
 * The sign-in step of the code flow: `GET /interaction/ID` shows the page, `POST` takes what was typed. Who
 * may is decided by oidc-provider's cookie, which belongs to one sign-in of one browser.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OidcInteraction, Provider } from 'oidc-provider';
import { problemPage } from './error-page.ts';
import type { Page } from './page.ts';
import { signIn } from './people.ts';
import { signInPage } from './sign-in-page.ts';

const maxFormBytes = 4_096;

/** Whether a request belongs here. */
export function isInteraction(path: string): boolean {
  return path.startsWith('/interaction/');
}

/** Answers one request. Never rejects. */
export async function answerInteraction(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const interaction = await provider.interactionDetails(request, response).catch(() => undefined);
  if (interaction === undefined || request.url !== `/interaction/${interaction.uid}`) {
    const error_description =
      'This sign-in has ended or was begun in another browser. Go back and sign in again.';
    return send(response, 400, problemPage({ error: 'invalid_request', error_description }));
  }
  if (request.method !== 'POST') return send(response, 200, pageFor(interaction));
  const form = await readForm(request);
  const login = form?.get('login') ?? '';
  const account = signIn(login, form?.get('password') ?? '');
  if (account === undefined) return send(response, 401, pageFor(interaction, login.slice(0, 64)));
  const result = { login: { accountId: account.userId } };
  const location = await provider.interactionResult(request, response, result);
  response.writeHead(303, { location, 'cache-control': 'no-store' }).end();
}

function pageFor({ uid, params }: OidcInteraction, refused?: string): Page {
  return signInPage({
    action: `/interaction/${uid}`,
    client: params.client_id === 'shop-web' ? 'Acme Shop' : 'Acme',
    redirectUri: String(params.redirect_uri),
    refused,
  });
}

function send(response: ServerResponse, status: number, { headers, body }: Page): void {
  response.writeHead(status, headers).end(body);
}

/** The fields of a form, unless it is none or too long. */
async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  if (request.headers['content-type']?.split(';')[0] !== 'application/x-www-form-urlencoded')
    return undefined;
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > maxFormBytes) return undefined;
  }
  return new URLSearchParams(text);
}
