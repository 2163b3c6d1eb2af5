/**
 * The grants that the identity provider has beside those of oidc-provider. All of them give access tokens for
 * one audience; the password grant, for curl in development, gives them for all gateways unless told.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.3 RFC 6749}, password and client credentials
 * @see {@link https://www.rfc-editor.org/rfc/rfc8693 RFC 8693}, token exchange
 * @module
 */
import { createLocalJWKSet, jwtVerify } from 'jose';
import { errors, type OidcContext, type Provider } from 'oidc-provider';
import { DEFAULT_LIFETIME_SECONDS, type Issuer, mintToken, type TokenRequest } from '../mint-token.ts';
import { ALL_SCOPES, audienceOf, GATEWAYS, isAudience, SHOPPER_SCOPE } from './audiences.ts';
import { TOKEN_EXCHANGE } from './clients.ts';
import { signIn } from './people.ts';

type Params = OidcContext['oidc']['params'];

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const exchangedLifetimeSeconds = 300;

/** Registers them. */
export function registerGrants(provider: Provider, issuer: Issuer): void {
  provider.registerGrantType(
    'password',
    async function grantForPassword(context) {
      const params = context.oidc.params;
      const account = signIn(required(params, 'username'), required(params, 'password'));
      if (account === undefined) throw new errors.InvalidGrant('the user name or the password is wrong');
      const audience = requestedAudience(params);
      const scope = params.scope ?? SHOPPER_SCOPE;
      const clientId = clientOf(context);
      context.body = await answer(issuer, { user: account.userId, audience, scope, clientId });
    },
    ['username', 'password', 'scope', 'audience', 'resource'],
  );
  provider.registerGrantType(
    'client_credentials',
    async function grantForClient(context) {
      const params = context.oidc.params;
      const scope = params.scope ?? '';
      requireSubset(scope, ALL_SCOPES);
      const clientId = clientOf(context);
      const audience = oneAudience(params);
      context.body = await answer(issuer, { user: clientId, audience, scope, clientId });
    },
    ['scope', 'audience', 'resource'],
  );
  provider.registerGrantType(
    TOKEN_EXCHANGE,
    async function exchangeToken(context) {
      const params = context.oidc.params;
      const clientId = clientOf(context);
      const audience = oneAudience(params);
      const subject = await verifySubject(issuer, params);
      const scope = params.scope ?? subject.scope;
      requireSubset(scope, subject.scope);
      const expiresInSeconds = Math.min(exchangedLifetimeSeconds, subject.secondsLeft);
      const token = { user: subject.id, audience, scope, clientId, expiresInSeconds, actor: clientId };
      context.body = { ...(await answer(issuer, token)), issued_token_type: ACCESS_TOKEN };
    },
    [
      'subject_token',
      'subject_token_type',
      'requested_token_type',
      'actor_token',
      'scope',
      'audience',
      'resource',
    ],
  );
}

async function answer(issuer: Issuer, token: TokenRequest): Promise<Readonly<Record<string, unknown>>> {
  return {
    access_token: await mintToken(issuer, token),
    token_type: 'Bearer',
    expires_in: token.expiresInSeconds ?? DEFAULT_LIFETIME_SECONDS,
    scope: token.scope,
  };
}

/** Whom the token shall be for, by name or by address; all gateways when the client does not say. */
function requestedAudience({ audience, resource }: Params): readonly string[] {
  if (audience === undefined && resource === undefined) return GATEWAYS;
  const named = audience ?? audienceOf(String(resource));
  const addressed = resource === undefined ? named : audienceOf(resource);
  if (named !== undefined && named === addressed && isAudience(named)) return [named];
  throw new errors.InvalidTarget('the audience must be the name of one gateway or service, such as web');
}

function oneAudience(params: Params): readonly string[] {
  const audience = requestedAudience(params);
  if (audience.length === 1) return audience;
  throw new errors.InvalidTarget('the audience is missing; name one gateway or service');
}

interface Subject {
  readonly id: string;
  readonly scope: string;
  readonly secondsLeft: number;
}

/** The token to exchange must be ours, alive, and for a gateway. */
async function verifySubject(issuer: Issuer, params: Params): Promise<Subject> {
  const token = required(params, 'subject_token');
  if (required(params, 'subject_token_type') !== ACCESS_TOKEN) {
    throw new errors.InvalidRequest('subject_token_type must be that of an access token');
  }
  if ((params.requested_token_type ?? ACCESS_TOKEN) !== ACCESS_TOKEN) {
    throw new errors.InvalidRequest('requested_token_type must be that of an access token');
  }
  if (params.actor_token !== undefined) throw new errors.InvalidRequest('actor_token is not supported');
  const { publicJwk } = await issuer.signingKey();
  const nowMs = issuer.now();
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: [publicJwk] }), {
      issuer: issuer.url,
      audience: [...GATEWAYS],
      typ: 'at+jwt',
      algorithms: ['RS256'],
      requiredClaims: ['sub', 'exp'],
      currentDate: new Date(nowMs),
    });
    const { sub = '', exp = 0, scope } = payload;
    const secondsLeft = exp - Math.floor(nowMs / 1_000);
    return { id: sub, scope: typeof scope === 'string' ? scope : '', secondsLeft };
  } catch {
    throw new errors.InvalidRequest('subject_token is not an access token of this issuer that is valid now');
  }
}

function requireSubset(scope: string, allowed: string): void {
  const all = new Set(allowed.split(' '));
  if (scope !== '' && scope.split(' ').some((each) => !all.has(each))) {
    throw new errors.InvalidScope('the scope is more than may be given');
  }
}

function clientOf({ oidc }: OidcContext): string {
  if (oidc.client === undefined) throw new errors.InvalidRequest('client_id is missing');
  return oidc.client.clientId;
}

function required(params: Params, name: string): string {
  const value = params[name];
  if (value === undefined || value === '') throw new errors.InvalidRequest(`${name} is missing`);
  return value;
}
