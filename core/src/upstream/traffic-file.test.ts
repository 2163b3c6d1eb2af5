import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { manualClock } from '../testing/manual-clock.ts';
import { type TrafficFacts, versionFor } from './traffic.ts';
import { parseTraffic, trafficFile } from './traffic-file.ts';
import type { FileAccess } from './watch-file.ts';

const anyone: TrafficFacts = { subject: 'usr_1', header: () => undefined };
const upstreams = ['orders', 'users'];

/** A file in memory that the test rewrites. */
function run(first: string | Error) {
  let text = first;
  const current = (): Promise<string> =>
    text instanceof Error ? Promise.reject(text) : Promise.resolve(text);
  let isWatched = true;
  const files: FileAccess = {
    stamp: current,
    read: current,
    watch: () => () => {
      isWatched = false;
    },
  };
  const clock = manualClock();
  const problems: string[] = [];
  let changes = 0;
  const file = trafficFile(
    { path: '/etc/traffic.json', files },
    {
      clock,
      upstreams,
      onProblem: ({ message }) => problems.push(message),
      onChange: () => {
        changes += 1;
      },
    },
  );
  return {
    file,
    clock,
    problems,
    changes: () => changes,
    isWatched: () => isWatched,
    async write(next: string | Error) {
      text = next;
      clock.advance(5_000);
      await turn();
    },
    /** The version an upstream's requests get now. */
    version(upstream: string): string | undefined {
      const rules = file.rulesOf(upstream);
      return rules && versionFor(rules, anyone);
    },
  };
}

const to = (version: string): string => JSON.stringify({ orders: { rules: [{ version }] } });

test('the policies of a file are in effect once it is ready', async () => {
  const { file, version, changes } = run(to('v2'));
  expect(version('orders')).toBeUndefined();
  await file.ready;
  expect([version('orders'), version('users'), changes()]).toEqual(['v2', undefined, 1]);
});

test('a new file takes the place of the old one as a whole', async () => {
  const { file, version, write } = run(
    JSON.stringify({ orders: { weights: { v1: 1 } }, users: { weights: { v1: 1 } } }),
  );
  await file.ready;
  expect([version('orders'), version('users')]).toEqual(['v1', 'v1']);
  await write(to('v2'));
  expect([version('orders'), version('users')]).toEqual(['v2', undefined]);
  await write('{}');
  expect(version('orders')).toBeUndefined();
});

test.each<[string, string | Error]>([
  ['is not JSON', '{'],
  [
    'is refused in one policy of two',
    JSON.stringify({ users: { rules: [{ version: 'v9' }] }, orders: { weights: {} } }),
  ],
  ['is gone', new Error('ENOENT')],
])('a file that %s changes nothing and is told', async (_what, text) => {
  const { file, version, write, problems, changes } = run(to('v2'));
  await file.ready;
  await write(text);
  expect([version('orders'), version('users'), changes(), problems.length]).toEqual(['v2', undefined, 1, 1]);
  await write(to('v3'));
  expect(version('orders')).toBe('v3');
});

test('a file that is wrong from the beginning is told, and requests are served without it', async () => {
  const { file, version, problems } = run(new Error('ENOENT'));
  await file.ready;
  expect([version('orders'), problems]).toEqual([undefined, ['ENOENT']]);
});

test('close ends watching and looking; the policies stay', async () => {
  const { file, clock, version, write, isWatched } = run(to('v2'));
  await file.ready;
  file.close();
  await write(to('v3'));
  expect([isWatched(), clock.pending(), version('orders')]).toEqual([false, 0, 'v2']);
});

test('every form of a policy is read', () => {
  const policies = parseTraffic(
    JSON.stringify({
      orders: {
        rules: [
          { match: { header: { name: 'x-canary', value: '1' } }, version: 'v2' },
          { match: { cookie: { name: 'track', value: 'beta' }, percentage: 12.5 }, version: 'v2' },
          { version: 'v1' },
        ],
        weights: { v1: 90, v2: 10 },
      },
      users: {},
    }),
    upstreams,
  );
  expect([...policies.keys()]).toEqual(['orders', 'users']);
  const orders = policies.get('orders');
  expect(
    orders && versionFor(orders, { ...anyone, header: (name) => (name === 'x-canary' ? '1' : undefined) }),
  ).toBe('v2');
  expect(orders && versionFor(orders, anyone)).toBe('v1');
});

describe('refused, with the place and what is wrong:', () => {
  const rule = (match: unknown): unknown => ({ orders: { rules: [{ match, version: 'v2' }] } });

  test.each<[unknown, RegExp]>([
    [[], /the file: .*expected record/],
    [null, /the file: .*expected record/],
    [{ orders: [] }, /orders: .*expected object/],
    [{ orders: { rule: [] } }, /orders: Unrecognized key: "rule"/],
    [{ orders: { rules: [{}] } }, /orders\.rules\[0\]\.version: .*expected string/],
    [
      { orders: { rules: [{ version: 'v 2' }] } },
      /orders\.rules\[0\]\.version: must be 1 to 32 letters, digits, dots, dashes/,
    ],
    [rule({}), /orders\.rules\[0\]\.match: must name a header, a cookie or a percentage/],
    [rule({ percent: 3 }), /orders\.rules\[0\]\.match: Unrecognized key: "percent"/],
    [rule({ percentage: 101 }), /orders\.rules\[0\]\.match\.percentage: .*<=100/],
    [rule({ percentage: -1 }), /orders\.rules\[0\]\.match\.percentage: .*>=0/],
    [rule({ percentage: '5' }), /orders\.rules\[0\]\.match\.percentage: .*expected number/],
    [rule({ header: { name: 'x y', value: '' } }), /orders\.rules\[0\]\.match\.header\.name: must be a name/],
    [rule({ header: { name: 'x' } }), /orders\.rules\[0\]\.match\.header\.value: .*expected string/],
    [rule({ cookie: { name: 'a=b', value: '' } }), /orders\.rules\[0\]\.match\.cookie\.name: must be a name/],
    [{ orders: { rules: new Array(101).fill({ version: 'v1' }) } }, /orders\.rules: .*<=100/],
    [{ orders: { weights: {} } }, /orders\.weights: must have one above 0/],
    [{ orders: { weights: { v1: 0 } } }, /orders\.weights: must have one above 0/],
    [{ orders: { weights: { v1: -1 } } }, /orders\.weights\.v1: .*>=0/],
    [{ orders: { weights: { 'v 1': 1 } } }, /orders\.weights\.v 1: /],
    [
      { orders: { weights: Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`v${index}`, 1])) } },
      /orders\.weights: must be at most 20/,
    ],
    [{ order: {} }, /the traffic policies: unknown option 'order'; did you mean 'orders'\?/],
  ])('%j', (policies, message) => {
    const parse = (): unknown => parseTraffic(JSON.stringify(policies), upstreams);
    expect(parse).toThrow(RangeError);
    expect(parse).toThrow(message);
  });

  test('every fault at once', () => {
    const text = JSON.stringify({ orders: { rules: [{ version: '' }] }, users: { weights: { v1: 'x' } } });
    expect(() => parseTraffic(text, upstreams)).toThrow(
      /orders\.rules\[0\]\.version: [^\n]+\n {2}users\.weights\.v1: /,
    );
  });
});

test('a name that would reach a prototype names nothing', () => {
  expect(parseTraffic('{"__proto__": {"weights": {"v1": 1}}, "users": {}}', upstreams)).toEqual(
    parseTraffic('{"users": {}}', upstreams),
  );
  expect(() => parseTraffic('{"orders": {"weights": {"__proto__": 1}}}', upstreams)).toThrow(
    /must have one above 0/,
  );
});

test.each([99, 3_600_001])('pollMs of %d refuses to start', (pollMs) => {
  const parts = { clock: manualClock(), upstreams, onProblem: () => {}, onChange: () => {} };
  expect(() => trafficFile({ path: '/x', pollMs }, parts)).toThrow(
    new RangeError(`trafficFile: pollMs must be a number from 100 to 3600000, got ${pollMs}`),
  );
});
