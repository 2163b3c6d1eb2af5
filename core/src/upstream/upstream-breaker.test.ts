import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { EventBus } from '../context/event-bus.ts';
import type { BreakerFact, CallFact } from '../context/events.ts';
import { noPressure } from '../context/pressure.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { type FakeAnswer, type FakeUpstream, fakeUpstreams } from '../testing/fake-upstreams.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { testContext } from '../testing/test-context.ts';
import { type BindingOptions, bind } from './binding.ts';
import { type AnyOperation, get, post, upstream } from './operation.ts';
import { seededRandom } from './random.ts';
import type { CallRequest } from './request.ts';
import type { Transport } from './transport.ts';
import { openUpstream } from './upstream.ts';

const User = z.object({ id: z.string() });
const users = upstream('users', {
  operations: {
    get: get('/users/:id', { response: User, passes: [400, 404, 409, 422] }),
    find: get('/users', { response: z.array(User) }),
    ping: post('/ping'),
  },
});
const ada = { id: 'usr_1' };
const never: FakeUpstream = () => new Promise<FakeAnswer>(() => {});

function rig(
  fake: FakeUpstream,
  options: Partial<BindingOptions<keyof typeof users>> = {},
  transport?: Transport,
) {
  const clock = manualClock();
  const events = new EventBus();
  const changes: BreakerFact[] = [];
  const calls: CallFact[] = [];
  events.on('breaker', (fact) => changes.push(fact));
  events.on('call', (fact) => calls.push(fact));
  const fakes = fakeUpstreams({ users: fake });
  const opened = openUpstream(
    bind(users, { targets: 'http://users:8080', retry: { attempts: 0 }, ...options }),
    {
      clock,
      events,
      random: seededRandom(1),
      pressure: noPressure,
      transport: transport ?? fakes.transport({ name: 'users' }),
      probeTransport: undefined,
      traffic: () => undefined,
    },
  );
  const context = (): RequestContext => testContext({}, { clock, events, deadlineMs: 1_000 });
  return {
    clock,
    fakes,
    upstream: opened,
    changes,
    calls,
    context,
    call(
      operation: AnyOperation,
      request: CallRequest = { params: ada },
      within = context(),
    ): Promise<unknown> {
      const node = { name: 'profile', timeoutMs: Number.POSITIVE_INFINITY, worth: 'required' } as const;
      return opened.prepare(operation.contract)(within, node, request);
    },
  };
}

type Rig = ReturnType<typeof rig>;

function failureOf(running: Promise<unknown>): Promise<GatewayError> {
  return running.then(() => {
    throw new Error('the call did not fail');
  }, GatewayError.from);
}

const codeOf = async (running: Promise<unknown>): Promise<string> => (await failureOf(running)).code;

async function fail(it: Rig, times: number, operation: AnyOperation = users.get): Promise<void> {
  for (let call = 0; call < times; call += 1) await failureOf(it.call(operation));
}

describe('the breaker', () => {
  test('opens at the fifth failure in a row, and then nothing is sent', async () => {
    const it = rig(() => ({ status: 500 }));
    await fail(it, 5);
    const failure = await failureOf(it.call(users.get));
    expect([failure.code, failure.options]).toEqual([
      'circuit-open',
      { retryAfterMs: 30_000, node: 'profile' },
    ]);
    expect(it.fakes.requests).toHaveLength(5);
    expect(it.calls.at(-1)).toMatchObject({ outcome: 'circuit-open', durationMs: 0 });
    expect(it.changes).toEqual([{ upstream: 'users', from: 'closed', to: 'open' }]);
    expect(it.upstream.status().breakers).toEqual([{ upstream: 'users', state: 'open' }]);
  });

  test('opens for connections that fail', async () => {
    const it = rig(() => {
      throw new Error('reset');
    });
    await fail(it, 5);
    expect(it.upstream.status().breakers).toEqual([{ upstream: 'users', state: 'open' }]);
  });

  test.each<[string, FakeUpstream]>([
    ['answers that cannot be used', () => ({ body: 'no JSON' })],
    ['redirects', () => ({ status: 302 })],
  ])('stays closed for %s: the service is there', async (_what, fake) => {
    const it = rig(fake);
    await fail(it, 20);
    expect(it.upstream.status().breakers).toEqual([{ upstream: 'users', state: 'closed' }]);
  });

  test.each([400, 401, 403, 404, 409, 422, 429])(
    'stays closed for %i: the service answered',
    async (status) => {
      const it = rig(() => ({ status }));
      await fail(it, 20, users.get); // passes some of them to the client
      await fail(it, 20, users.find); // and this one none
      expect(it.changes).toEqual([]);
    },
  );

  test('stays closed when clients leave, when siblings fail, when our own code is wrong', async () => {
    const it = rig(never);
    for (const reason of ['client-gone', 'upstream-error', 'shutting-down', 'internal'] as const) {
      for (let call = 0; call < 10; call += 1) {
        const context = it.context();
        const running = failureOf(it.call(users.get, { params: ada }, context));
        context.cancellation.cancel(new GatewayError(reason));
        await running;
      }
    }
    for (let call = 0; call < 10; call += 1) await failureOf(it.call(users.get, { params: { id: '' } }));
    expect(it.changes).toEqual([]);
  });

  test('counts a deadline that passed when the call had at least half of it', async () => {
    const it = rig(never);
    for (let call = 0; call < 5; call += 1) {
      const running = failureOf(it.call(users.get));
      it.clock.advance(900);
      await running;
    }
    expect(it.upstream.status().breakers).toEqual([{ upstream: 'users', state: 'open' }]);
  });

  test('does not count a deadline of which others had used most', async () => {
    const it = rig(never);
    for (let call = 0; call < 20; call += 1) {
      const context = it.context();
      it.clock.advance(600);
      const running = failureOf(it.call(users.get, { params: ada }, context));
      it.clock.advance(300);
      await running;
    }
    expect(it.changes).toEqual([]);
  });

  test('is one for all operations, but for those that have their own', async () => {
    const it = rig((request) => (request.operation === 'find' ? { body: [] } : { status: 500 }), {
      operations: { get: { breaker: { failureThreshold: 2 } } },
    });
    await fail(it, 2);
    expect(await codeOf(it.call(users.get))).toBe('circuit-open');
    expect(await it.call(users.find, {})).toEqual([]);
    expect(it.upstream.status().breakers).toEqual([
      { upstream: 'users', state: 'closed' },
      { upstream: 'users', operation: 'get', state: 'open' },
    ]);
    expect(it.changes).toEqual([{ upstream: 'users', operation: 'get', from: 'closed', to: 'open' }]);
    await fail(it, 5, users.ping);
    expect(await codeOf(it.call(users.find, {}))).toBe('circuit-open');
  });

  test('half-open, lets three of a herd through and fails the others at once', async () => {
    const release = Promise.withResolvers<FakeAnswer>();
    let isDown = true;
    const it = rig(() => (isDown ? { status: 500 } : release.promise));
    await fail(it, 5);
    isDown = false;
    it.clock.advance(30_000);
    const herd = Array.from({ length: 100 }, () => it.call(users.get));
    expect(it.fakes.requests).toHaveLength(5 + 3);
    expect(it.upstream.status().breakers).toEqual([{ upstream: 'users', state: 'half-open' }]);
    release.resolve({ body: ada });
    const ended = await Promise.allSettled(herd);
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(it.upstream.status().breakers).toEqual([{ upstream: 'users', state: 'closed' }]);
  });

  test('half-open, a probe whose client leaves gives its place to the next', async () => {
    let isDown = true;
    const it = rig(
      (request) => (isDown ? { status: 500 } : request.operation === 'get' ? { body: ada } : never(request)),
      {
        breaker: { halfOpenProbes: 1 },
      },
    );
    await fail(it, 5);
    isDown = false;
    it.clock.advance(30_000);
    const context = it.context();
    const probe = failureOf(it.call(users.ping, {}, context));
    expect(await codeOf(it.call(users.get))).toBe('circuit-open');
    context.cancellation.cancel(new GatewayError('client-gone'));
    await probe;
    for (let call = 0; call < 4; call += 1) expect(await it.call(users.get)).toEqual(ada); // the fourth is no probe
    expect(it.upstream.status().breakers).toEqual([{ upstream: 'users', state: 'closed' }]);
  });

  test('a wire that throws is our own fault, counts for nothing, and leaves nothing behind', async () => {
    const broken: Transport = {
      send() {
        throw new TypeError('invalid header');
      },
      close: () => Promise.resolve(),
    };
    const it = rig(never, {}, broken);
    for (let call = 0; call < 20; call += 1) expect(await codeOf(it.call(users.get))).toBe('internal');
    expect(it.changes).toEqual([]);
  });
});
