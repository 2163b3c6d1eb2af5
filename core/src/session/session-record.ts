/**
 * One browser session as it is kept: who signed in, the tokens, and when it ends. Only sealed does it
 * leave the process, and only {@link profileOf} of it ever reaches a browser.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import type { Principal } from '../context/principal.ts';
import type { Tokens } from './oidc-client.ts';

export type ClaimValue = string | boolean;

export interface Session {
  readonly subject: string;
  /** The session at the provider, or an identifier of our own where the provider names none. */
  readonly sid: string;
  readonly profile: Readonly<Record<string, ClaimValue>>;
  readonly roles: readonly string[];
  readonly tenant?: string;
  readonly scopes: readonly string[];
  readonly accessToken: string;
  readonly refreshToken?: string;
  /** Hint for the provider at sign-out. */
  readonly idToken: string;
  /** Epoch milliseconds, all of them. */
  readonly accessEndsMs: number;
  /** From here on the access token is renewed. */
  readonly refreshAtMs: number;
  /** The session itself, however much it is used. */
  readonly absoluteEndsMs: number;
  /** The same, or the end of what it lives on: the refresh token, else the access token. */
  readonly endsMs: number;
  /** When it was last known to be in use. */
  readonly seenMs: number;
}

/** Claims of the ID token that the app's own pages may see. */
const profileClaims = [
  'name',
  'given_name',
  'family_name',
  'nickname',
  'preferred_username',
  'email',
  'email_verified',
  'picture',
  'locale',
  'zoneinfo',
];
const maxClaimLength = 256;
const maxRoles = 50;
const maxRefreshAheadMs = 30_000;
/** For providers that do not say how long their access tokens last. */
const unknownLifetimeMs = 60_000;

/** The session that begins with these tokens. */
export function newSession(tokens: Tokens, nowMs: number, absoluteMs: number): Session {
  const { claims, idToken } = tokens;
  const sid = textClaim(claims.sid) ?? randomBytes(16).toString('base64url');
  const absoluteEndsMs = nowMs + absoluteMs;
  return {
    subject: claims.sub,
    sid,
    idToken,
    ...personOf(claims),
    ...credentialsOf(tokens, nowMs, absoluteEndsMs),
    absoluteEndsMs,
    seenMs: nowMs,
  };
}

/** The session with the tokens of a refresh; what the provider did not repeat stays as it was. */
export function renewedSession(session: Session, tokens: RenewedTokens, nowMs: number): Session {
  const { claims, idToken } = tokens;
  const { refreshToken = session.refreshToken, scopes = session.scopes } = tokens;
  const merged = { ...tokens, scopes, ...(refreshToken === undefined ? {} : { refreshToken }) };
  return {
    ...session,
    ...(claims === undefined || idToken === undefined ? {} : { ...personOf(claims), idToken }),
    ...credentialsOf(merged, nowMs, session.absoluteEndsMs),
  };
}

/** What a refresh gives; the ID token is there only where the provider repeats it. */
export type RenewedTokens = Omit<Tokens, 'claims' | 'idToken' | 'scopes'> &
  Partial<Pick<Tokens, 'claims' | 'idToken' | 'scopes'>>;

/** Milliseconds the session lasts when nothing more is heard of it; never negative. */
export function remainingMs({ seenMs, endsMs }: Session, idleMs: number, nowMs: number): number {
  return Math.max(0, Math.min(seenMs + idleMs, endsMs) - nowMs);
}

export function principalOf(session: Session, clientId: string): Principal {
  return {
    kind: 'user',
    subject: session.subject,
    clientId,
    scopes: new Set(session.scopes),
    roles: new Set(session.roles),
    tenant: session.tenant,
  };
}

/** What the app's own pages may know of the session. No token, ever. */
export function profileOf({ subject, profile, roles, tenant }: Session): Record<string, unknown> {
  return { sub: subject, ...profile, roles, ...(tenant === undefined ? {} : { tenant }) };
}

type Claims = Readonly<Record<string, unknown>>;

function personOf(claims: Claims): Pick<Session, 'profile' | 'roles' | 'tenant'> {
  const profile: Record<string, ClaimValue> = {};
  for (const name of profileClaims) {
    const value = claims[name];
    if (typeof value === 'boolean' || textClaim(value) !== undefined) profile[name] = value as ClaimValue;
  }
  const roles = Array.isArray(claims.roles) ? claims.roles : [];
  const tenant = textClaim(claims.tenant);
  return {
    profile,
    roles: roles.filter((role) => textClaim(role) !== undefined).slice(0, maxRoles),
    ...(tenant === undefined ? {} : { tenant }),
  };
}

function credentialsOf(
  tokens: Pick<Tokens, 'accessToken' | 'refreshToken' | 'scopes' | 'expiresInMs' | 'refreshExpiresInMs'>,
  nowMs: number,
  absoluteEndsMs: number,
) {
  const { accessToken, refreshToken, scopes, expiresInMs = unknownLifetimeMs } = tokens;
  const accessEndsMs = nowMs + expiresInMs;
  const refreshEndsMs = nowMs + (tokens.refreshExpiresInMs ?? Number.POSITIVE_INFINITY);
  return {
    accessToken,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    scopes,
    accessEndsMs,
    refreshAtMs: accessEndsMs - Math.min(maxRefreshAheadMs, expiresInMs / 2),
    endsMs: Math.min(absoluteEndsMs, refreshToken === undefined ? accessEndsMs : refreshEndsMs),
  };
}

function textClaim(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= maxClaimLength ? value : undefined;
}
