/**
 * How a browser gets through the guard of the admin port to the console, and to nothing else: the operator types
 * the token once, and has a cookie that authorises reading below `/console` for eight hours. The token is never in
 * an address, and not in the cookie: that is a time and its HMAC under the token, so it ends with the token, and
 * says nothing to whoever else listens on this host.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6265#section-8.5 RFC 6265, section 8.5}, cookies know no ports
 * @module
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../context/clock.ts';

const lifetimeMs = 8 * 3_600_000;
const maxFailures = 20;
const failuresWithinMs = 60_000;

/** What of a request the door looks at. */
export interface AtTheDoor {
  readonly method: string;
  readonly path: string;
  readonly cookie: string | undefined;
}

export interface ConsoleDoor {
  /** Whether this request may pass without the token. */
  admits(request: AtTheDoor): boolean;
  /** The `Set-Cookie` line for whoever knows the token; `wrong`, or `wait` after too many wrong ones. */
  signIn(token: string, isSecure: boolean): { readonly cookie: string } | 'wrong' | 'wait';
  /** The `Set-Cookie` line that ends it. */
  signOut(): string;
}

/** Nothing in the page itself is secret: it has no data. */
const open = new Set(['GET /console', 'HEAD /console', 'POST /console/sign-in', 'POST /console/sign-out']);
const reading = new Set(['GET', 'HEAD']);

/** @param name Of the BFF: several of them on one host have cookies of their own. */
export function consoleDoor(name: string, token: string, clock: Clock): ConsoleDoor {
  const cookieName = `bff-console-${name}`;
  const attributes = 'Path=/console; HttpOnly; SameSite=Strict';
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(token);
  const sign = (untilMs: string): Buffer =>
    createHmac('sha256', token).update(`bffkit console 1 ${name} ${untilMs}`).digest();
  const isValid = (value: string): boolean => {
    const [untilMs = '', mac = ''] = value.split('.');
    if (!/^\d{1,15}$/.test(untilMs) || !/^[\w-]{43}$/.test(mac)) return false;
    const isOurs = timingSafeEqual(Buffer.from(mac, 'base64url'), sign(untilMs));
    return isOurs && clock.wallMs() < Number(untilMs);
  };
  let failures = 0;
  let failuresSinceMs = clock.monotonicMs();
  return {
    admits({ method, path, cookie = '' }) {
      if (open.has(`${method} ${path}`)) return true;
      if (!reading.has(method) || !path.startsWith('/console/')) return false;
      if (path.startsWith('/console/page/')) return true;
      return cookiesNamed(cookieName, cookie).some(isValid);
    },
    signIn(given, isSecure) {
      const nowMs = clock.monotonicMs();
      if (nowMs - failuresSinceMs >= failuresWithinMs) {
        failures = 0;
        failuresSinceMs = nowMs;
      }
      if (failures >= maxFailures) return 'wait';
      if (!timingSafeEqual(digest(given), expected)) {
        failures += 1;
        return 'wrong';
      }
      const untilMs = String(clock.wallMs() + lifetimeMs);
      const value = `${untilMs}.${sign(untilMs).toString('base64url')}`;
      const lifetime = `Max-Age=${lifetimeMs / 1_000}`;
      return { cookie: `${cookieName}=${value}; ${attributes}; ${lifetime}${isSecure ? '; Secure' : ''}` };
    },
    signOut: () => `${cookieName}=; ${attributes}; Max-Age=0`,
  };
}

function cookiesNamed(name: string, header: string): string[] {
  return header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
}
