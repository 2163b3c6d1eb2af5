/**
 * Access tokens as `Authorization: Bearer` or `DPoP`: JSON Web Tokens of one issuer, for one audience,
 * signed with pinned asymmetric algorithms. A verified token is remembered until it expires, because the
 * signature is the most expensive step of a request; whether it was revoked is asked every time.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068 RFC 9068}, access tokens as JWT
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449 RFC 9449}, tokens bound to a key
 * @module
 */
import { errors } from 'jose';
import { type Clock, systemClock } from '../context/clock.ts';
import type { EventBus } from '../context/event-bus.ts';
import type { Principal } from '../context/principal.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import type { Authenticator } from './authenticator.ts';
import { type Authorization, authorizationOf } from './authorization.ts';
import { type BearerOptions, checkBearerOptions } from './bearer-options.ts';
import { isCompactJws, readCompactJws } from './compact-jws.ts';
import type { CredentialForm, CredentialPlace } from './credential-form.ts';
import { type Dpop, dpopProofs } from './dpop.ts';
import { type RemoteKeys, remoteKeys } from './jwks.ts';
import { type VerifiedToken, verifiedToken } from './token-claims.ts';
import { type KnownToken, VerifiedTokens } from './verified-tokens.ts';
import { verifyToken } from './verify-token.ts';

export type { BearerAlgorithm, BearerOptions } from './bearer-options.ts';

const clockToleranceSeconds = 5;
const maxAgeSeconds = 24 * 3_600;
const maxTokenLength = 8_192;

/**
 * Accepts RFC 9068 access tokens. Requires `exp`, `iat`, `jti`, `sub` and `client_id`, allows 5 s of
 * clock skew and a lifetime of at most 24 h. Failures answer 401 `invalid-token`; keys that cannot
 * be had or used answer 503, never 401.
 *
 * @throws {RangeError} for an unknown option, an empty issuer or audience, a key address that is not
 * http or https, an algorithm that is not in the list, or a public origin that is none.
 */
export function bearer(options: BearerOptions): Authenticator {
  const { revocations, clock = systemClock } = options;
  const tokens = new VerifiedTokens();
  const keys = remoteKeys(options.jwksUrl, clock, options.fetchKeys);
  const verify = verifier(options, clock, keys);
  const dpop = options.dpop === undefined ? undefined : dpopProofs(options.dpop, clock);
  const isDpopRequired = options.dpop?.required ?? false;

  const accept = (context: RequestContext, token: string, { principal }: VerifiedToken): Principal => {
    context.subjectToken = token;
    return principal;
  };
  /** The steps that every request with a verified token takes; without waiting where there is nothing to ask. */
  const admit = (context: RequestContext, { scheme, token }: Authorization, verified: VerifiedToken) => {
    const { jti, thumbprint } = verified;
    const isProvable = dpop !== undefined && thumbprint !== undefined;
    const fits = scheme === 'dpop' ? isProvable : thumbprint === undefined && !isDpopRequired;
    if (!fits) throw refused('dpop', dpop, new TypeError('the token is not for this scheme'));
    const isRevoked = revocations?.isRevoked({ issuer: options.issuer, jti }) ?? false;
    if (isRevoked === true) throw refused(scheme, dpop, new TypeError('the token was revoked'));
    if (isRevoked === false && !isProvable) return accept(context, token, verified);
    return ask(isRevoked);

    async function ask(pending: false | Promise<boolean>): Promise<Principal> {
      if (await context.cancellation.race(Promise.resolve(pending))) {
        throw refused(scheme, dpop, new TypeError('the token was revoked'));
      }
      if (isProvable) await dpop.requireProof({ context, token, thumbprint });
      return accept(context, token, verified);
    }
  };

  /** What is known of a token that was verified before, by the same keys and until its end. */
  const recall = (header: string): KnownToken | undefined => {
    const known = tokens.find(header);
    if (known === undefined) return undefined;
    const isOver = clock.wallMs() >= (known.verified.expires + clockToleranceSeconds) * 1_000;
    if (!isOver && known.keysVersion === keys.version()) return known;
    tokens.forget(known);
    return undefined;
  };

  return {
    name: 'bearer',
    challenge: challengeOf(dpop, isDpopRequired),
    form: formOf(options),
    authenticate(context: RequestContext) {
      const header = context.inbound.header('authorization');
      if (header === undefined) return undefined;
      const known = recall(header);
      if (known !== undefined) return admit(context, known.authorization, known.verified);
      const authorization = authorizationOf(context);
      if (authorization === undefined || !isTaken(authorization, dpop)) return undefined;
      const { scheme, token } = authorization;
      if (token.length > maxTokenLength || !isCompactJws(token)) {
        throw refused(scheme, dpop, new RangeError('not a signed token in compact form of at most 8 KiB'));
      }
      const verifying = verify(token).then((proof) => tokens.remember({ header, authorization, ...proof }));
      return context.cancellation
        .race(verifying)
        .catch((error: unknown) => {
          throw error instanceof errors.JOSEError ? refused(scheme, dpop, error) : error;
        })
        .then(({ verified }) => admit(context, authorization, verified));
    },
    ...(revocations === undefined
      ? {}
      : {
          admin: revocations.admin,
          watch: (events: EventBus) => revocations.watch(events),
          close: () => revocations.close(),
        }),
  };
}

/** An API key is no token, and a scheme that is not configured is none of ours. */
function isTaken({ scheme, token }: Authorization, dpop: Dpop | undefined): boolean {
  return scheme === 'dpop' ? dpop !== undefined : token.includes('.');
}

function challengeOf(dpop: Dpop | undefined, isDpopRequired: boolean): string {
  if (dpop === undefined) return 'Bearer';
  return isDpopRequired ? dpop.challenge() : `Bearer, ${dpop.challenge()}`;
}

function formOf({ issuer, audience, dpop }: BearerOptions): CredentialForm {
  const plain: CredentialPlace = { kind: 'bearer', format: 'JWT' };
  const bound: CredentialPlace = { kind: 'dpop', format: 'JWT' };
  return {
    summary: `An access token of ${issuer} for the audience '${audience}'.`,
    places: dpop === undefined ? [plain] : dpop.required === true ? [bound] : [plain, bound],
    problems: ['bad-request-header', 'invalid-token', 'dependency-unavailable'],
  };
}

type Verify = (token: string) => Promise<Pick<KnownToken, 'verified' | 'keysVersion'>>;

function verifier(options: BearerOptions, clock: Clock, keys: RemoteKeys): Verify {
  const { issuer, audience, tenantClaim = 'tenant', rolesClaim = 'roles' } = options;
  const algorithms = [...checkBearerOptions(options)];
  return async function verify(token) {
    const currentDate = new Date(clock.wallMs());
    let keysVersion = 0;
    const noteVersion = (version: number): void => {
      keysVersion = version;
    };
    readCompactJws(token);
    const claims = await verifyToken(token, (header, jws) => keys.find(header, jws, noteVersion), {
      issuer,
      audience,
      algorithms,
      typ: 'at+jwt',
      requiredClaims: ['exp', 'iat', 'jti', 'sub', 'client_id'],
      clockTolerance: clockToleranceSeconds,
      maxTokenAge: maxAgeSeconds,
      currentDate,
    });
    return { verified: verifiedToken(claims, { tenant: tenantClaim, roles: rolesClaim }), keysVersion };
  };
}

/** RFC 6750, 3.1 and RFC 9449, 7.1. */
function refused(scheme: Authorization['scheme'], dpop: Dpop | undefined, cause: Error): GatewayError {
  const challenge = scheme === 'dpop' ? dpop?.challenge('invalid_token') : undefined;
  return new GatewayError('invalid-token', {
    headers: { 'www-authenticate': challenge ?? 'Bearer error="invalid_token"' },
    cause,
  });
}
