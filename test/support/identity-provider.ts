/**
 * A real OpenID provider in the test's own process: it signs in whoever the test says without asking,
 * rotates refresh tokens, and can be told to fail.
 *
 * @module
 */
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the provider treats calls of the gateway. `hang` never answers. */
export type Weather = 'fine' | 'hang' | { readonly status: number; readonly body?: string };

export interface IdentityProvider {
  readonly issuer: string;
  /** Who signs in next. */
  account: string;
  /** Claims of everybody's ID token, beside `sub`. */
  claims: Record<string, unknown>;
  /** What happens to calls of the token endpoint. */
  weather: Weather;
  /** Whether it breaks every connection. */
  isDown: boolean;
  /** Calls of the token endpoint so far, by grant type. */
  readonly grants: readonly string[];
  /** Every answer of the token endpoint, as text: what must never be seen anywhere else. */
  readonly secrets: readonly string[];
  /** Breaks the connections of the calls that hang. */
  dropHung(): void;
  /** Whether the provider would still accept a token. */
  isActive(token: string): Promise<boolean>;
  /** Signs a JWT with the provider's own key. */
  readonly privateKey: ReturnType<typeof generateKeyPairSync>['privateKey'];
  readonly keyId: string;
  /** Resolves when the provider has posted so many logout tokens; what they were answered. */
  readonly logoutAnswers: readonly number[];
  readonly logoutTokens: readonly string[];
  close(): Promise<void>;
}

export interface IdentityProviderOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where the gateway is. */
  readonly publicOrigin: string;
  readonly resource: string;
  /** Seconds. Default 60. */
  readonly accessTokenSeconds?: number;
}

/** The little of `oidc-provider` that this file uses; its own types are another package. */
interface Provider {
  callback(): (request: IncomingMessage, response: ServerResponse) => void;
  interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>;
  readonly Grant: {
    new (properties: object): Grant;
    find(id: string): Promise<Grant | undefined>;
  };
  readonly AccessToken: TokenModel;
  readonly RefreshToken: TokenModel;
  on(event: string, listener: (...facts: unknown[]) => void): void;
}

interface Grant {
  addOIDCScope(scope: string): void;
  addResourceScope(resource: string, scope: string): void;
  save(): Promise<string>;
}

interface TokenModel {
  find(token: string): Promise<{ readonly isValid: boolean } | undefined>;
}

interface Context {
  readonly oidc: {
    readonly provider: Provider;
    readonly client: { readonly clientId: string };
    readonly session: { readonly accountId: string; grantIdFor(clientId: string): string | undefined };
  };
  body: unknown;
}

/** Starts the provider on a free port. */
export async function startIdentityProvider(options: IdentityProviderOptions): Promise<IdentityProvider> {
  const server = createServer();
  const issuer = await listen(server, '127.0.0.1');
  const { publicKey: _unused, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const keyId = 'test-key';
  const grants: string[] = [];
  const secrets: string[] = [];
  const logoutAnswers: number[] = [];
  const logoutTokens: string[] = [];
  const hung = new Set<ServerResponse>();
  const state = {
    account: 'usr_0001',
    claims: {} as Record<string, unknown>,
    weather: 'fine' as Weather,
    isDown: false,
  };
  const scopes = 'profile:read orders:read';

  const provider = await makeProvider(issuer, {
    clients: [
      {
        client_id: options.clientId,
        client_secret: options.clientSecret,
        redirect_uris: [`${options.publicOrigin}/bff/callback`],
        post_logout_redirect_uris: [`${options.publicOrigin}/`],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        backchannel_logout_uri: `${options.publicOrigin}/bff/backchannel-logout`,
        backchannel_logout_session_required: true,
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: keyId, use: 'sig', alg: 'RS256' }] },
    cookies: { keys: ['a key for the cookies of the provider'] },
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    claims: { openid: ['sub', 'roles', 'tenant'], profile: ['name', 'picture'], email: ['email'] },
    conformIdTokenClaims: false,
    rotateRefreshToken: true,
    issueRefreshToken: async () => true,
    findAccount: async (_ctx: unknown, accountId: string) => ({
      accountId,
      claims: async () => ({ sub: accountId, name: `Name of ${accountId}`, ...state.claims }),
    }),
    loadExistingGrant: async ({ oidc }: Context) => {
      const known = oidc.session.grantIdFor(oidc.client.clientId);
      if (known !== undefined) return oidc.provider.Grant.find(known);
      const grant = new oidc.provider.Grant({
        clientId: oidc.client.clientId,
        accountId: oidc.session.accountId,
      });
      grant.addOIDCScope('openid profile email offline_access');
      grant.addResourceScope(options.resource, scopes);
      await grant.save();
      return grant;
    },
    ttl: {
      AccessToken: options.accessTokenSeconds ?? 60,
      AuthorizationCode: 60,
      Grant: 86_400,
      IdToken: 3_600,
      Interaction: 600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
    interactions: { url: (_ctx: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      revocation: { enabled: true, allowedPolicy: async () => true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: async (ctx: Context, form: string) => {
          ctx.body = form;
        },
      },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: async () => ({
          scope: scopes,
          audience: options.resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: options.accessTokenSeconds ?? 60,
        }),
        useGrantedResource: async () => true,
      },
    },
    // Its own guard against requests to private networks would keep it from this machine.
    fetch: async (
      url: string,
      { dispatcher: _dispatcher, ...init }: RequestInit & { dispatcher?: unknown },
    ) => {
      const token = new URLSearchParams(String(init.body)).get('logout_token');
      const answer = await globalThis.fetch(url, init);
      if (token !== null) {
        logoutTokens.push(token);
        logoutAnswers.push(answer.status);
      }
      return answer;
    },
  });
  const handle = provider.callback();
  server.on('request', (request, response) => {
    const path = request.url ?? '/';
    if (state.isDown) return request.socket.destroy();
    if (path.startsWith('/interaction/')) {
      void provider.interactionFinished(request, response, { login: { accountId: state.account } });
      return;
    }
    if (path !== '/token') return handle(request, response);
    const { weather } = state;
    watchToken(request, response, { grants, secrets });
    if (weather === 'fine') return handle(request, response);
    request.resume();
    if (weather === 'hang') return hung.add(response);
    response.writeHead(weather.status, { 'content-type': 'application/json' }).end(weather.body);
  });
  return Object.assign(state, {
    issuer,
    grants,
    secrets,
    logoutAnswers,
    logoutTokens,
    privateKey,
    keyId,
    dropHung() {
      for (const response of hung) response.destroy();
      hung.clear();
    },
    async isActive(token: string) {
      const found = (await provider.RefreshToken.find(token)) ?? (await provider.AccessToken.find(token));
      return found?.isValid ?? false;
    },
    close: () => close(server),
  });
}

/** Listens on a free port; the origin. */
export async function listen(server: Server, hostname: string): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, hostname, resolve));
  return `http://${hostname}:${(server.address() as AddressInfo).port}`;
}

export async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

async function makeProvider(issuer: string, configuration: object): Promise<Provider> {
  const name: string = 'oidc-provider'; // without types of its own
  const { Provider } = (await import(name)) as {
    readonly Provider: new (issuer: string, configuration: object) => Provider;
  };
  // Named, because the same one as a default warns on the console.
  const { createMemoryAdapter } = (await import(`${name}/lib/adapters/memory_adapter.js`)) as {
    readonly createMemoryAdapter: (toleranceSeconds: number) => unknown;
  };
  return new Provider(issuer, { ...configuration, adapter: createMemoryAdapter(0) });
}

interface Watched {
  readonly grants: string[];
  readonly secrets: string[];
}

function watchToken(request: IncomingMessage, response: ServerResponse, { grants, secrets }: Watched): void {
  let body = '';
  request.on('data', (chunk: Buffer) => {
    body += chunk.toString();
  });
  request.on('end', () => grants.push(new URLSearchParams(body).get('grant_type') ?? 'none'));
  const end = response.end.bind(response);
  response.end = ((...content: Parameters<typeof end>) => {
    const answer: unknown = content[0];
    if (typeof answer === 'string' || Buffer.isBuffer(answer)) secrets.push(...tokensIn(answer.toString()));
    return end(...content);
  }) as typeof response.end;
}

function tokensIn(answer: string): string[] {
  try {
    const { access_token, refresh_token, id_token } = JSON.parse(answer) as Record<string, unknown>;
    return [access_token, refresh_token, id_token].filter((token) => typeof token === 'string');
  } catch {
    return [];
  }
}
