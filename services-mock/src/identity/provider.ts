/**
 * The identity provider itself: oidc-provider, told what this company does. First-party clients only, so
 * nobody is asked for consent; PKCE for all; access tokens are JSON Web Tokens for one gateway.
 *
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html OpenID Connect Core}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9700 RFC 9700}, OAuth security best practice
 * @module
 */
import { randomBytes } from 'node:crypto';
import {
  errors,
  interactionPolicy,
  type OidcAccount,
  type OidcContext,
  type OidcSource,
  Provider,
} from 'oidc-provider';
import { DEFAULT_LIFETIME_SECONDS, type Issuer } from '../mint-token.ts';
import { ALL_SCOPES, audienceOf } from './audiences.ts';
import { clientsFor, defaultResourceOf } from './clients.ts';
import { errorPage } from './error-page.ts';
import { registerGrants } from './grants.ts';
import { memoryRecords } from './memory-records.ts';
import { claimsOf, findAccount, TENANT } from './people.ts';
import { signedOutPage, signOutPage } from './sign-out-page.ts';

const day = 24 * 3_600;

/** Makes the provider of one start. */
export async function createProvider(issuer: Issuer, webOrigins: readonly string[]): Promise<Provider> {
  const { privateJwk } = await issuer.signingKey();
  const provider = new Provider(issuer.url, {
    adapter: () => memoryRecords(issuer.now),
    clients: clientsFor(webOrigins),
    jwks: { keys: [privateJwk] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    claims: {
      openid: ['sub', 'tenant', 'roles'],
      profile: ['name', 'preferred_username'],
      email: ['email', 'email_verified'],
    },
    responseTypes: ['code'],
    conformIdTokenClaims: false, // the ID token says who it is, no second request needed
    findAccount: (_context: unknown, id: string) => accountOf(id),
    extraTokenClaims: (_context: unknown, token: OidcSource) => extraClaims(token),
    loadExistingGrant: (context: OidcContext) => grantEverything(provider, context),
    interactions: {
      policy: signInOnly(),
      url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}`,
    },
    issueRefreshToken: (_context: unknown, client: { grantTypeAllowed(type: string): boolean }) =>
      client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    pkce: { required: () => true },
    clientBasedCORS: () => false,
    renderError: errorPage,
    // The backchannel goes to this machine, which oidc-provider's own dispatcher refuses to talk to.
    fetch: (url: string, { dispatcher: _, ...options }: RequestInit & { dispatcher?: unknown }) =>
      fetch(url, options),
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      dPoP: { enabled: true },
      revocation: { enabled: true, allowedPolicy: isOwnToken },
      rpInitiatedLogout: { enabled: true, logoutSource: signOutPage, postLogoutSuccessSource: signedOutPage },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_context: unknown, client: { clientId: string }, oneOf?: unknown) =>
          oneOf ?? defaultResourceOf(client.clientId),
        useGrantedResource: () => true,
        getResourceServerInfo: (_context: unknown, resource: string) => resourceServer(resource),
      },
    },
    ttl: {
      AccessToken: DEFAULT_LIFETIME_SECONDS,
      AuthorizationCode: 60,
      IdToken: DEFAULT_LIFETIME_SECONDS,
      Interaction: 600,
      RefreshToken: day,
      Session: day,
      Grant: day,
    },
  });
  provider.silent = true;
  provider.on('server_error', (_context, error) => process.emitWarning(error));
  registerGrants(provider, issuer);
  return provider;
}

function accountOf(id: string): OidcAccount | undefined {
  const account = findAccount(id);
  if (account === undefined) return undefined;
  return { accountId: account.userId, claims: async () => claimsOf(account) };
}

function extraClaims({ accountId }: OidcSource): Readonly<Record<string, unknown>> {
  const account = accountId === undefined ? undefined : findAccount(accountId);
  return { tenant: TENANT, ...(account === undefined ? {} : { roles: account.roles }) };
}

/** Consent is for programs of others. */
function signInOnly(): unknown {
  const policy = interactionPolicy.base();
  policy.remove('consent');
  return policy;
}

/** What a client of the company asks for, it gets. */
async function grantEverything(provider: Provider, { oidc }: OidcContext): Promise<unknown> {
  const { client, session } = oidc;
  if (client === undefined || session?.accountId === undefined) return undefined;
  const known = session.grantIdFor(client.clientId);
  const found = known === undefined ? undefined : await provider.Grant.find(known);
  const grant = found ?? new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope([...oidc.requestParamOIDCScopes].join(' '));
  for (const [resource, { scopes }] of Object.entries(oidc.resourceServers)) {
    grant.addResourceScope(resource, [...scopes].join(' '));
  }
  await grant.save();
  return grant;
}

function resourceServer(resource: string): Readonly<Record<string, unknown>> {
  const audience = audienceOf(resource);
  if (audience === undefined) throw new errors.InvalidTarget('nobody has this resource indicator');
  return {
    audience,
    scope: ALL_SCOPES,
    accessTokenFormat: 'jwt',
    accessTokenTTL: DEFAULT_LIFETIME_SECONDS,
    jwt: { sign: { alg: 'RS256' } },
  };
}

function isOwnToken(_context: unknown, client: { clientId: string }, token: { clientId: string }): boolean {
  return token.clientId === client.clientId;
}
