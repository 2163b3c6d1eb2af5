import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { GatewayError } from '../problem/gateway-error.ts';
import { type ManualClock, manualClock } from '../testing/manual-clock.ts';
import { type HealthOptions, Prober, resolveHealth } from './health.ts';
import { seededRandom } from './random.ts';
import { type Health, TargetState } from './target.ts';
import type { Transport, TransportRequest } from './transport.ts';

/** A target that answers with the statuses of `script`, one per probe; then it hangs. */
interface Bench {
  readonly clock: ManualClock;
  readonly state: TargetState;
  readonly prober: Prober;
  readonly requests: TransportRequest[];
  readonly aborts: GatewayError[];
  readonly changes: Health[];
  /** Lets so many intervals pass, the probes' answers included. */
  rounds(count: number): Promise<void>;
}

type Answer = number | 'refused' | 'throws';

function bench(script: readonly Answer[], options: Partial<HealthOptions> = {}, random = () => 0.5): Bench {
  const clock = manualClock();
  const state = new TargetState({ origin: 'http://orders:80', weight: 1 });
  const requests: TransportRequest[] = [];
  const aborts: GatewayError[] = [];
  const changes: Health[] = [];
  const transport: Transport = {
    send(request) {
      const answer = script[requests.length];
      requests.push(request);
      if (answer === 'throws') throw new TypeError('not a request');
      const { promise, resolve, reject } = Promise.withResolvers<never>();
      if (answer === 'refused') reject(new GatewayError('upstream-unreachable'));
      else if (answer !== undefined) {
        resolve({ status: answer, header: () => undefined, body: Buffer.alloc(0) } as never);
      }
      return {
        answer: promise,
        abort(reason) {
          aborts.push(reason);
          reject(reason);
        },
      };
    },
    close: () => Promise.resolve(),
  };
  const prober = new Prober(state, resolveHealth('orders', { path: '/health', ...options }), {
    clock,
    random,
    transport,
    onChange: ({ health }) => changes.push(health),
  });
  const rounds = async (count: number): Promise<void> => {
    for (let tenth = 0; tenth < count * 10; tenth += 1) {
      clock.advance(500); // an answer must be seen before the timeout's turn
      await turn();
    }
  };
  return { clock, state, prober, requests, aborts, changes, rounds };
}

test('a probe is a GET of the path at the target', async () => {
  const { prober, requests, rounds } = bench([200]);
  prober.start();
  await rounds(1);
  expect(requests).toEqual([
    {
      operation: 'health',
      method: 'GET',
      origin: 'http://orders:80',
      target: '/health',
      headers: { accept: '*/*' },
      body: undefined,
      maxAnswerBytes: 1_048_576,
    },
  ]);
});

describe('health', () => {
  test('the first good probe makes an unknown target healthy', async () => {
    const { prober, state, changes, rounds } = bench([204, 200]);
    prober.start();
    expect(state.health).toBe('unknown');
    await rounds(2);
    expect(changes).toEqual(['healthy']);
  });

  test.each<[string, readonly Answer[]]>([
    ['a status outside 2xx', [199, 302, 500]],
    ['a refused connection', ['refused', 'refused', 'refused']],
    ['a transport that throws', ['throws', 'throws', 'throws']],
  ])('%s three times in a row makes a target unhealthy', async (_what, script) => {
    const { prober, state, changes, rounds } = bench(script);
    prober.start();
    await rounds(2);
    expect(state.health).toBe('unknown');
    await rounds(1);
    expect(changes).toEqual(['unhealthy']);
  });

  test('a good probe in between starts the count again', async () => {
    const { prober, state, rounds } = bench([500, 500, 200, 500, 500, 200]);
    prober.start();
    await rounds(6);
    expect(state.health).toBe('healthy');
  });

  test('two good probes in a row make it healthy again, with a bad one in between they do not', async () => {
    const { prober, changes, rounds } = bench([500, 500, 500, 200, 500, 200, 200]);
    prober.start();
    await rounds(6);
    expect(changes).toEqual(['unhealthy']);
    await rounds(1);
    expect(changes).toEqual(['unhealthy', 'healthy']);
  });

  test('the counts are what was asked for', async () => {
    const { prober, changes, rounds } = bench([500, 200, 200, 200], { unhealthy: 1, healthy: 3 });
    prober.start();
    await rounds(1);
    expect(changes).toEqual(['unhealthy']);
    await rounds(2);
    expect(changes).toEqual(['unhealthy']);
    await rounds(1);
    expect(changes).toEqual(['unhealthy', 'healthy']);
  });
});

test('a probe that hangs is aborted after its timeout and counts as failed', async () => {
  const { prober, clock, requests, aborts, state } = bench([], { unhealthy: 1 });
  prober.start();
  clock.advance(500); // the first probe starts within a fifth of the interval: here after a tenth
  expect(requests).toHaveLength(1);
  clock.advance(1_999);
  expect(aborts).toEqual([]);
  clock.advance(1);
  await turn();
  expect(aborts.map(({ code }) => code)).toEqual(['upstream-timeout']);
  expect(state.health).toBe('unhealthy');
});

test('a probe that was answered is not aborted afterwards', async () => {
  const { prober, aborts, rounds } = bench([200, 500]);
  prober.start();
  await rounds(2);
  expect(aborts).toEqual([]);
});

test('the next probe waits for the end of the one before', async () => {
  const { prober, clock, requests } = bench([], { everyMs: 1_000, timeoutMs: 60_000 });
  prober.start();
  clock.advance(59_000);
  expect(requests).toHaveLength(1);
  clock.advance(2_200);
  await turn();
  expect(requests).toHaveLength(2);
});

test('probes come every 5 s give or take a fifth, and never in step', async () => {
  const { prober, clock, requests } = bench(new Array<Answer>(200).fill(200), {}, seededRandom(1));
  const times: number[] = [];
  prober.start();
  while (times.length < 100) {
    const before = requests.length;
    clock.advance(10);
    await turn();
    if (requests.length > before) times.push(clock.monotonicMs());
  }
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? Number.NaN));
  expect(times[0]).toBeLessThanOrEqual(1_010);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(3_990);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(6_010);
  expect(new Set(gaps).size).toBeGreaterThan(50);
});

describe('stop leaves nothing behind', () => {
  test('before the first probe', () => {
    const { prober, clock, requests } = bench([200]);
    prober.start();
    prober.stop();
    clock.advance(60_000);
    expect([clock.pending(), requests.length]).toEqual([0, 0]);
  });

  test('right after an answer', async () => {
    const { prober, clock, requests } = bench([200]);
    prober.start();
    clock.advance(500);
    await turn();
    expect(clock.pending()).toBe(1);
    prober.stop();
    clock.advance(60_000);
    expect([clock.pending(), requests.length]).toEqual([0, 1]);
  });

  test('between probes', async () => {
    const { prober, clock, requests, rounds } = bench([200, 200]);
    prober.start();
    await rounds(1);
    prober.stop();
    await rounds(5);
    expect([clock.pending(), requests.length]).toEqual([0, 1]);
  });

  test('during a probe, which is aborted and says nothing', async () => {
    const { prober, clock, aborts, changes } = bench([], { unhealthy: 1 });
    prober.start();
    clock.advance(1_000);
    prober.stop();
    await turn();
    clock.advance(60_000);
    expect(aborts.map(({ code }) => code)).toEqual(['shutting-down']);
    expect([clock.pending(), changes]).toEqual([0, []]);
  });

  test('from within a change it reports', async () => {
    const { prober, clock, state, rounds } = bench([200]);
    const changed = new Prober(state, resolveHealth('orders', { path: '/' }), {
      clock,
      random: () => 0.5,
      transport: {
        send: () => {
          throw new Error('down');
        },
        close: () => Promise.resolve(),
      },
      onChange: () => changed.stop(),
    });
    changed.start();
    prober.stop();
    await rounds(4);
    expect([state.health, clock.pending()]).toEqual(['unhealthy', 0]);
  });
});

test('a second start does not double the probes', async () => {
  const { prober, requests, rounds } = bench([200, 200, 200]);
  prober.start();
  prober.start();
  await rounds(1);
  prober.start();
  await rounds(1);
  expect(requests).toHaveLength(2);
});

test('the defaults are every 5 s, 2 s, 2 up, 3 down', () => {
  expect(resolveHealth('orders', { path: '/health?deep=1' })).toEqual({
    path: '/health?deep=1',
    everyMs: 5_000,
    timeoutMs: 2_000,
    healthy: 2,
    unhealthy: 3,
  });
});

describe('refuses to start', () => {
  test.each<[object, string]>([
    [{ path: 'health' }, "orders: health: path must be a path such as /health, got 'health'"],
    [{ path: '/a b' }, "orders: health: path must be a path such as /health, got '/a b'"],
    [{ path: '/a\r\nx: y' }, "orders: health: path must be a path such as /health, got '/a\r\nx: y'"],
    [{}, "orders: health: path must be a path such as /health, got 'undefined'"],
    [{ path: '/', everyMs: 99 }, 'orders: health: everyMs must be a number from 100 to 3600000, got 99'],
    [{ path: '/', timeoutMs: 0 }, 'orders: health: timeoutMs must be a number from 1 to 60000, got 0'],
    [{ path: '/', healthy: 0 }, 'orders: health: healthy must be a number from 1 to 100, got 0'],
    [
      { path: '/', unhealthy: 0.5 },
      'orders: health: unhealthy must be a whole number from 1 to 100, got 0.5',
    ],
    [
      { path: '/', interval: 5 },
      "orders: health: unknown option 'interval'; it knows path, everyMs, timeoutMs, healthy, unhealthy",
    ],
  ])('%o', (options, message) => {
    expect(() => resolveHealth('orders', options as HealthOptions)).toThrow(new RangeError(message));
  });
});
