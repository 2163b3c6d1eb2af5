/**
 * Which hosts this BFF answers for. A request for any other is not for us, whoever sent it: an address made
 * of its `Host` could end up in a link, a cache or a cookie.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-7.4 RFC 9110, section 7.4}, misdirected requests
 * @module
 */
import { isLoopback, requireOrigin } from '../context/origin.ts';

export interface HostOptions {
  /** The origin under which browsers and apps know this BFF, such as `https://shop.example`. */
  readonly publicOrigin?: string | undefined;
  /** Further hosts: `host` with any port, or `host:port`. */
  readonly allowedHosts?: readonly string[] | undefined;
}

const hostEntry = /^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?::\d{1,5})?$/;
const port = /:\d{1,5}$/;

/**
 * Compiles the check of a `Host` value: the host of `publicOrigin`, the names of this machine
 * (`localhost`, `*.localhost`, `127.0.0.1`, `[::1]`), and `allowedHosts`.
 *
 * @throws {RangeError} for an origin or a host that is not one.
 */
export function compileHosts({ publicOrigin, allowedHosts = [] }: HostOptions): (host: string) => boolean {
  const exact = new Set<string>();
  if (publicOrigin !== undefined) {
    const { host, protocol } = new URL(requireOrigin('defineBff', 'publicOrigin', publicOrigin));
    exact.add(host);
    if (!port.test(host)) exact.add(`${host}:${protocol === 'https:' ? 443 : 80}`);
  }
  const anyPort = new Set<string>();
  for (const entry of allowedHosts) {
    if (!hostEntry.test(entry)) {
      throw new RangeError(
        `defineBff: allowedHosts must list lowercase hosts such as shop.example or shop.example:8443, got '${entry}'`,
      );
    }
    (port.test(entry) ? exact : anyPort).add(entry);
  }
  return function isServed(host) {
    const authority = host.toLowerCase();
    if (exact.has(authority)) return true;
    const name = authority.replace(port, '');
    return anyPort.has(name) || isLoopback(name);
  };
}
