import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { RequestFact } from '../context/events.ts';
import { anyone, signedIn } from '../identity/access.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { asCaller, type FakeAnswer, testBff } from '../testing/index.ts';
import { get, upstream } from '../upstream/operation.ts';
import { endpoint, type HandleContext } from './endpoint.ts';

const shop = upstream('shop', {
  operations: {
    page: get('/pages/:number', { response: z.object({ more: z.boolean() }), passes: [404] }),
    slow: get('/slow', { response: z.object({}) }),
  },
});
const other = upstream('other', { operations: { get: get('/', { response: z.object({}) }) } });
const Count = z.object({ count: z.number() });
const options = { summary: 'Counts pages.', access: anyone(), deadlineMs: 1_000 } as const;

type Handler = (context: HandleContext<unknown, unknown>) => Promise<{ count: number }>;

function counting(handler: Handler) {
  return endpoint('GET', '/count', options).handle(Count, handler);
}

const hanging = () => Promise.withResolvers<FakeAnswer>().promise;
const shopWithSlowPart = {
  shop: ({ operation }: { readonly operation: string }) =>
    operation === 'slow' ? hanging() : { body: { more: false } },
};

test('a handler may loop over calls; what it returns is trimmed like every answer', async () => {
  const all = counting(async ({ call }) => {
    let count = 0;
    for (let more = true; more; count += 1) {
      ({ more } = await call(shop.page.pick({ more: true }), { params: { number: String(count) } }));
    }
    return { count, secret: 'x' };
  });
  const bff = testBff([all], { shop: ({ target }) => ({ body: { more: target !== '/pages/2' } }) });
  expect(await (await bff.app.request('/count')).json()).toEqual({ count: 3 });
  expect(bff.requests.map(({ target }) => target)).toEqual(['/pages/0', '/pages/1', '/pages/2']);
});

test('a handler sees the checked input and the caller', async () => {
  const echo = endpoint('POST', '/echo/:id', {
    ...options,
    access: signedIn(),
    query: z.object({ n: z.coerce.number() }),
    body: z.object({ text: z.string() }),
  }).handle(z.object({ text: z.string() }), async ({ input, principal }) => ({
    text: `${input.params.id} ${input.query.n} ${input.body.text} ${principal.subject}`,
  }));
  const bff = testBff([echo], {});
  const answer = await bff.app.request('/echo/a?n=7', {
    method: 'POST',
    headers: { ...asCaller('usr_1'), 'content-type': 'application/json' },
    body: '{"text":"hi"}',
  });
  expect(await answer.json()).toEqual({ text: 'a 7 hi usr_1' });
});

test('a handler makes at most 20 calls per request; the next one fails it with 500', async () => {
  const greedy = (calls: number) =>
    counting(async ({ call }) => {
      for (let index = 0; index < calls; index += 1)
        await call(shop.page, { params: { number: `${index}` } });
      return { count: calls };
    });
  const atBound = testBff([greedy(20)], shopWithSlowPart);
  expect((await atBound.app.request('/count')).status).toBe(200);
  expect((await atBound.app.request('/count')).status).toBe(200);
  const beyond = testBff([greedy(21)], shopWithSlowPart);
  expect((await beyond.app.request('/count')).status).toBe(500);
  expect(beyond.requests).toHaveLength(20);
});

test.each<[string, Handler, number, string]>([
  [
    'a call that fails',
    async ({ call }) => {
      await call(shop.page, { params: { number: 'missing' } });
      return { count: 1 };
    },
    404,
    'not-found',
  ],
  [
    'a gateway error of its own',
    async () => {
      throw new GatewayError('conflict');
    },
    409,
    'conflict',
  ],
  [
    'any other error',
    async () => {
      throw new Error('http://10.0.0.7 said no');
    },
    500,
    'internal',
  ],
  [
    'an error before its first await',
    () => {
      throw new Error('http://10.0.0.7 said no');
    },
    500,
    'internal',
  ],
  [
    'a call to an upstream that is not bound',
    async ({ call }) => {
      await call(other.get, {});
      return { count: 1 };
    },
    500,
    'internal',
  ],
])('%s fails the endpoint with its code', async (_what, handler, status, code) => {
  const bff = testBff([counting(handler)], { shop: () => ({ status: 404 }) });
  const answer = await bff.app.request('/count');
  const text = await answer.text();
  expect(answer.status).toBe(status);
  expect(JSON.parse(text)).toMatchObject({ code });
  expect(text).not.toContain('10.0.0.7');
});

test('a handler may survive a call that fails', async () => {
  const tolerant = counting(async ({ call }) => {
    const page = await call(shop.page, { params: { number: '1' } }).catch(() => undefined);
    return { count: page === undefined ? 0 : 1 };
  });
  const bff = testBff([tolerant], { shop: () => ({ status: 500 }) });
  expect(await (await bff.app.request('/count')).json()).toEqual({ count: 0 });
});

test('the deadline ends a handler that waits, and its calls with it', async () => {
  const signals: AbortSignal[] = [];
  const waiting = counting(async ({ call, signal }) => {
    signals.push(signal);
    await call(shop.slow, {});
    return { count: 1 };
  });
  const bff = testBff([waiting], shopWithSlowPart);
  const answer = bff.app.request('/count');
  await turn();
  bff.clock.advance(899);
  expect(signals[0]?.aborted).toBe(false);
  bff.clock.advance(1);
  expect((await answer).status).toBe(504);
  expect(signals[0]?.aborted).toBe(true);
  expect([bff.fakes.aborted(), bff.fakes.open(), bff.clock.pending()]).toEqual([1, 0, 0]);
});

test('the deadline ends a handler that waits for something else', async () => {
  const stuck = counting(() => Promise.withResolvers<{ count: number }>().promise);
  const bff = testBff([stuck], {});
  const answer = bff.app.request('/count');
  await turn();
  bff.clock.advance(900);
  expect(await (await answer).json()).toMatchObject({ code: 'deadline-exceeded' });
});

test('a client that leaves aborts the signal and the calls', async () => {
  const signals: AbortSignal[] = [];
  const facts: RequestFact[] = [];
  const waiting = counting(async ({ call, signal }) => {
    signals.push(signal);
    await call(shop.slow, {});
    return { count: 1 };
  });
  const bff = testBff([waiting], shopWithSlowPart);
  bff.events.on('request', (fact) => facts.push(fact));
  const leaving = new AbortController();
  const answer = bff.app.request('/count', { signal: leaving.signal });
  await turn();
  leaving.abort();
  await answer;
  expect(signals[0]?.aborted).toBe(true);
  expect(facts).toMatchObject([{ status: 499, calls: [{ outcome: 'cancelled' }] }]);
  expect([bff.fakes.open(), bff.clock.pending()]).toEqual([0, 0]);
});

test('when a handler fails, what it still calls is cancelled', async () => {
  const racing = counting(async ({ call }) => {
    await Promise.all([call(shop.slow, {}), call(shop.page, { params: { number: 'missing' } })]);
    return { count: 2 };
  });
  const bff = testBff([racing], {
    shop: ({ operation }) => (operation === 'slow' ? hanging() : { status: 404 }),
  });
  expect((await bff.app.request('/count')).status).toBe(404);
  expect([bff.fakes.aborted(), bff.fakes.open(), bff.clock.pending()]).toEqual([1, 0, 0]);
});

test('a call that a handler did not wait for ends with the request and harms nobody', async () => {
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown): void => void rejections.push(reason);
  process.on('unhandledRejection', onRejection);
  try {
    const careless = counting(async ({ call }) => {
      void call(shop.slow, {});
      return { count: 0 };
    });
    const bff = testBff([careless], shopWithSlowPart);
    expect((await bff.app.request('/count')).status).toBe(200);
    await turn();
    expect([bff.fakes.aborted(), bff.fakes.open(), bff.clock.pending()]).toEqual([1, 0, 0]);
    expect(rejections).toEqual([]);
  } finally {
    process.off('unhandledRejection', onRejection);
  }
});
