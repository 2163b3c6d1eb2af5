/**
 * The address of the client. By default the socket's; behind proxies named in the configuration, the
 * first address from the right of `X-Forwarded-For` that is not one of them.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7239#section-8.1 RFC 7239, section 8.1}
 * @module
 */
import { BlockList, isIP } from 'node:net';
import type { Inbound } from '../context/inbound.ts';

const maxHops = 20;

export type ClientIp = (inbound: Inbound) => string;

/**
 * Makes the function that finds the client's address. IPv4-mapped IPv6 addresses are folded to IPv4.
 *
 * @param trustedProxies Addresses or CIDR ranges whose `X-Forwarded-For` is believed. Default none.
 * @throws {RangeError} when an entry is neither an address nor a CIDR range.
 */
export function clientIp(trustedProxies: readonly string[] = []): ClientIp {
  if (trustedProxies.length === 0) return (inbound) => fold(inbound.peerAddress ?? 'unknown');
  const trusted = blockListOf(trustedProxies);
  return function findClientIp(inbound: Inbound): string {
    let address = fold(inbound.peerAddress ?? 'unknown');
    const forwarded = inbound.header('x-forwarded-for')?.split(',').slice(-maxHops) ?? [];
    while (isTrusted(trusted, address)) {
      const next = fold(forwarded.pop()?.trim() ?? '');
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

function fold(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  return mapped?.[1] ?? address;
}

function isTrusted(trusted: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && trusted.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

function blockListOf(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
    const family = isIP(address);
    const maxBits = family === 4 ? 32 : 128;
    const bits = Number(prefix ?? maxBits);
    if (family === 0 || bits > maxBits) {
      throw new RangeError(`trustedProxies must list addresses or CIDR ranges, got '${entry}'`);
    }
    list.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}
