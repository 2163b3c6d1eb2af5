import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type LookupFunction } from 'node:net';
import { expect, test } from 'vitest';
import { AddressRefused, checkedLookup, type Resolve } from './checked-lookup.ts';
import { isPublicAddress } from './special-ranges.ts';

const addresses = (...all: readonly string[]) =>
  all.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

function ask(lookup: LookupFunction, all = true): Promise<unknown> {
  return new Promise((resolve, reject) => {
    lookup('hooks.acme.com', { all }, (error, address) =>
      error === null ? resolve(address) : reject(error),
    );
  });
}

test('gives what a name leads to, one or all, as it was asked', async () => {
  const lookup = checkedLookup(async () => addresses('1.1.1.1', '2606:4700::1111'), isPublicAddress);
  expect(await ask(lookup)).toEqual(addresses('1.1.1.1', '2606:4700::1111'));
  expect(await ask(lookup, false)).toBe('1.1.1.1');
});

test.each([
  [['127.0.0.1']],
  [['1.1.1.1', '10.0.0.1']],
  [['::ffff:169.254.169.254', '1.1.1.1']],
  [['fd00:ec2::254']],
  [[]],
])('refuses a name that leads to %s', async (found) => {
  const lookup = checkedLookup(async () => addresses(...found), isPublicAddress);
  for (const all of [true, false]) await expect(ask(lookup, all)).rejects.toThrow(AddressRefused);
});

test('says that a name was not found as the resolver says it', async () => {
  const failure = Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
  await expect(ask(checkedLookup(() => Promise.reject(failure), isPublicAddress))).rejects.toBe(failure);
});

test('a name that led to a good address and now leads elsewhere opens no socket (DNS rebinding)', async () => {
  const arrived: string[] = [];
  const server = createServer((socket) => {
    arrived.push(socket.localAddress ?? '');
    socket.end();
  });
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const answers = [addresses('127.0.0.2'), addresses('127.0.0.1')];
  const resolve: Resolve = async () => answers.shift() ?? [];
  const lookup = checkedLookup(resolve, (address) => address === '127.0.0.2'); // stands for the Internet
  const first = connect({ host: 'hooks.acme.com', port, lookup });
  await once(first, 'connect');
  first.destroy();
  const second = connect({ host: 'hooks.acme.com', port, lookup });
  const [error] = await once(second, 'error');
  expect(error).toBeInstanceOf(AddressRefused);
  expect(arrived).toEqual(['127.0.0.2']);
  await new Promise((resolve) => server.close(resolve));
});
