/**
 * The address of the client. By default the socket's; behind proxies named in the configuration, the
 * first address from the right of `X-Forwarded-For` or `Forwarded` that is not one of them.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7239#section-8.1 RFC 7239, section 8.1}
 * @module
 */
import { isIP } from 'node:net';
import type { Inbound } from '../context/inbound.ts';
import { addressList, foldAddress } from './address-list.ts';

const maxHops = 20;

/** The header in which the proxies write who called them. */
export type ForwardedHeader = 'x-forwarded-for' | 'forwarded';

const readers: Readonly<Record<ForwardedHeader, (entry: string) => string>> = {
  'x-forwarded-for': (entry) => entry.trim(),
  forwarded: forOf,
};

export type ClientIp = (inbound: Inbound) => string;

/**
 * Makes the function that finds the client's address. IPv4-mapped IPv6 addresses are folded to IPv4.
 *
 * @param trustedProxies Addresses or CIDR ranges whose header is believed. Default none.
 * @param header The one header that is read; the other means nothing.
 * @throws {RangeError} when an entry is neither an address nor a CIDR range, or for any other header.
 */
export function clientIp(
  trustedProxies: readonly string[] = [],
  header: ForwardedHeader = 'x-forwarded-for',
): ClientIp {
  if (!Object.hasOwn(readers, header)) {
    throw new RangeError(`forwardedHeader must be x-forwarded-for or forwarded, got '${String(header)}'`);
  }
  if (trustedProxies.length === 0) return (inbound) => foldAddress(inbound.peerAddress ?? 'unknown');
  const trusted = addressList('trustedProxies', trustedProxies);
  const read = readers[header];
  return function findClientIp(inbound: Inbound): string {
    let address = foldAddress(inbound.peerAddress ?? 'unknown');
    const forwarded = inbound.header(header)?.split(',').slice(-maxHops) ?? [];
    while (trusted.has(address)) {
      const next = addressOf(read(forwarded.pop() ?? ''));
      if (next === undefined) return address;
      address = next;
    }
    return address;
  };
}

/**
 * The node of a `for=` parameter. Entries were cut at every comma, quoted or not: what a client wrote further
 * left, an open quote included, cannot change how the entry of a proxy is read.
 */
function forOf(entry: string): string {
  const pairs = entry.split(';').map((pair) => pair.trim());
  const [pair = '', ...others] = pairs.filter((each) => /^for=/i.test(each));
  const node = pair.slice('for='.length);
  return others.length === 0 ? (/^"([^"\\]*)"$/.exec(node)?.[1] ?? node) : '';
}

/** The address of `10.0.0.1`, `10.0.0.1:4711`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:4711`. */
function addressOf(node: string): string | undefined {
  const [, bracketed, dotted] = /^(?:\[([^\]]*)\]|([\d.]*))(?::\d{1,5})?$/.exec(node) ?? [];
  if (bracketed !== undefined && isIP(bracketed) !== 6) return undefined;
  const address = foldAddress(bracketed ?? dotted ?? node);
  return isIP(address) === 0 ? undefined : address;
}

/** The subject of per-address limits: the address itself, for IPv6 its /64 network. */
export function ipSubject(address: string): string {
  if (isIP(address) !== 6) return address;
  const [bare = ''] = address.split('%'); // the zone names an interface of this machine
  const [head = '', tail] = bare.replace('.', ':').split('::'); // an IPv4 address at the end is two groups
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const tailGroups = tail.split(':');
    while (groups.length + tailGroups.length < 8) groups.push('0');
    groups.push(...tailGroups);
  }
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
