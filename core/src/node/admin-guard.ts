/**
 * Who may speak to the admin port. It is not reachable from outside, but the operator's browser is not
 * outside: a web page could rename its own host to this address, or send a form here.
 *
 * So a name of a host must be known (an address cannot be renamed), what changes something must not come
 * from another origin, and with a token all but the probes need it.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-15.5.20 RFC 9110, 15.5.20}, 421
 * @module
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { Context, MiddlewareHandler } from 'hono';
import type { ConsoleDoor } from '../console/door.ts';
import { type IdSource, randomIds } from '../context/ids.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { problemDocument, problemHeaders } from '../problem/problem.ts';

export interface AdminOptions {
  /** Secret that operators send as `Authorization: Bearer`, at least 32 characters. Default none is needed. */
  readonly token?: string | undefined;
  /** Names under which the admin port is reached, beside `localhost` and every address. Default none. */
  readonly hosts?: readonly string[] | undefined;
}

/** What passes the guard without the token: the console's own way in. */
type Door = Pick<ConsoleDoor, 'admits'>;

const minTokenLength = 32;
const readingMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** @throws {RangeError} for a token that is too short or a host that is no name. */
export function adminGuard(
  { token, hosts = [] }: AdminOptions,
  ids: IdSource = randomIds(),
  door?: Door,
): MiddlewareHandler {
  if (token !== undefined && token.length < minTokenLength) {
    throw new RangeError(`adminToken must have at least ${minTokenLength} characters, got ${token.length}`);
  }
  const strange = hosts.find((host) => !/^[\w.:[\]-]+$/.test(host));
  if (strange !== undefined) throw new RangeError(`adminHosts must be names of hosts, got '${strange}'`);
  const names = new Set(['localhost', ...hosts.map((host) => host.toLowerCase())]);
  const isToken = token === undefined ? () => true : equalTo(token);
  const judge = (c: Context): GatewayError | undefined => {
    const host = c.req.header('host') ?? new URL(c.req.url).host;
    const name = nameOf(host);
    if (!names.has(name) && isIP(name) === 0) return new GatewayError('misdirected-request');
    if (!readingMethods.has(c.req.method) && !isFromHere(c, host)) return new GatewayError('csrf-failed');
    if (isProbe(c) || isToken(c.req.header('authorization') ?? '')) return undefined;
    const { method, path } = c.req;
    if (door?.admits({ method, path, cookie: c.req.header('cookie') })) return undefined;
    return new GatewayError('not-signed-in', { headers: { 'www-authenticate': 'Bearer realm="admin"' } });
  };
  return async function guardAdmin(c, next) {
    const failure = judge(c);
    if (failure === undefined) return next();
    return c.json(problemDocument(failure, ids.traceId()), failure.status as 400, problemHeaders(failure));
  };
}

/** The host without its port, an IPv6 address without its brackets, in lower case. */
function nameOf(host: string): string {
  const [, address, name = ''] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::\d*)?$/.exec(host) ?? [];
  return (address ?? name).toLowerCase();
}

/** Tools send neither header; browsers send `Origin` with everything that changes something. */
function isFromHere(c: Context, host: string): boolean {
  const origin = c.req.header('origin');
  const site = c.req.header('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  return origin === undefined || URL.parse(origin)?.host === host.toLowerCase();
}

/** Orchestrators have no token; without `verbose` the probes tell nothing. */
function isProbe(c: Context): boolean {
  const { path } = c.req;
  return path === '/livez' || (path === '/readyz' && c.req.query('verbose') === undefined);
}

function equalTo(token: string): (authorization: string) => boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(token);
  return (authorization) => {
    const sent = /^Bearer (.+)$/i.exec(authorization)?.[1] ?? '';
    return timingSafeEqual(digest(sent), expected);
  };
}
