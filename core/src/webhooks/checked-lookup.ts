/**
 * The way from a name to the address of a socket. It is checked where it is used: what a name led to when its URL was
 * given, or a moment ago, says nothing (DNS rebinding).
 *
 * @see {@link https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html OWASP, SSRF prevention}
 * @module
 */
import { type LookupAddress, promises } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** All addresses of a name. Rejects when it has none. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** A name leads to where nothing is sent. Names neither the name nor the address. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/** The resolver of the machine. */
export const systemResolve: Resolve = (hostname) => promises.lookup(hostname, { all: true });

/**
 * A `lookup` for sockets. One address that may not be is enough to refuse the name: which of them a socket takes is
 * not ours to say.
 */
export function checkedLookup(resolve: Resolve, isAllowed: (address: string) => boolean): LookupFunction {
  return function lookup(hostname, options, callback) {
    const found = resolve(hostname).then((addresses) => {
      const isFine = addresses.length > 0 && addresses.every(({ address }) => isAllowed(address));
      if (isFine) return addresses;
      throw new AddressRefused('the receiver has an address that webhooks are not sent to');
    });
    found.then(
      (addresses) => {
        const [first] = addresses;
        if (options.all === true) callback(null, [...addresses]);
        else callback(null, first?.address ?? '', first?.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };
}
