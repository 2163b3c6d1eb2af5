/**
 * A list of addresses and CIDR ranges, from configuration: who is a proxy, who is a peer.
 *
 * @module
 */
import { BlockList, isIP } from 'node:net';

export interface AddressList {
  has(address: string): boolean;
}

/** @throws {RangeError} naming `option` when an entry is neither an address nor a CIDR range. */
export function addressList(option: string, entries: readonly string[]): AddressList {
  const list = new BlockList();
  for (const entry of entries) {
    const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
    const family = isIP(address);
    const mostBits = family === 4 ? 32 : 128;
    const bits = Number(prefix ?? mostBits);
    if (family === 0 || bits > mostBits) {
      throw new RangeError(`${option} must list addresses or CIDR ranges, got '${entry}'`);
    }
    list.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6');
  }
  return {
    has(address) {
      const family = isIP(address);
      return family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6');
    },
  };
}

/** An IPv4 address written as IPv6 (`::ffff:10.0.0.1`, `::ffff:a00:1`) is the IPv4 address. */
export function foldAddress(address: string): string {
  if (!/ffff:/i.test(address)) return address;
  const dotted = /^::ffff:(.+)/i.exec(address)?.[1] ?? '';
  if (isIP(dotted) === 4) return dotted; // as sockets write it; a URL takes 3 us
  const groups = URL.parse(`http://[${address}]`)?.hostname.match(/\[::ffff:([0-9a-f]+):([0-9a-f]+)\]/);
  if (!groups) return address;
  return groups
    .slice(1)
    .map((group) => Number.parseInt(group, 16))
    .flatMap((bits) => [bits >> 8, bits & 0xff])
    .join('.');
}
