/**
 * The ingress guard: looks at every request as it came off the wire, before routing, and refuses what
 * programs disagree about. Node and Hono accept all of it: two `Host` lines, `//evil.example`, `%2e%2e`, `X_User_Id`.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-11 RFC 9112, section 11}
 * @module
 */
import { GatewayError } from '../problem/gateway-error.ts';
import { checkHeaders } from './guard-headers.ts';
import { compileHosts, type HostOptions } from './guard-host.ts';
import { checkTarget, partsOf } from './guard-target.ts';
import { checkSize } from './request-limits.ts';

/** The head of a request as it was sent; Node's `IncomingMessage` is one. HTTP/2 has its own: `http2-head.ts`. */
export interface RawHead {
  readonly method?: string | undefined;
  /** The request target. */
  readonly url?: string | undefined;
  readonly httpVersion: string;
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[];
  /** The connection it came by. */
  readonly socket?: object;
}

/** Says why a request is refused; nothing for a sound one. */
export type Guard = (head: RawHead) => GatewayError | undefined;

/** Compiles the guard of a BFF. @throws {RangeError} for a wrong `publicOrigin` or `allowedHosts`. */
export function compileGuard(options: HostOptions): Guard {
  const isServed = compileHosts(options);
  return function guard({ method, url = '', httpVersion, rawHeaders }) {
    if (httpVersion !== '1.1' && httpVersion !== '1.0') {
      return new GatewayError('http-version-not-supported', { headers: { connection: 'close' } });
    }
    if (method === 'TRACE' || method === 'CONNECT' || method === 'TRACK') {
      return new GatewayError('not-implemented');
    }
    const tooLarge = checkSize(url, rawHeaders.length / 2);
    if (tooLarge !== undefined) return tooLarge;
    const findings = checkHeaders(rawHeaders, httpVersion);
    if (findings instanceof GatewayError) return findings;
    const parts = partsOf(url);
    if (parts === undefined) {
      return new GatewayError('bad-request-target', { detail: 'The target is neither a path nor a URL.' });
    }
    const { authority, start } = parts;
    const { host = authority } = findings;
    if (host === undefined) return new GatewayError('bad-request-header', { detail: 'There is no Host.' });
    if (!isServed(host) || (authority !== undefined && !isServed(authority))) {
      return new GatewayError('misdirected-request');
    }
    return checkTarget(url, start);
  };
}
