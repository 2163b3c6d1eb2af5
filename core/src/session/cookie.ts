/**
 * The cookies of a session, in the only form they have: bound to this host by the `__Host-` prefix,
 * never readable by scripts, never sent without TLS (browsers make an exception for localhost).
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6265 RFC 6265} and draft-ietf-httpbis-rfc6265bis, prefixes
 * @module
 */
import { generateCookie } from 'hono/cookie';
import type { Inbound } from '../context/inbound.ts';

/** `Strict` for the session; `Lax` for what must come along when the provider sends the browser back. */
export type SameSite = 'Strict' | 'Lax';

/**
 * The `Set-Cookie` line of a cookie.
 *
 * @param maxAgeSeconds Default: until the browser closes.
 */
export function setCookie(name: string, value: string, sameSite: SameSite, maxAgeSeconds?: number): string {
  return generateCookie(name, value, {
    path: '/',
    secure: true,
    httpOnly: true,
    sameSite,
    ...(maxAgeSeconds === undefined ? {} : { maxAge: maxAgeSeconds }),
  });
}

/** The `Set-Cookie` line that removes a cookie. */
export function clearCookie(name: string, sameSite: SameSite): string {
  return setCookie(name, '', sameSite, 0);
}

/** The cookies of a request whose name begins with `prefix`, in the order they came. */
export function cookiesOf(inbound: Inbound, prefix: string): (readonly [name: string, value: string])[] {
  return (inbound.header('cookie') ?? '').split(';').flatMap((pair) => {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(0, equals)).trim();
    return name.startsWith(prefix) ? [[name, pair.slice(equals + 1).trim()] as const] : [];
  });
}

/** All values of one cookie: more than one is somebody's attempt to slip another in. */
export function cookieValues(inbound: Inbound, name: string): string[] {
  return cookiesOf(inbound, name).flatMap(([found, value]) => (found === name ? [value] : []));
}
