/**
 * The programs that the identity provider knows. Their secrets are for development and no secrets at all.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9700 RFC 9700}, best practice: code flow with PKCE for all
 * @module
 */
import { resourceOf } from './audiences.ts';

/** `grant_type` of a token exchange. */
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** Where the web BFF of `npm start` is. */
export const DEFAULT_WEB_ORIGIN = 'http://localhost:4001';

/** The browser app's BFF: confidential, code flow. */
export const WEB_CLIENT = { id: 'shop-web', secret: 'shop-web-secret-for-development-only' } as const;
/** The phone app: public, code flow with PKCE; in development a password does, for curl. */
const MOBILE_CLIENT = { id: 'shop-mobile' } as const;
/** The gateways among themselves: their own tokens, and those of their callers exchanged. */
export const BACKEND_CLIENT = {
  id: 'shop-backend',
  secret: 'shop-backend-secret-for-development-only',
} as const;

/** Where a phone gets its code. */
const mobileRedirects = ['com.acme.shop:/callback', 'http://127.0.0.1/callback'];

/**
 * The clients as oidc-provider wants them.
 *
 * @param webOrigins Where the web BFF can be reached; the first is told when somebody signs out elsewhere.
 */
export function clientsFor(webOrigins: readonly string[]): readonly Readonly<Record<string, unknown>>[] {
  return [
    {
      client_id: WEB_CLIENT.id,
      client_secret: WEB_CLIENT.secret,
      client_name: 'Acme Shop',
      redirect_uris: webOrigins.map((origin) => `${origin}/bff/callback`),
      post_logout_redirect_uris: webOrigins.flatMap((origin) => [origin, `${origin}/`]),
      backchannel_logout_uri: `${webOrigins[0]}/bff/backchannel-logout`,
      backchannel_logout_session_required: true,
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    },
    {
      client_id: MOBILE_CLIENT.id,
      client_name: 'Acme Shop for phones',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      redirect_uris: mobileRedirects,
      post_logout_redirect_uris: mobileRedirects,
      grant_types: ['authorization_code', 'refresh_token', 'password'],
      response_types: ['code'],
    },
    {
      client_id: BACKEND_CLIENT.id,
      client_secret: BACKEND_CLIENT.secret,
      client_name: 'Acme gateways',
      redirect_uris: [],
      grant_types: ['client_credentials', TOKEN_EXCHANGE],
      response_types: [],
    },
  ];
}

/** The resource whose token a client means when it names none. */
export function defaultResourceOf(clientId: string): string | undefined {
  if (clientId === WEB_CLIENT.id) return resourceOf('web');
  return clientId === MOBILE_CLIENT.id ? resourceOf('mobile') : undefined;
}
