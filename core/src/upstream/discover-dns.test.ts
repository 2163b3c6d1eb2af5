import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { manualClock } from '../testing/manual-clock.ts';
import { type DnsResolver, type DnsService, type DnsTargetsOptions, dnsTargets } from './discover-dns.ts';
import type { Target } from './target.ts';

type Reply<T> = readonly T[] | Error;

/** Answers each question with the next reply; the last one stays. */
function resolverOf(replies: { a?: Reply<string>[]; aaaa?: Reply<string>[]; srv?: Reply<DnsService>[] }) {
  const asked: string[] = [];
  const answer = <T>(type: string, from: Reply<T>[] | undefined, hostname: string): Promise<readonly T[]> => {
    asked.push(`${type} ${hostname}`);
    const reply = (from?.length === 1 ? from[0] : from?.shift()) ?? new Error(`no ${type}`);
    return reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply);
  };
  const resolver: DnsResolver = {
    resolve4: (hostname) => answer('A', replies.a, hostname),
    resolve6: (hostname) => answer('AAAA', replies.aaaa, hostname),
    resolveSrv: (hostname) => answer('SRV', replies.srv, hostname),
  };
  return { resolver, asked };
}

function run(options: DnsTargetsOptions) {
  const clock = manualClock();
  const lists: (readonly Target[])[] = [];
  const problems: string[] = [];
  const stop = dnsTargets(options).start((targets) => lists.push(targets), {
    clock,
    random: () => 0.5,
    onProblem: ({ message }) => problems.push(message),
  });
  const refresh = async (): Promise<void> => {
    clock.advance(10_000);
    await turn();
  };
  return { clock, lists, problems, stop, refresh };
}

const service = (name: string, weight: number, priority = 0, port = 8080): DnsService => ({
  name,
  weight,
  priority,
  port,
});
const hostname = 'orders.internal';

describe('addresses', () => {
  test('become one target each, on the port given', async () => {
    const { resolver, asked } = resolverOf({ a: [['10.0.0.1', '10.0.0.2']] });
    const { lists } = run({ hostname, port: 8080, resolver });
    await turn();
    expect(lists).toEqual([
      [
        { origin: 'http://10.0.0.1:8080', weight: 1 },
        { origin: 'http://10.0.0.2:8080', weight: 1 },
      ],
    ]);
    expect(asked).toEqual(['A orders.internal']);
  });

  test('of IPv6 are written in brackets', async () => {
    const { resolver } = resolverOf({ aaaa: [['fd00::1']] });
    const { lists } = run({ hostname, port: 8080, type: 'AAAA', resolver });
    await turn();
    expect(lists).toEqual([[{ origin: 'http://[fd00::1]:8080', weight: 1 }]]);
  });

  test('carry the version of their name', async () => {
    const { resolver } = resolverOf({ a: [['10.0.0.1']] });
    const { lists } = run({ hostname, port: 80, version: 'v2', resolver });
    await turn();
    expect(lists).toEqual([[{ origin: 'http://10.0.0.1', weight: 1, version: 'v2' }]]);
  });

  test('in another order or twice are no change', async () => {
    const { resolver } = resolverOf({
      a: [
        ['10.0.0.2', '10.0.0.1'],
        ['10.0.0.1', '10.0.0.2', '10.0.0.1'],
      ],
    });
    const { lists, problems, refresh } = run({ hostname, port: 8080, resolver });
    await turn();
    await refresh();
    expect([lists.length, problems]).toEqual([1, []]);
  });
});

test('no answer and an empty one leave the last list in use, and are told', async () => {
  const { resolver } = resolverOf({ a: [['10.0.0.1'], new Error('queryA ENOTFOUND'), [], ['10.0.0.9']] });
  const { lists, problems, refresh } = run({ hostname, port: 8080, resolver });
  await turn();
  await refresh();
  await refresh();
  expect(lists).toEqual([[{ origin: 'http://10.0.0.1:8080', weight: 1 }]]);
  expect(problems).toEqual([
    'queryA ENOTFOUND',
    'dnsTargets: A of orders.internal: targets must be from 1 to 1000 addresses, got 0',
  ]);
  await refresh();
  expect(lists.at(-1)).toEqual([{ origin: 'http://10.0.0.9:8080', weight: 1 }]);
});

test('more than 1000 addresses are refused', async () => {
  const flood = Array.from({ length: 1_001 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
  const { lists, problems, stop, clock } = (() =>
    run({ hostname, port: 80, resolver: resolverOf({ a: [flood] }).resolver }))();
  await turn();
  expect(lists).toEqual([]);
  expect(problems).toEqual([
    'dnsTargets: A of orders.internal: targets must be from 1 to 1000 addresses, got 1001',
  ]);
  stop();
  expect(clock.pending()).toBe(0);
});

describe('SRV', () => {
  test('gives host, port and weight', async () => {
    const { resolver, asked } = resolverOf({
      srv: [[service('b.internal', 10, 0, 81), service('a.internal.', 30)]],
    });
    const { lists } = run({ hostname: '_http._tcp.orders.internal', type: 'SRV', resolver });
    await turn();
    expect(lists).toEqual([
      [
        { origin: 'http://a.internal:8080', weight: 30 },
        { origin: 'http://b.internal:81', weight: 10 },
      ],
    ]);
    expect(asked).toEqual(['SRV _http._tcp.orders.internal']);
  });

  test('only the lowest priority serves', async () => {
    const { resolver } = resolverOf({
      srv: [
        [service('spare', 1, 20), service('main', 1, 10), service('other', 1, 10)],
        [service('spare', 1, 20)],
      ],
    });
    const { lists, refresh } = run({ hostname, type: 'SRV', resolver });
    await turn();
    await refresh();
    expect(lists.map((list) => list.map(({ origin }) => origin))).toEqual([
      ['http://main:8080', 'http://other:8080'],
      ['http://spare:8080'],
    ]);
  });

  test('a weight of 0 is a little, and nothing but zeros is all alike', async () => {
    const { resolver } = resolverOf({
      srv: [
        [service('a', 0), service('b', 5)],
        [service('a', 0), service('b', 0)],
      ],
    });
    const { lists, refresh } = run({ hostname, type: 'SRV', resolver });
    await turn();
    await refresh();
    expect(lists.map((list) => list.map(({ weight }) => weight))).toEqual([
      [0.01, 5],
      [0.01, 0.01],
    ]);
  });

  test('a record that says the service is not here is an empty answer', async () => {
    const { resolver } = resolverOf({ srv: [[service('a', 1)], [service('.', 0)], [service('', 0)]] });
    const { lists, problems, refresh } = run({ hostname, type: 'SRV', resolver });
    await turn();
    await refresh();
    await refresh();
    const none = 'dnsTargets: SRV of orders.internal: targets must be from 1 to 1000 addresses, got 0';
    expect([lists.length, problems]).toEqual([1, [none, none]]);
  });

  test('may be asked for TLS, because it names hosts', async () => {
    const { resolver } = resolverOf({ srv: [[service('a.internal', 1, 0, 443)]] });
    const { lists } = run({ hostname, type: 'SRV', protocol: 'https', resolver });
    await turn();
    expect(lists).toEqual([[{ origin: 'https://a.internal', weight: 1 }]]);
  });

  test('a name that cannot be a host is refused', async () => {
    const { resolver } = resolverOf({ srv: [[service('evil/path', 1)]] });
    const { lists, problems } = run({ hostname, type: 'SRV', resolver });
    await turn();
    expect(lists).toEqual([]);
    expect(problems).toEqual([
      "dnsTargets: SRV of orders.internal: targets[0].url must be an origin such as http://host:8080, got 'http://evil/path:8080'",
    ]);
  });
});

describe('refuses to start', () => {
  test.each<[object, string]>([
    [{ hostname, port: 0 }, 'dnsTargets: port must be a number from 1 to 65535, got 0'],
    [{ hostname }, 'dnsTargets: port must be a whole number from 1 to 65535, got undefined'],
    [{ hostname: 'a b', port: 1 }, "dnsTargets: hostname must be a name such as orders.internal, got 'a b'"],
    [{ hostname: '', port: 1 }, "dnsTargets: hostname must be a name such as orders.internal, got ''"],
    [
      { hostname: 'http://a', port: 1 },
      "dnsTargets: hostname must be a name such as orders.internal, got 'http://a'",
    ],
    [{ hostname, type: 'MX', port: 1 }, "dnsTargets: type must be A, AAAA or SRV, got 'MX'"],
    [
      { hostname, port: 1, refreshMs: 50 },
      'dnsTargets: refreshMs must be a number from 100 to 3600000, got 50',
    ],
    [
      { hostname, port: 1, version: '-' },
      "dnsTargets: version must be 1 to 32 letters, digits, dots, dashes, got '-'",
    ],
    [{ hostname, type: 'SRV', protocol: 'h2' }, "dnsTargets: protocol must be http or https, got 'h2'"],
    [
      { hostname, type: 'SRV', port: 1 },
      "dnsTargets: unknown option 'port'; it knows hostname, type, refreshMs, version, resolver, protocol",
    ],
    [
      { hostname, port: 443, protocol: 'https' },
      "dnsTargets: unknown option 'protocol'; it knows hostname, type, refreshMs, version, resolver, port",
    ],
  ])('%o', (options, message) => {
    expect(() => dnsTargets(options as DnsTargetsOptions)).toThrow(new RangeError(message));
  });
});
