/**
 * The address of the client. By default the socket's; behind proxies named in the configuration, the
 * first address from the right of `X-Forwarded-For` that is not one of them.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7239#section-8.1 RFC 7239, section 8.1}
 * @module
 */
import { isIP } from 'node:net';
import type { Inbound } from '../context/inbound.ts';
import { addressList, foldAddress } from './address-list.ts';

const maxHops = 20;

export type ClientIp = (inbound: Inbound) => string;

/**
 * Makes the function that finds the client's address. IPv4-mapped IPv6 addresses are folded to IPv4.
 *
 * @param trustedProxies Addresses or CIDR ranges whose `X-Forwarded-For` is believed. Default none.
 * @throws {RangeError} when an entry is neither an address nor a CIDR range.
 */
export function clientIp(trustedProxies: readonly string[] = []): ClientIp {
  if (trustedProxies.length === 0) return (inbound) => foldAddress(inbound.peerAddress ?? 'unknown');
  const trusted = addressList('trustedProxies', trustedProxies);
  return function findClientIp(inbound: Inbound): string {
    let address = foldAddress(inbound.peerAddress ?? 'unknown');
    const forwarded = inbound.header('x-forwarded-for')?.split(',').slice(-maxHops) ?? [];
    while (trusted.has(address)) {
      const next = foldAddress(forwarded.pop()?.trim() ?? '');
      if (isIP(next) === 0) return address;
      address = next;
    }
    return address;
  };
}

/** The subject of per-address limits: the address itself, for IPv6 its /64 network. */
export function ipSubject(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const tailGroups = tail === '' ? [] : tail.split(':');
    while (groups.length + tailGroups.length < 8) groups.push('0');
    groups.push(...tailGroups);
  }
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
