/**
 * Logout tokens: how the provider proves that it ended somebody's session.
 *
 * @see {@link https://openid.net/specs/openid-connect-backchannel-1_0.html#Validation Back-Channel Logout, section 2.6}
 * @module
 */
import { errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import { type RemoteKeys, remoteKeys } from '../identity/jwks.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import type { OidcClient } from './oidc-client.ts';
import type { ResolvedOptions } from './options.ts';

/** Whose sessions end. At least one of the two is there. */
export interface LogoutToken {
  readonly jti: string;
  readonly sid?: string;
  readonly subject?: string;
}

/** @throws {GatewayError} 400 when the token does not hold, 503 when it cannot be judged. */
export type VerifyLogoutToken = (token: string) => Promise<LogoutToken>;

const eventName = 'http://schemas.openid.net/event/backchannel-logout';
const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'];
const toleranceSeconds = 5;

export function logoutTokens(
  { issuer, clientId, clock }: ResolvedOptions,
  provider: OidcClient,
): VerifyLogoutToken {
  const fetchKeys = async (url: string): Promise<JSONWebKeySet> => {
    const answer = await provider.fetch(url, {
      method: 'GET',
      headers: { accept: 'application/json' },
      body: undefined,
      redirect: 'manual',
    });
    if (answer.status !== 200) throw new Error(`the key set answered ${answer.status}`);
    return (await answer.json()) as JSONWebKeySet;
  };
  let published: { readonly url: string; readonly keys: RemoteKeys } | undefined;
  return async function verify(token) {
    const url = await provider.keysUrl();
    if (published?.url !== url) published = { url, keys: remoteKeys(url, clock, fetchKeys) };
    const { keys } = published;
    try {
      const { payload } = await jwtVerify(token, (header, input) => keys.find(header, input), {
        issuer,
        audience: clientId,
        algorithms,
        typ: 'logout+jwt',
        requiredClaims: ['iat', 'jti', 'events'],
        maxTokenAge: '2m',
        clockTolerance: toleranceSeconds,
        currentDate: new Date(clock.wallMs()),
      });
      return contentOf(payload);
    } catch (error) {
      if (error instanceof GatewayError) throw error;
      if (error instanceof errors.JOSEError) throw invalidLogoutToken(error.code);
      throw new GatewayError('dependency-unavailable', { cause: error }); // a published key that cannot be used
    }
  };
}

/** The refusal of a logout token; `reason` is for the log. */
export function invalidLogoutToken(reason: string): GatewayError {
  return new GatewayError('validation-failed', {
    detail: 'The logout token is not valid.',
    cause: new Error(`logout token: ${reason}`),
  });
}

function contentOf({ jti, sid, sub, events, nonce }: JWTPayload): LogoutToken {
  if (nonce !== undefined) throw invalidLogoutToken('it has a nonce');
  if (!isObject(events) || !isObject(events[eventName])) throw invalidLogoutToken('it is for another event');
  if (!isText(jti)) throw invalidLogoutToken('jti is no text');
  if ((sid !== undefined && !isText(sid)) || (sub !== undefined && !isText(sub)))
    throw invalidLogoutToken('sid or sub is no text');
  if (sid === undefined && sub === undefined) throw invalidLogoutToken('it has neither sid nor sub');
  return {
    jti,
    ...(sid === undefined ? {} : { sid }),
    ...(sub === undefined ? {} : { subject: sub }),
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
