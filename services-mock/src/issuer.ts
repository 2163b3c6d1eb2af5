/**
 * The identity issuer of the shop, for development only: it signs in the known accounts by password and
 * gives any scope that is asked for. Real issuers do neither.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.3 RFC 6749}, password grant and errors
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414 RFC 8414}, metadata
 * @module
 */
import { type Context, Hono } from 'hono';
import { ACCOUNTS } from './data/accounts.ts';
import { createSigningKey, type SigningKey } from './issuer-keys.ts';
import { AUDIENCES, DEFAULT_LIFETIME_SECONDS, DEFAULT_SCOPE, type Issuer, mintToken } from './mint-token.ts';

type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_grant'
  | 'invalid_scope'
  | 'invalid_target'
  | 'unsupported_grant_type';

/** A refusal of the token endpoint. */
class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly code: OAuthErrorCode;

  constructor(code: OAuthErrorCode, description: string) {
    super(description);
    this.code = code;
  }
}

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

/** Builds the app of the issuer. */
export function createIssuerApp(issuer: Issuer): Hono {
  const app = new Hono();
  app.onError((error, c) => {
    if (!(error instanceof OAuthError)) return c.json({ error: 'server_error' }, 500);
    return c.json({ error: error.code, error_description: error.message }, 400, {
      'Cache-Control': 'no-store',
    });
  });
  app.notFound((c) => c.json({ error: 'not_found' }, 404));
  app.get('/.well-known/openid-configuration', (c) => c.json(metadataOf(issuer)));
  app.get('/jwks', async (c) => {
    const { publicJwk } = await issuer.signingKey();
    return c.json({ keys: [publicJwk] }, 200, { 'Cache-Control': 'public, max-age=60' });
  });
  app.post('/token', async (c) => {
    const { user, clientId, audience, scope } = readGrant(await readForm(c));
    const token = await mintToken(issuer, { user, clientId, audience, scope });
    const answer = { access_token: token, token_type: 'Bearer', expires_in: DEFAULT_LIFETIME_SECONDS, scope };
    return c.json(answer, 200, { 'Cache-Control': 'no-store' });
  });
  return app;
}

function metadataOf({ url }: Issuer): Readonly<Record<string, unknown>> {
  return {
    issuer: url,
    token_endpoint: `${url}/token`,
    jwks_uri: `${url}/jwks`,
    grant_types_supported: ['password'],
    response_types_supported: [],
    scopes_supported: DEFAULT_SCOPE.split(' '),
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['none'],
  };
}

/** A parameter that is sent twice or left empty counts as an error or as absent (RFC 6749, section 3.2). */
async function readForm(c: Context): Promise<ReadonlyMap<string, string>> {
  const type = c.req.header('Content-Type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') {
    throw new OAuthError('invalid_request', 'The body must be application/x-www-form-urlencoded.');
  }
  const pairs = [...new URLSearchParams(await c.req.text())].filter(([, value]) => value !== '');
  const form = new Map(pairs);
  if (form.size < pairs.length) throw new OAuthError('invalid_request', 'A parameter is given twice.');
  return form;
}

interface Grant {
  readonly user: string;
  readonly clientId: string;
  readonly audience: readonly string[];
  readonly scope: string;
}

function readGrant(form: ReadonlyMap<string, string>): Grant {
  if (required(form, 'grant_type') !== 'password') {
    throw new OAuthError('unsupported_grant_type', 'Only the password grant is supported.');
  }
  const user = required(form, 'username');
  const password = required(form, 'password');
  if (!ACCOUNTS.some(({ login }) => login === user && login === password)) {
    throw new OAuthError('invalid_grant', 'The user name or the password is wrong.');
  }
  const audience = form.get('audience');
  if (audience !== undefined && !/^[a-z][a-z0-9-]*$/.test(audience)) {
    throw new OAuthError('invalid_target', 'The audience must be the name of a BFF, such as web.');
  }
  const scope = form.get('scope') ?? DEFAULT_SCOPE;
  if (!/^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/.test(scope)) {
    throw new OAuthError('invalid_scope', 'A scope has a character that is not allowed.');
  }
  return {
    user,
    clientId: required(form, 'client_id'),
    audience: audience === undefined ? AUDIENCES : [audience],
    scope,
  };
}

function required(form: ReadonlyMap<string, string>, name: string): string {
  const value = form.get(name);
  if (value === undefined) throw new OAuthError('invalid_request', `${name} is missing.`);
  return value;
}
