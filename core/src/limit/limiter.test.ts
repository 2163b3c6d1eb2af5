import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { QuotaFact } from '../context/events.ts';
import type { Principal } from '../context/principal.ts';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone, signedIn } from '../identity/access.ts';
import type { Authenticator } from '../identity/authenticator.ts';
import { testBff } from '../testing/test-bff.ts';
import { concurrent, fixedWindow, leakyBucket, monthlyQuota, slidingLog, tokenBucket } from './declare.ts';
import type { Limit } from './limit.ts';

const Ok = z.object({ ok: z.boolean() });
const options = { summary: 'Ping.', access: anyone(), deadlineMs: 2_000 };
const ping = endpoint('GET', '/ping', options).handle(Ok, async () => ({ ok: true }));
const dear = endpoint('GET', '/dear', { ...options, cost: 3 }).handle(Ok, async () => ({ ok: true }));
const search = endpoint('GET', '/search', { ...options, limitClass: 'search' }).handle(Ok, async () => ({
  ok: true,
}));

/** Believes `x-caller: partner plan`. */
const callers: Authenticator = {
  name: 'test',
  challenge: 'Test',
  authenticate({ inbound }) {
    const [subject, plan] = inbound.header('x-caller')?.split(' ') ?? [];
    if (subject === undefined) return undefined;
    return partner(subject, plan);
  },
};

function partner(subject: string, plan?: string): Principal {
  const known = { kind: 'partner', subject, clientId: `${subject}-key`, tenant: undefined } as const;
  return { ...known, scopes: new Set(), ...(plan === undefined ? {} : { plan }) };
}

function bffOf(limits: Limit | readonly Limit[], more: object = {}) {
  const bff = testBff([ping, dear, search], {}, { identity: [callers], limits, ...more });
  const get = async (path = '/ping', caller?: string): Promise<Response> =>
    bff.app.request(path, caller === undefined ? {} : { headers: { 'x-caller': caller } });
  return { ...bff, get };
}

describe('several limits', () => {
  const burst = tokenBucket({ name: 'burst', capacity: 3, refillPerSecond: 1 });
  const minute = fixedWindow({ name: 'minute', max: 4, windowSeconds: 60 });

  test('all have to allow; the refusal names who did not and tells of all', async () => {
    const { get, clock } = bffOf([burst, minute]);
    await get();
    await get();
    await get();
    const refused = await get();
    expect(await refused.json()).toMatchObject({ detail: "The limit 'burst' is used up." });
    expect(Object.fromEntries(refused.headers)).toMatchObject({
      'retry-after': '1',
      'ratelimit-policy': '"burst";q=3;w=3, "minute";q=4;w=60',
      ratelimit: '"burst";r=0;t=1, "minute";r=1;t=60',
    });
    clock.advance(1_000);
    expect((await get()).status).toBe(200);
    const both = await get();
    expect(await both.json()).toMatchObject({ detail: "The limits 'burst' and 'minute' are used up." });
    expect(both.headers.get('retry-after')).toBe('59');
  });

  test('a client that waits exactly Retry-After is let through', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ stepMs: fc.integer({ min: 0, max: 1_500 }), dear: fc.boolean() }), {
          maxLength: 25,
        }),
        async (steps) => {
          const pace = leakyBucket({ ratePerSecond: 3 });
          const log = slidingLog({ name: 'log', max: 4, windowSeconds: 5 });
          const bucket = tokenBucket({ capacity: 4, refillPerSecond: 0.7 });
          const { get, clock } = bffOf([bucket, log, fixedWindow({ max: 9, windowSeconds: 20 }), pace]);
          for (const step of steps) {
            clock.advance(step.stepMs);
            const path = step.dear ? '/dear' : '/ping';
            const { status, headers } = await get(path);
            if (status !== 429) continue;
            clock.advance(Number(headers.get('retry-after')) * 1_000);
            expect((await get(path)).status).toBe(200);
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('plans', () => {
  const plans = {
    free: [tokenBucket({ capacity: 3, refillPerSecond: 1 }), monthlyQuota({ max: 10 })],
    pro: monthlyQuota({ max: 1_000 }),
  };
  const remaining = ({ headers }: Response): string | null => headers.get('x-ratelimit-remaining');

  test('the plan of the credential chooses the limits; who has none gets the limits of all', async () => {
    const { get } = bffOf(tokenBucket({ capacity: 50 }), { plans });
    expect(remaining(await get('/ping', 'acme free'))).toBe('2');
    expect(remaining(await get('/ping', 'apex pro'))).toBe('999');
    expect(remaining(await get('/ping', 'anon'))).toBe('49');
    expect(remaining(await get('/ping', 'odd unheard-of'))).toBe('49');
  });

  test('a quota is exact to the unit, told at 80 % and 100 % once, and readable', async () => {
    const facts: QuotaFact[] = [];
    const { get, events, usage, clock } = bffOf(tokenBucket(), {
      plans: { free: monthlyQuota({ max: 10 }) },
    });
    events.on('quota', (fact) => facts.push(fact));
    const statuses: number[] = [];
    for (const path of ['/dear', '/dear', '/dear', '/dear', '/ping', '/ping']) {
      statuses.push((await get(path, 'acme free')).status);
    }
    expect(statuses).toEqual([200, 200, 200, 429, 200, 429]);
    expect(facts.map(({ percent, used }) => [percent, used])).toEqual([
      [80, 9],
      [100, 10],
    ]);
    const [month] = await usage(partner('acme', 'free'));
    expect(month).toEqual({
      limit: 'month',
      max: 10,
      used: 10,
      remaining: 0,
      resetsAtMs: Date.UTC(2026, 11, 1),
    });
    clock.advance(Date.UTC(2026, 11, 1) - clock.wallMs());
    expect((await get('/ping', 'acme free')).status).toBe(200);
    expect((await usage(partner('acme', 'free')))[0]?.used).toBe(1);
  });

  test('a plan whose limits do not fit together refuses to boot', () => {
    expect(() => bffOf(tokenBucket(), { plans: { free: [] } })).toThrow(
      new RangeError('defineBff: plans.free: list at least one limit'),
    );
  });

  test('a cost that some plan could never let pass refuses to boot', () => {
    expect(() => bffOf(tokenBucket(), { plans: { free: tokenBucket({ capacity: 2 }) } })).toThrow(
      new RangeError('GET /dear: cost must be a number from 0 to 2, got 3'),
    );
  });
});

test('a class of endpoints has a limit of its own', async () => {
  const { get } = bffOf(fixedWindow({ max: 3, windowSeconds: 60, by: ['partner', 'endpoint-class'] }));
  const statuses: number[] = [];
  for (const path of ['/search', '/search', '/search', '/search', '/ping']) {
    statuses.push((await get(path, 'acme')).status);
  }
  expect(statuses).toEqual([200, 200, 200, 429, 200]);
});

test.each([
  ['draft', ['ratelimit']],
  ['legacy', ['x-ratelimit-limit']],
  ['none', []],
])('rateLimitHeaders %s', async (rateLimitHeaders, present) => {
  const { headers } = await bffOf(tokenBucket(), { rateLimitHeaders }).get();
  expect(['ratelimit', 'x-ratelimit-limit'].filter((name) => headers.has(name))).toEqual(present);
});

describe('concurrency', () => {
  test('a caller who has as many running is refused until one ends, and pays nothing for it', async () => {
    const gates: (() => void)[] = [];
    const slow = endpoint('GET', '/slow', options).handle(Ok, async () => {
      await new Promise<void>((resolve) => gates.push(resolve));
      return { ok: true };
    });
    const limits = [concurrent({ max: 2 }), tokenBucket({ capacity: 10 })];
    const bff = testBff([slow], {}, { limits });
    const first = bff.app.request('/slow');
    const second = bff.app.request('/slow');
    await turn();
    const third = await bff.app.request('/slow');
    expect(third.status).toBe(429);
    expect(third.headers.get('retry-after')).toBe('1');
    expect(await third.json()).toMatchObject({
      detail: "The limit 'concurrent' is used up: 2 requests at once.",
    });
    gates[0]?.();
    expect((await first).status).toBe(200);
    const fourth = bff.app.request('/slow');
    await turn();
    for (const open of gates) open();
    expect([(await second).status, (await fourth).status]).toEqual([200, 200]);
    expect((await fourth).headers.get('x-ratelimit-remaining')).toBe('7');
  });

  test('a refusal by a rate leaves no place taken', async () => {
    const { get } = bffOf([concurrent({ max: 1 }), tokenBucket({ capacity: 3, refillPerSecond: 1 })]);
    for (let index = 0; index < 4; index += 1) await get();
    const { status, headers } = await get();
    expect([status, headers.has('x-ratelimit-limit')]).toEqual([429, true]);
  });
});

describe('the queue of a leaky bucket', () => {
  const paced = (queue: number) => bffOf(leakyBucket({ ratePerSecond: 2, queue }));

  test('who comes early waits its turn, evenly spaced and in order', async () => {
    const { get, clock } = paced(3);
    const order: number[] = [];
    const answers = [0, 1, 2, 3].map((index) => get().then(({ status }) => order.push(index) && status));
    for (const expected of [[0], [0, 1], [0, 1, 2], [0, 1, 2, 3]]) {
      for (let turns = 0; turns < 10; turns += 1) await turn();
      expect(order).toEqual(expected);
      clock.advance(500);
    }
    expect(await Promise.all(answers)).toEqual([200, 200, 200, 200]);
    expect(clock.pending()).toBe(0);
  });

  test('who finds the line full is refused, told when to come again', async () => {
    const { get, clock } = paced(1);
    await get();
    const waiting = get();
    await turn();
    const refused = await get();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(refused.headers.get('ratelimit')).toBe('"pace";r=0;t=1');
    clock.advance(500);
    expect((await waiting).status).toBe(200);
  });

  test('what costs nothing does not wait', async () => {
    const free = endpoint('GET', '/free', { ...options, cost: 0 }).handle(Ok, async () => ({ ok: true }));
    const { app, clock } = testBff([ping, free], {}, { limits: leakyBucket({ ratePerSecond: 2, queue: 5 }) });
    await app.request('/ping');
    const waiting = app.request('/ping');
    await turn();
    expect((await app.request('/free')).status).toBe(200);
    clock.advance(500);
    expect((await waiting).status).toBe(200);
  });

  test('who could not be served within the deadline does not wait for it', async () => {
    const { get, clock } = bffOf(leakyBucket({ ratePerSecond: 0.4, queue: 5 }));
    await get();
    expect((await get()).status).toBe(429);
    expect(clock.pending()).toBe(0);
  });

  test('who leaves frees the place at once, and those behind move up', async () => {
    const { app, clock, get } = paced(2);
    await get();
    const gone = new AbortController();
    const leaving = app.request(new Request('http://bff.test/ping', { signal: gone.signal }));
    await turn();
    const next = get();
    await turn();
    gone.abort();
    expect((await leaving).status).toBe(499);
    const behind = get();
    await turn();
    clock.advance(500);
    expect((await next).status).toBe(200);
    clock.advance(500);
    expect((await behind).status).toBe(200);
    expect(clock.pending()).toBe(0);
  });
});

describe('failures of identity', () => {
  const mine = endpoint('GET', '/mine', { ...options, access: signedIn() }).handle(Ok, async () => ({
    ok: true,
  }));
  let verified = 0;
  const bearer: Authenticator = {
    name: 'test',
    challenge: 'Bearer',
    authenticate({ inbound }) {
      verified += 1;
      return inbound.header('authorization') === 'Bearer good' ? partner('acme') : undefined;
    },
  };
  const authFailureLimit = tokenBucket({ name: 'auth-failures', capacity: 2, refillPerSecond: 0.5 });
  const rig = () => {
    const bff = testBff(
      [mine],
      {},
      { identity: [bearer], authFailureLimit, limits: tokenBucket({ capacity: 5 }) },
    );
    const as = async (token?: string): Promise<Response> =>
      bff.app.request('/mine', token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
    return { ...bff, as };
  };

  test('bad credentials use up the failures of the address; then they are not even looked at', async () => {
    const { as, clock } = rig();
    expect([(await as('bad')).status, (await as('bad')).status]).toEqual([401, 401]);
    const before = verified;
    const refused = await as('bad');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '2']);
    expect(await refused.json()).toMatchObject({ detail: "The limit 'auth-failures' is used up." });
    expect((await as('good')).status).toBe(429);
    expect(verified).toBe(before);
    clock.advance(2_000);
    expect((await as('good')).status).toBe(200);
  });

  test('they cost no quota of whoever was named', async () => {
    const { as, clock } = rig();
    await as('bad');
    await as('bad');
    await as('bad');
    clock.advance(10_000);
    expect((await as('good')).headers.get('x-ratelimit-remaining')).toBe('4');
  });

  test('a missing credential is limited too, apart from bad ones', async () => {
    const { as } = rig();
    const statuses = [(await as()).status, (await as()).status, (await as()).status];
    expect(statuses).toEqual([401, 401, 429]);
    expect((await as('bad')).status).toBe(401);
    expect((await as('good')).status).toBe(200);
  });
});
