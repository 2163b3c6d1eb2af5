import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { testInbound } from '../testing/test-context.ts';
import { clientIp, ipSubject } from './client-ip.ts';

const proxies = ['10.0.0.0/8', '192.0.2.1', '2001:db8:1::/48'];

/** The client's address by the socket and the chain of `X-Forwarded-For`. */
function find(
  peerAddress: string | undefined,
  forwarded?: string,
  trusted: readonly string[] = proxies,
): string {
  return clientIp(trusted)(
    testInbound({
      ...(peerAddress === undefined ? {} : { peerAddress }),
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    }),
  );
}

describe('without trusted proxies', () => {
  test('the address is that of the socket, whatever a header says', () => {
    expect(find('203.0.113.9', '198.51.100.1', [])).toBe('203.0.113.9');
    expect(
      clientIp()(testInbound({ peerAddress: '10.0.0.1', headers: { 'x-forwarded-for': '1.2.3.4' } })),
    ).toBe('10.0.0.1');
  });

  test('no header is even read', () => {
    const inbound = testInbound({ peerAddress: '10.0.0.1' });
    const header = (name: string): never => expect.unreachable(`read ${name}`);
    expect(clientIp()({ ...inbound, header })).toBe('10.0.0.1');
  });

  test('a mapped address is the IPv4 address it stands for', () => {
    expect(find('::ffff:203.0.113.9', undefined, [])).toBe('203.0.113.9');
    expect(find('::FFFF:203.0.113.9', undefined, [])).toBe('203.0.113.9');
  });

  test('no socket is unknown', () => {
    expect(find(undefined, '1.2.3.4', [])).toBe('unknown');
    expect(find(undefined, '1.2.3.4')).toBe('unknown');
  });
});

describe('behind trusted proxies', () => {
  test.each([
    ['the one the proxy saw', '10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['not what the client made up before it', '10.0.0.1', '1.1.1.1, 203.0.113.9', '203.0.113.9'],
    ['not a proxy the client made up', '10.0.0.1', '10.9.9.9, 203.0.113.9', '203.0.113.9'],
    [
      'the first from the right that is no proxy',
      '10.0.0.1',
      '1.1.1.1, 203.0.113.9, 192.0.2.1, 10.2.3.4',
      '203.0.113.9',
    ],
    ['the last proxy when there is nobody behind it', '10.0.0.1', '10.0.0.2, 10.0.0.3', '10.0.0.2'],
    ['the proxy when it says nothing', '10.0.0.1', undefined, '10.0.0.1'],
    ['the peer when the peer is no proxy', '203.0.113.9', '1.1.1.1', '203.0.113.9'],
    ['an IPv6 address', '10.0.0.1', '2001:db8:ffff::1', '2001:db8:ffff::1'],
    ['behind an IPv6 proxy', '2001:db8:1::5', '203.0.113.9', '203.0.113.9'],
    ['behind a mapped proxy', '::ffff:10.0.0.1', '::ffff:203.0.113.9', '203.0.113.9'],
    ['without the port some proxies write', '10.0.0.1', '203.0.113.9:4711', '203.0.113.9'],
    ['without brackets and port', '10.0.0.1', '[2001:db8:ffff::1]:443, 10.0.0.2:1', '2001:db8:ffff::1'],
    ['without brackets', '10.0.0.1', '[2001:db8:ffff::1]', '2001:db8:ffff::1'],
    ['an IPv4 address in any of its IPv6 forms', '10.0.0.1', '::ffff:cb00:7109', '203.0.113.9'],
    ['the same written out', '10.0.0.1', '0:0:0:0:0:FFFF:203.0.113.9', '203.0.113.9'],
    ['no IPv4 address by its looks', '10.0.0.1', '64:ff9b:ffff::1', '64:ff9b:ffff::1'],
    ['with odd spaces', '10.0.0.1', ' 1.1.1.1 ,\t203.0.113.9 ', '203.0.113.9'],
  ])('it is %s', (_what, peer, forwarded, expected) => {
    expect(find(peer, forwarded)).toBe(expected);
  });

  test.each([
    '',
    ',',
    'unknown',
    '_hidden',
    '203.0.113.9:',
    '203.0.113.9:123456',
    '203.0.113.9:http',
    ':4711',
    '[203.0.113.9]',
    '[2001:db8:ffff::1',
    '[2001:db8:ffff::1]443',
    '[]',
    '010.1.2.3',
    '1.2.3',
    '256.1.1.1',
    '0x7f.1',
    '2130706433',
    'localhost',
    '1.2.3.4 5.6.7.8',
    '"203.0.113.9"',
    'for=203.0.113.9',
  ])('the walk ends at %j, which is no address', (entry) => {
    expect(find('10.0.0.1', `1.1.1.1, ${entry}`)).toBe('10.0.0.1');
    expect(find('10.0.0.1', `1.1.1.1, ${entry}, 10.0.0.2`)).toBe('10.0.0.2');
  });

  test('an address with a zone is looked at like any other', () => {
    expect(find('10.0.0.1', 'fe80::1%eth0')).toBe('fe80::1%eth0');
    expect(find('10.0.0.1', '203.0.113.9, fe80::1%eth0', ['10.0.0.0/8', 'fe80::/10'])).toBe('203.0.113.9');
  });

  test('20 hops are looked at, the rest is not', () => {
    const hops = Array.from({ length: 30 }, (_, index) => `10.0.1.${index}`);
    expect(find('10.0.0.1', ['203.0.113.9', ...hops.slice(0, 19)].join(', '))).toBe('203.0.113.9');
    expect(find('10.0.0.1', ['203.0.113.9', ...hops].join(', '))).toBe('10.0.1.10');
  });

  test('trusting everybody is possible where it is asked for', () => {
    expect(find('203.0.113.9', '1.1.1.1, 2.2.2.2', ['0.0.0.0/0'])).toBe('1.1.1.1');
  });
});

describe('behind proxies that write Forwarded', () => {
  const from = (forwarded: string, headers: Record<string, string> = {}): string =>
    clientIp(
      proxies,
      'forwarded',
    )(testInbound({ peerAddress: '10.0.0.1', headers: { forwarded, ...headers } }));

  test.each([
    ['for=203.0.113.9', '203.0.113.9'],
    ['For="203.0.113.9:4711";proto=https;by=10.0.0.1', '203.0.113.9'],
    ['proto=http ; FOR="[2001:db8:ffff::1]:443"', '2001:db8:ffff::1'],
    ['for=1.1.1.1, for=203.0.113.9;host=evil, for=10.0.0.2', '203.0.113.9'],
    ['for=203.0.113.9,for=10.0.0.3', '203.0.113.9'],
    ['for="203.0.113.9"', '203.0.113.9'],
    ['for=203.0.113.9;host="for="', '203.0.113.9'],
  ])('the node of %s is found', (forwarded, expected) => {
    expect(from(forwarded)).toBe(expected);
  });

  test.each([
    'for=unknown',
    'for=_hidden',
    'for="_hidden:80"',
    '203.0.113.9',
    'by=203.0.113.9',
    'for="203.0.113.9',
    'for="203.0.113.9\\""',
    'for=x"203.0.113.9"',
    'for="203.0.113.9"x',
    'for=203.0.113.9;for=198.51.100.1',
    'xfor=203.0.113.9',
    'for =203.0.113.9',
    '',
  ])('the walk ends at %s', (forwarded) => {
    expect(from(`for=1.1.1.1, ${forwarded}`)).toBe('10.0.0.1');
  });

  test('a quote that the client opened does not swallow what the proxy wrote', () => {
    expect(from('for="1.1.1.1, for=203.0.113.9')).toBe('203.0.113.9');
    expect(from('for=1.1.1.1;x=", for=203.0.113.9')).toBe('203.0.113.9');
  });

  test('the other header means nothing', () => {
    expect(from('', { 'x-forwarded-for': '1.1.1.1' })).toBe('10.0.0.1');
    expect(find('10.0.0.1', undefined)).toBe('10.0.0.1');
  });

  test('any other header refuses to start', () => {
    expect(() => clientIp([], 'x-real-ip' as never)).toThrow(
      new RangeError("forwardedHeader must be x-forwarded-for or forwarded, got 'x-real-ip'"),
    );
  });
});

describe('a client', () => {
  const anyHeader = fc.oneof(
    fc.string(),
    fc.ipV4(),
    fc.ipV6(),
    fc.constantFrom('10.0.0.7', '192.0.2.1', '::1', ','),
  );

  test('can write nothing into the header that hides its address from a proxy', () => {
    fc.assert(
      fc.property(
        fc.array(anyHeader).map((parts) => parts.join(',')),
        fc.ipV4(),
        (forged, address) => {
          fc.pre(find(address) === address && !address.startsWith('10.') && address !== '192.0.2.1');
          expect(find('10.0.0.1', `${forged}, ${address}`)).toBe(address);
        },
      ),
    );
  });

  test('gets an address and never an error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), fc.string(), (peer, forwarded) => {
        expect(ipSubject(find(peer, forwarded))).toBeTypeOf('string');
      }),
    );
  });
});

describe('the subject of a limit', () => {
  test.each([
    ['203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
    ['1:2:3::8', '1:2:3:0::/64'],
    ['64:ff9b::192.0.2.33', '64:ff9b:0:0::/64'],
    ['1::3:4:5:6:7:8', '1:0:3:4::/64'],
    ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
    ['::4:5:6:7:8', '0:0:0:4::/64'],
    ['1::3:4:5:6:192.0.2.1', '1:0:3:4::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['1::3:4:5:6:7:8%a:b.c::d', '1:0:3:4::/64'],
    ['unknown', 'unknown'],
  ])('of %s is %s', (address, subject) => {
    expect(ipSubject(address)).toBe(subject);
  });

  test('is the same for all 2^64 addresses of a network, however they are written', () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    const tuple = fc.tuple(group, group, group, group);
    const long = (groups: readonly number[]): string =>
      groups.map((value) => value.toString(16).padStart(4, '0')).join(':');
    const short = (text: string): string => new URL(`http://[${text}]`).hostname.slice(1, -1);
    /** With an IPv4 address at its end, and two colons for one group in front of it. */
    const mixed = (groups: readonly number[], zeroAt: number): string => {
      const front = groups.slice(0, 6).map((value) => value.toString(16));
      return `${front.slice(0, zeroAt).join(':')}::${[...front.slice(zeroAt + 1), '192.0.2.1'].join(':')}`;
    };
    fc.assert(
      fc.property(tuple, tuple, tuple, fc.nat({ max: 5 }), (network, one, other, zeroAt) => {
        const [first, second] = [long([...network, ...one]), short(long([...network, ...other]))];
        expect(ipSubject(first)).toBe(ipSubject(second));
        const groups = [...network, ...one].with(zeroAt, 0);
        expect(ipSubject(mixed(groups, zeroAt))).toBe(ipSubject(long(groups)));
      }),
    );
  });
});

describe('refuses to start with', () => {
  test.each([
    '',
    'proxy.example',
    '10.0.0.0/33',
    '2001:db8::/129',
    '10.0.0.0/-1',
    '10.0.0.0/8.5',
    '10.0.0.0/',
    '10.0.0.0/ 8',
    '10.0.0.0/0x8',
    '10.0.0.0/1e1',
    '10.0.0.0/8/9',
    '10.0.0/8',
    '010.0.0.0/8',
    '*',
    '/8',
    '10.0.0.1-10.0.0.9',
  ])('%j', (entry) => {
    expect(() => clientIp(['10.0.0.1', entry])).toThrow(
      new RangeError(`trustedProxies must list addresses or CIDR ranges, got '${entry}'`),
    );
  });
});
