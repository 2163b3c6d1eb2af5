/**
 * The identity provider of the shop, for development only: real OpenID Connect, with users whose password
 * is their name. It is made when somebody asks for it first; most programs that start the company never do.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import { answerInteraction, isInteraction } from './identity/interaction.ts';
import { createSigningKey, type SigningKey } from './issuer-keys.ts';
import type { Issuer } from './mint-token.ts';

/** Answers a request on a connection. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** Makes the issuer of one start. Its key is made when it is first needed. */
export function createIssuer(url: string): Issuer {
  let key: Promise<SigningKey> | undefined;
  return {
    url,
    signingKey: () => {
      key ??= createSigningKey();
      return key;
    },
    now: Date.now,
  };
}

/** Answers everything on the issuer's port. `webOrigins` is where the web BFF can be reached. */
export function createIdentityHandler(issuer: Issuer, webOrigins: readonly string[]): NodeHandler {
  let opened: Promise<{ readonly provider: Provider; readonly callback: NodeHandler }> | undefined;
  const open = async () => {
    const { createProvider } = await import('./identity/provider.ts'); // loads Koa, so not before it is needed
    const provider = await createProvider(issuer, webOrigins);
    return { provider, callback: provider.callback() };
  };

  return function answerIdentity(request, response) {
    if (request.url === '/jwks') return void answerKeys(issuer, response);
    opened ??= open();
    opened
      .then(({ provider, callback }) =>
        isInteraction(request.url ?? '')
          ? answerInteraction(provider, request, response)
          : callback(request, response),
      )
      .catch((error: unknown) => {
        process.emitWarning(error instanceof Error ? error : new Error(String(error)));
        if (!response.headersSent) response.writeHead(500);
        response.end();
      });
  };
}

/** The key set, without the provider behind it: most tests verify tokens and never sign anybody in. */
async function answerKeys(issuer: Issuer, response: ServerResponse): Promise<void> {
  const { publicJwk } = await issuer.signingKey();
  response
    .writeHead(200, { 'content-type': 'application/jwk-set+json', 'cache-control': 'public, max-age=60' })
    .end(JSON.stringify({ keys: [publicJwk] }));
}
