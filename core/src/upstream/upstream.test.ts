import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { EventBus } from '../context/event-bus.ts';
import type { AttemptFact, CallFact } from '../context/events.ts';
import { noPressure } from '../context/pressure.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import {
  type FakeAnswer,
  type FakeUpstream,
  type FakeUpstreams,
  fakeUpstreams,
} from '../testing/fake-upstreams.ts';
import { type ManualClock, manualClock } from '../testing/manual-clock.ts';
import { type InboundFacts, testContext } from '../testing/test-context.ts';
import { type BindingOptions, bind } from './binding.ts';
import type { Call } from './call.ts';
import { type AnyOperation, get, patch, post, upstream } from './operation.ts';
import { seededRandom } from './random.ts';
import type { CallRequest } from './request.ts';
import type { Transport } from './transport.ts';
import { openUpstream, type Upstream } from './upstream.ts';

const User = z.object({ id: z.string(), name: z.string() });
const users = upstream('users', {
  operations: {
    get: get('/users/:id', { response: User, passes: [404], forwardResponseHeaders: ['etag'] }),
    find: get('/users', {
      query: z.object({ ids: z.array(z.string()).optional() }),
      response: z.array(User),
      forwardRequestHeaders: ['accept-language'],
    }),
    rename: patch('/users/:id', { body: z.object({ name: z.string() }), response: User }),
    ping: post('/ping'),
  },
});
const ada = { id: 'usr_1', name: 'Ada' };
const forAda: CallRequest = { params: { id: 'usr_1' } };

interface Rig {
  readonly clock: ManualClock;
  readonly fakes: FakeUpstreams;
  readonly upstream: Upstream;
  readonly facts: CallFact[];
  context(facts?: InboundFacts, deadlineMs?: number): RequestContext;
  /** Calls an operation once, for a request of its own unless one is given. */
  call(
    operation: AnyOperation,
    request?: CallRequest,
    context?: RequestContext,
    timeoutMs?: number,
  ): Promise<unknown>;
}

const noTimeout = Number.POSITIVE_INFINITY;

function rig(
  fake: FakeUpstream,
  options: Partial<BindingOptions<keyof typeof users>> = {},
  transport?: Transport,
): Rig {
  const clock = manualClock();
  const events = new EventBus();
  const facts: CallFact[] = [];
  events.on('call', (fact) => facts.push(fact));
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
  const calls = new Map<AnyOperation, Call>();
  const context: Rig['context'] = (of = {}, deadlineMs = 1_000) =>
    testContext(of, { clock, events, deadlineMs });
  return {
    clock,
    fakes,
    upstream: opened,
    facts,
    context,
    call(operation, request = forAda, within = context(), timeoutMs = noTimeout) {
      const prepared = calls.get(operation) ?? opened.prepare(operation.contract);
      calls.set(operation, prepared);
      return prepared(within, { name: 'profile', timeoutMs, worth: 'required' }, request);
    },
  };
}

const good: FakeUpstream = () => ({ body: ada });
const never: FakeUpstream = () => new Promise<FakeAnswer>(() => {});

function failureOf(running: Promise<unknown>): Promise<GatewayError> {
  return running.then(() => {
    throw new Error('the call did not fail');
  }, GatewayError.from);
}

const codeOf = async (running: Promise<unknown>): Promise<string> => (await failureOf(running)).code;

describe('the request', () => {
  test('goes to the bound origin, with what the gateway says and nothing else', async () => {
    const it = rig(good);
    const secrets = {
      authorization: 'Bearer x',
      cookie: 'sid=1',
      'x-user-id': 'admin',
      'accept-language': 'de',
      connection: 'traceparent',
    };
    const context = it.context({ headers: secrets });
    await it.call(users.get, forAda, context);
    expect(it.fakes.requests).toEqual([
      {
        upstream: 'users',
        operation: 'get',
        method: 'GET',
        origin: 'http://users:8080',
        target: '/users/usr_1',
        headers: {
          accept: 'application/json',
          'x-request-id': context.requestId,
          traceparent: expect.stringMatching(new RegExp(`^00-${context.traceId}-[0-9a-f]{16}-0[01]$`)),
          'bff-deadline-ms': '900',
        },
        body: undefined,
        maxAnswerBytes: 5 * 1_024 * 1_024,
      },
    ]);
  });

  test('carries the headers that were declared, when the client sent them', async () => {
    const it = rig(() => ({ body: [ada] }));
    await it.call(users.find, {}, it.context({ headers: { 'accept-language': 'de' } }));
    await it.call(users.find, {});
    const languages = it.fakes.requests.map(({ headers }) => headers['accept-language']);
    expect(languages).toEqual(['de', undefined]);
  });

  test('writes the query that was declared', async () => {
    const it = rig(() => ({ body: [] }));
    await it.call(users.find, { query: { ids: ['a', 'b'], admin: true } });
    expect(it.fakes.requests[0]?.target).toBe('/users?ids=a,b');
  });

  test('has a body in JSON where one was declared, and none where not', async () => {
    const it = rig(good);
    await it.call(users.rename, { ...forAda, body: { name: 'Eva' } });
    await it.call(users.get, { ...forAda, body: { name: 'Eva' } });
    const [rename, plain] = it.fakes.requests;
    expect([rename?.method, rename?.body, rename?.headers['content-type']]).toEqual([
      'PATCH',
      '{"name":"Eva"}',
      'application/json',
    ]);
    expect([plain?.body, plain?.headers['content-type']]).toEqual([undefined, undefined]);
  });

  test('is not sent when a value cannot go into a URL', async () => {
    const it = rig(good);
    expect(await codeOf(it.call(users.get, { params: { id: '..' } }))).toBe('internal');
    expect(it.fakes.requests).toHaveLength(0);
  });

  test('has a span of its own in one trace', async () => {
    const it = rig(good);
    const context = it.context();
    await it.call(users.get, forAda, context);
    await it.call(users.get, forAda, context);
    const spans = it.fakes.requests.map(({ headers }) => headers.traceparent?.split('-')[2]);
    expect(new Set(spans).size).toBe(2);
  });
});

describe('the time of a call', () => {
  test.each<
    [
      what: string,
      BindingOptions<'get'>['timeoutMs'],
      operationMs: number | undefined,
      callMs: number,
      budgetMs: number,
    ]
  >([
    ['what the deadline leaves', undefined, undefined, noTimeout, 900],
    ['that of the upstream', 500, undefined, noTimeout, 500],
    ['that of the operation', 500, 200, noTimeout, 200],
    ['that of the call', 500, 200, 100, 100],
    ['never more than that of the operation', 500, 200, 400, 200],
  ])('is %s', async (_what, timeoutMs, operationMs, callMs, budgetMs) => {
    const it = rig(never, {
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(operationMs === undefined ? {} : { operations: { get: { timeoutMs: operationMs } } }),
    });
    const running = failureOf(it.call(users.get, forAda, it.context(), callMs));
    expect(it.fakes.requests[0]?.headers['bff-deadline-ms']).toBe(String(budgetMs));
    it.clock.advance(budgetMs - 1);
    expect(it.fakes.aborted()).toBe(0);
    it.clock.advance(1);
    expect(it.fakes.aborted()).toBe(1);
    const { code, options } = await running;
    expect([code, options.node]).toEqual(['upstream-timeout', 'profile']);
  });

  test('shrinks with what the request has used already', async () => {
    const it = rig(good, { timeoutMs: 500 });
    const context = it.context();
    it.clock.advance(700);
    await it.call(users.get, forAda, context);
    expect(it.fakes.requests[0]?.headers['bff-deadline-ms']).toBe('200');
  });

  test('is known for the documents', () => {
    const { upstream: opened } = rig(good, { timeoutMs: 500, operations: { get: { timeoutMs: 200 } } });
    expect([opened.timeoutMs(users.get.contract), opened.timeoutMs(users.ping.contract)]).toEqual([200, 500]);
  });

  test('over, or not: no timer and no listener stays behind', async () => {
    const it = rig(good, { timeoutMs: 500 });
    const context = it.context();
    const before = it.clock.pending();
    await it.call(users.get, forAda, context);
    expect(it.clock.pending()).toBe(before);
    context.cancellation.cancel(new GatewayError('client-gone'));
    expect(it.fakes.aborted()).toBe(0);
  });
});

describe('the answer', () => {
  test('is the picked value', async () => {
    const it = rig(() => ({ body: { ...ada, password: 'x' } }));
    expect(await it.call(users.get)).toEqual(ada);
    expect(await it.call(users.get.pick({ name: true }))).toEqual({ name: 'Ada' });
  });

  test('of an operation without a response is nothing, whatever its type', async () => {
    const it = rig(() => ({ status: 204, headers: { 'content-type': 'text/html' }, body: '<html>' }));
    expect(await it.call(users.ping, {})).toBeUndefined();
  });

  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'APPLICATION/JSON',
    'application/hal+json',
  ])('may be %s', async (type) => {
    const it = rig(() => ({ headers: { 'content-type': type }, body: ada }));
    expect(await it.call(users.get)).toEqual(ada);
  });

  test.each(['text/html', 'text/json', 'application/jsonp', 'application/x-json', ''])(
    'cannot be %j',
    async (type) => {
      const it = rig(() => ({ headers: { 'content-type': type }, body: ada }));
      expect(await codeOf(it.call(users.get))).toBe('upstream-bad-answer');
    },
  );

  test('cannot be one that does not say what it is', async () => {
    const answer = { status: 200, header: () => undefined, body: Buffer.from(JSON.stringify(ada)) };
    const silent: Transport = {
      send: () => ({ answer: Promise.resolve(answer), abort() {} }),
      close: () => Promise.resolve(),
    };
    expect(await codeOf(rig(good, {}, silent).call(users.get))).toBe('upstream-bad-answer');
  });

  test.each<[FakeAnswer, string, upstream: string | undefined]>([
    [{ status: 404 }, 'not-found', undefined],
    [{ status: 403 }, 'upstream-rejected', 'profile'],
    [{ status: 429 }, 'upstream-busy', 'profile'],
    [{ status: 500 }, 'upstream-error', 'profile'],
    [{ status: 302 }, 'upstream-bad-answer', 'profile'],
    [{ body: { id: 7 } }, 'upstream-bad-answer', 'profile'],
    [{ body: 'no JSON' }, 'upstream-bad-answer', 'profile'],
  ])('%j is %s, and names the node where the service is at fault', async (answer, code, nodeName) => {
    const it = rig(() => answer);
    const failure = await failureOf(it.call(users.get));
    expect([failure.code, failure.options.node]).toEqual([code, nodeName]);
  });

  test('that never comes because of the network is upstream-unreachable', async () => {
    const it = rig(() => {
      throw new Error('connect ECONNREFUSED');
    });
    const failure = await failureOf(it.call(users.get));
    expect([failure.code, failure.options.node]).toEqual(['upstream-unreachable', 'profile']);
  });

  test('gives the client the declared headers and no other', async () => {
    const it = rig(() => ({ headers: { etag: '"1"', 'set-cookie': 'sid=1', server: 'x' }, body: ada }));
    const context = it.context();
    await it.call(users.get, forAda, context);
    expect([...context.answerHeaders]).toEqual([['etag', '"1"']]);
  });

  test('that failed gives the client no header', async () => {
    const it = rig(() => ({ status: 500, headers: { etag: '"1"' } }));
    const context = it.context();
    await failureOf(it.call(users.get, forAda, context));
    expect([...context.answerHeaders]).toEqual([]);
  });
});

describe('a request that is cancelled', () => {
  test('aborts the call at once and ends with the very reason', async () => {
    const it = rig(never);
    const context = it.context();
    const running = failureOf(it.call(users.get, forAda, context));
    const reason = new GatewayError('client-gone');
    context.cancellation.cancel(reason);
    expect(it.fakes.aborted()).toBe(1);
    expect(await running).toBe(reason);
  });

  test('before the call does not send it', async () => {
    const it = rig(good);
    const context = it.context();
    const reason = new GatewayError('upstream-error', { node: 'orders' });
    context.cancellation.cancel(reason);
    expect(await failureOf(it.call(users.get, forAda, context))).toBe(reason);
    expect(it.fakes.requests).toHaveLength(0);
    expect(it.facts.map(({ outcome }) => outcome)).toEqual(['cancelled']);
  });

  test('by its deadline is a timeout of the service', async () => {
    const it = rig(never);
    const running = failureOf(it.call(users.get));
    it.clock.advance(1_000);
    const { code, options } = await running;
    expect([code, options.node]).toEqual(['upstream-timeout', 'profile']);
    expect(it.facts.map(({ outcome }) => outcome)).toEqual(['upstream-timeout']);
  });
});

describe('every call is a fact', () => {
  test('with when it began, how long it took, and what came', async () => {
    const it = rig(async () => {
      it.clock.advance(30);
      return { body: ada };
    });
    const context = it.context();
    it.clock.advance(10);
    await it.call(users.get, forAda, context);
    const fact: CallFact = {
      node: 'profile',
      upstream: 'users',
      operation: 'get',
      method: 'GET',
      outcome: 'ok',
      startMs: 10,
      durationMs: 30,
      attempts: 1,
      hedges: 0,
      sent: [expect.objectContaining({ reason: 'first', status: 200, outcome: 'ok' }) as AttemptFact],
      bytes: Buffer.byteLength(JSON.stringify(ada)),
      status: 200,
    };
    expect(it.facts).toEqual([fact]);
    expect(context.calls).toEqual([fact]);
  });

  test('with its status, also when the answer could not be used', async () => {
    const it = rig(() => ({ status: 503, body: 'down' }));
    await failureOf(it.call(users.get));
    expect(it.facts[0]).toMatchObject({ outcome: 'upstream-error', status: 503, bytes: 4 });
  });

  test('without a status when none came', async () => {
    const it = rig(never, { timeoutMs: 100 });
    const running = failureOf(it.call(users.get));
    it.clock.advance(100);
    await running;
    expect(it.facts[0]).toMatchObject({ outcome: 'upstream-timeout', bytes: 0, durationMs: 100 });
    expect(it.facts[0]).not.toHaveProperty('status');
  });
});

test('closing closes the wire', async () => {
  let closed = 0;
  const transport: Transport = {
    send: () => ({ answer: new Promise(() => {}), abort() {} }),
    async close() {
      closed += 1;
    },
  };
  await rig(good, {}, transport).upstream.close();
  expect(closed).toBe(1);
});
