/**
 * Addresses that are nobody's on the Internet, or lead back to us: a webhook is never sent there.
 *
 * @see {@link https://www.iana.org/assignments/iana-ipv4-special-registry/ IANA, IPv4 special-purpose addresses}
 * @see {@link https://www.iana.org/assignments/iana-ipv6-special-registry/ IANA, IPv6 special-purpose addresses}
 * @see {@link https://www.iana.org/assignments/ipv6-address-space/ IANA, IPv6 address space}
 * @module
 */
import { BlockList, isIP } from 'node:net';

const ipv4Ranges = [
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private use
  '100.64.0.0/10', // carrier-grade NAT
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // not of IANA: the host of a virtual machine on Azure
  '169.254.0.0/16', // link-local, and the metadata of clouds
  '172.16.0.0/12', // private use
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.31.196.0/24', // AS112
  '192.52.193.0/24', // AMT
  '192.88.99.0/24', // 6to4 relays, which are no more
  '192.168.0.0/16', // private use
  '192.175.48.0/24', // AS112
  '198.18.0.0/15', // benchmarking
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and the broadcast
];

/** All else of IPv6 is nobody's: loopback, `::ffff:` and NAT64, ULA, link-local, multicast. */
const ipv6Global = '2000::/3';

const ipv6Ranges = [
  '2001::/23', // protocol assignments: Teredo, benchmarking, ORCHID
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4: an IPv4 address inside
  '2620:4f:8000::/48', // AS112
  '3fff::/20', // documentation
];

const special4 = listOf(ipv4Ranges, 'ipv4');
const special6 = listOf(ipv6Ranges, 'ipv6');
const global6 = listOf([ipv6Global], 'ipv6');

/**
 * Whether an address is one of the Internet. An IPv4 address inside an IPv6 one never is.
 *
 * @example
 * isPublicAddress('169.254.169.254'); // => false
 */
export function isPublicAddress(address: string): boolean {
  if (address.includes('%')) return false; // with a zone it is link-local
  const family = isIP(address);
  if (family === 4) return !special4.check(address, 'ipv4');
  return family === 6 && global6.check(address, 'ipv6') && !special6.check(address, 'ipv6');
}

function listOf(ranges: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', bits] = range.split('/');
    list.addSubnet(network, Number(bits), family);
  }
  return list;
}
