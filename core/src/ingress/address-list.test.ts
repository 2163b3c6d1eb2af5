import { expect, test } from 'vitest';
import { addressList, foldAddress } from './address-list.ts';

test.each([
  ['10.0.0.1', '10.0.0.1', true],
  ['10.0.0.1', '10.0.0.2', false],
  ['10.0.0.0/8', '10.255.255.255', true],
  ['10.0.0.0/8', '11.0.0.0', false],
  ['10.1.2.3/8', '10.9.9.9', true],
  ['0.0.0.0/0', '203.0.113.9', true],
  ['0.0.0.0/0', '::1', false],
  ['::1', '::1', true],
  ['::1', '0:0:0:0:0:0:0:1', true],
  ['2001:db8::/32', '2001:db8:ffff::1', true],
  ['2001:db8::/32', '2001:db9::1', false],
  ['::/0', '2001:db8::1', true],
  ['10.0.0.0/8', '', false],
  ['10.0.0.0/8', 'unknown', false],
  ['10.0.0.0/8', '10.0.0', false],
])('%s, asked for %j: %s', (entry, address, known) => {
  expect(addressList('trustedProxies', [entry]).has(address)).toBe(known);
});

test('an empty list knows nobody', () => {
  expect(addressList('trustedProxies', []).has('127.0.0.1')).toBe(false);
});

test('any entry may match', () => {
  const list = addressList('trustedPeers', ['192.168.0.1', 'fd00::/8']);
  expect(['192.168.0.1', 'fd12::1', '192.168.0.2'].map((address) => list.has(address))).toEqual([
    true,
    true,
    false,
  ]);
});

test.each([
  '',
  'localhost',
  '10.0.0',
  '10.0.0.0/',
  '10.0.0.0/33',
  '10.0.0.0/8/8',
  '::1/129',
  '10.0.0.0/-1',
  '/8',
  '10.0.0.0/1e1',
  'x/10.0.0.1',
  '10.0.0.1/10.0.0.2',
])('the entry %j is refused, by name', (entry) => {
  expect(() => addressList('trustedPeers', ['10.0.0.1', entry])).toThrow(
    new RangeError(`trustedPeers must list addresses or CIDR ranges, got '${entry}'`),
  );
});

test.each([
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['::FFFF:10.0.0.1', '10.0.0.1'],
  ['10.0.0.1', '10.0.0.1'],
  ['::1', '::1'],
  ['::ffff:a00:1', '10.0.0.1'],
  ['0:0:0:0:0:ffff:c0a8:fffe', '192.168.255.254'],
  ['1::ffff:10.0.0.1', '1::ffff:10.0.0.1'],
  ['::ffff:1', '::ffff:1'],
  ['::ffff:10.0.0.1.evil', '::ffff:10.0.0.1.evil'],
  ['::ffff:256.0.0.1', '::ffff:256.0.0.1'],
  ['', ''],
])('%j is the address %j', (written, folded) => {
  expect(foldAddress(written)).toBe(folded);
});
