/**
 * The options of browser sessions, checked at boot.
 *
 * @module
 */
import { type Clock, systemClock } from '../context/clock.ts';
import { requireInteger, requireKnown } from '../context/options.ts';
import type { RecordStore } from '../records/record-store.ts';
import { type KeyRing, keyRing } from '../records/seal.ts';
import { isLoopback } from './provider-fetch.ts';

export interface BrowserSessionsOptions {
  /** Where browsers see the app, such as `https://shop.example`. Never taken from a request. */
  readonly publicOrigin: string;
  /** The identity provider, exactly as it calls itself. */
  readonly issuer: string;
  readonly clientId: string;
  /** Sent to the provider as `client_secret_basic`. */
  readonly clientSecret: string;
  /** Scopes to ask for, with `openid` among them. */
  readonly scope: string;
  /** The API the access token is for (RFC 8707). Default: the provider decides. */
  readonly resource?: string;
  /** Where sessions are kept: `memoryRecords()` for one instance, Redis for several. */
  readonly records: RecordStore;
  /** Keys of 32 bytes as base64. The first seals; all of them open, so that keys can be changed. */
  readonly keys: readonly string[];
  /** Milliseconds without a request until a session ends, from one minute to a day. Default 30 minutes. */
  readonly idleMs?: number;
  /** Milliseconds until a session ends however much it is used, at least `idleMs`, at most 30 days. Default 8 hours. */
  readonly absoluteMs?: number;
  /** Begins with `__Host-`. Default `__Host-Http-bff`. */
  readonly cookieName?: string;
  /** Allows `http` for `publicOrigin` and `issuer`, on the loopback interface only. Default false. */
  readonly allowInsecure?: boolean;
  /** What `GET /bff/user` answers to nobody: a problem, or 200 with `null`. Default `401`. */
  readonly anonymous?: '401' | '200-null';
  /** Whether a back-channel logout of one session ends all sessions of that person. Default false. */
  readonly allSessionsOfSubject?: boolean;
  /** Further origins of the same site whose pages may call. Default none. */
  readonly allowedOrigins?: readonly string[];
  /** Default the system's clock. */
  readonly clock?: Clock;
}

/** The same with every default filled in. */
export interface ResolvedOptions extends Required<Omit<BrowserSessionsOptions, 'resource' | 'keys'>> {
  readonly resource: string | undefined;
  readonly ring: KeyRing;
}

const where = 'browserSessions';
const names = [
  'publicOrigin',
  'issuer',
  'clientId',
  'clientSecret',
  'scope',
  'resource',
  'records',
  'keys',
  'idleMs',
  'absoluteMs',
  'cookieName',
  'allowInsecure',
  'anonymous',
  'allSessionsOfSubject',
  'allowedOrigins',
  'clock',
];
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** @throws {RangeError} for an unknown option or one that would make sessions unsafe. Shows no secret. */
export function resolveOptions(options: BrowserSessionsOptions): ResolvedOptions {
  requireKnown(where, options, names);
  const { keys, resource, ...rest } = options;
  const resolved: ResolvedOptions = {
    idleMs: 30 * minuteMs,
    absoluteMs: 8 * 60 * minuteMs,
    cookieName: '__Host-Http-bff',
    allowInsecure: false,
    anonymous: '401',
    allSessionsOfSubject: false,
    allowedOrigins: [],
    clock: systemClock,
    ...rest,
    resource,
    ring: keyRing(where, keys),
  };
  requireOrigin('publicOrigin', resolved.publicOrigin, resolved.allowInsecure);
  for (const origin of resolved.allowedOrigins)
    requireOrigin('allowedOrigins', origin, resolved.allowInsecure);
  requireIssuer(resolved);
  for (const name of ['clientId', 'clientSecret'] as const) {
    if (resolved[name] === '') throw new RangeError(`${where}: ${name} must not be empty`);
  }
  if (!resolved.scope.split(' ').includes('openid')) {
    throw new RangeError(`${where}: scope must have openid in it, got '${resolved.scope}'`);
  }
  if (resource !== undefined && (URL.parse(resource) === null || resource.includes('#'))) {
    throw new RangeError(`${where}: resource must be an absolute URI without a fragment, got '${resource}'`);
  }
  if (!/^__Host-[A-Za-z0-9_-]{1,64}$/.test(resolved.cookieName)) {
    throw new RangeError(
      `${where}: cookieName must be __Host- and 1 to 64 letters, digits, - or _, got '${resolved.cookieName}'`,
    );
  }
  requireInteger(where, 'idleMs', resolved.idleMs, minuteMs, dayMs);
  requireInteger(where, 'absoluteMs', resolved.absoluteMs, resolved.idleMs, 30 * dayMs);
  if (!['401', '200-null'].includes(resolved.anonymous)) {
    throw new RangeError(`${where}: anonymous must be 401 or 200-null, got '${resolved.anonymous}'`);
  }
  return resolved;
}

function requireOrigin(option: string, value: string, allowInsecure: boolean): void {
  const url = URL.parse(value);
  if (url === null || url.origin !== value) {
    throw new RangeError(
      `${where}: ${option} must be an origin such as https://shop.example, got '${value}'`,
    );
  }
  requireProtected(option, url, allowInsecure);
}

function requireIssuer({ issuer, allowInsecure }: ResolvedOptions): void {
  const url = URL.parse(issuer);
  if (url === null || url.search !== '' || url.hash !== '' || url.username !== '') {
    const shown = url === null ? issuer : url.origin; // a password may be in it
    throw new RangeError(`${where}: issuer must be a URL without query, fragment and user, got '${shown}'`);
  }
  requireProtected('issuer', url, allowInsecure);
}

function requireProtected(option: string, { protocol, hostname, origin }: URL, allowInsecure: boolean): void {
  if (protocol === 'https:' || (protocol === 'http:' && allowInsecure && isLoopback(hostname))) return;
  throw new RangeError(
    `${where}: ${option} must be https (http on loopback with allowInsecure), got '${origin}'`,
  );
}
