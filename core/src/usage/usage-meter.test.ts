import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { BffOptions } from '../bff-options.ts';
import type { ProblemFact, RequestFact } from '../context/events.ts';
import { endpoint } from '../endpoint/endpoint.ts';
import { scopes } from '../identity/access.ts';
import { concurrent, monthlyQuota, tokenBucket } from '../limit/declare.ts';
import { memoryStore } from '../limit/memory-store.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { memoryRecords } from '../records/memory-records.ts';
import type { RecordStore } from '../records/record-store.ts';
import { asCaller } from '../testing/callers.ts';
import { type ManualClock, manualClock } from '../testing/manual-clock.ts';
import { type TestBff, testBff } from '../testing/test-bff.ts';
import { type UsageMeter, type UsageMeterOptions, usageMeter } from './usage-meter.ts';

const base = { summary: 'X.', access: scopes('a:b'), deadlineMs: 1_000 };
const order = endpoint('GET', '/v1/orders/:id', {
  ...base,
  query: z.object({ page: z.coerce.number().optional() }),
}).handle(z.object({}), async () => ({}));
const broken = endpoint('POST', '/v1/broken', base).handle(z.object({}), async () => {
  throw new GatewayError('upstream-error');
});
const november = { from: '2026-11-01', to: '2026-11-30' };

interface Rig {
  readonly clock: ManualClock;
  readonly records: RecordStore;
  readonly meter: UsageMeter;
  readonly bff: TestBff;
  readonly problems: ProblemFact[];
  call(path?: string, caller?: Caller, method?: string): Promise<Response>;
  /** What is written. */
  total(partner?: string): Promise<number>;
}

interface Caller {
  readonly subject?: string;
  readonly kind?: 'user' | 'partner';
  readonly clientId?: string;
  readonly scopes?: readonly string[];
  readonly plan?: string;
}

interface RigOptions {
  readonly clock?: ManualClock;
  readonly records?: RecordStore;
  readonly meter?: Partial<UsageMeterOptions>;
  readonly bff?: Partial<BffOptions>;
}

function rig({ clock = manualClock(), records = memoryRecords({ clock }), ...rest }: RigOptions = {}): Rig {
  const meter = usageMeter({ records, environment: 'live', ...rest.meter });
  const bff = testBff(
    [order, broken, meter.endpoint('/v1/usage')],
    {},
    {
      clock,
      limitStore: memoryStore({ clock }),
      meter,
      limits: tokenBucket({ capacity: 1_000 }),
      ...rest.bff,
    },
  );
  const problems: ProblemFact[] = [];
  bff.events.on('problem', (fact) => problems.push(fact));
  return {
    clock,
    records,
    meter,
    bff,
    problems,
    call: async (path = '/v1/orders/1', caller = {}, method = 'GET') => {
      const who = { subject: 'acme', kind: 'partner', clientId: 'key1', scopes: ['a:b'], ...caller } as const;
      return bff.app.request(path, { method, headers: asCaller(who) });
    },
    total: async (partner = 'acme') => (await meter.of(partner, november)).requests,
  };
}

describe('what counts', () => {
  test('every request of a partner that may call, good or not, by day, endpoint, key and version', async () => {
    const { call, meter, clock } = rig();
    await call();
    await call('/v1/orders/2');
    await call('/v1/orders/2?page=x');
    await call('/v1/orders/2', { clientId: 'key2' });
    expect((await call('/v1/broken', {}, 'POST')).status).toBe(502);
    clock.advance(86_400_000);
    await call();
    await meter.flush();
    expect(await meter.of('acme', november)).toEqual({
      ...november,
      requests: 6,
      days: [
        {
          date: '2026-11-01',
          requests: 5,
          endpoints: [
            { endpoint: 'GET /v1/orders/:id', requests: 4 },
            { endpoint: 'POST /v1/broken', requests: 1 },
          ],
        },
        {
          date: '2026-11-02',
          requests: 1,
          endpoints: [{ endpoint: 'GET /v1/orders/:id', requests: 1 }],
        },
      ],
      keys: [
        { key: 'key1', requests: 5 },
        { key: 'key2', requests: 1 },
      ],
      versions: [{ version: null, requests: 6 }],
    });
  });

  test.each([
    ['a person with the name of a partner', { kind: 'user' }, 200],
    ['a key without the scope', { scopes: [] }, 403],
  ] as const)('not %s', async (_who, caller, status) => {
    const { call, meter, total } = rig();
    expect((await call('/v1/orders/1', caller)).status).toBe(status);
    await meter.flush();
    expect(await total()).toBe(0);
  });

  test('not whoever is not known', async () => {
    const { bff, meter } = rig();
    expect((await bff.app.request('/v1/orders/1')).status).toBe(401);
    await meter.flush();
    expect(await meter.byVersion(november)).toEqual([]);
  });

  test.each([
    ['too many', tokenBucket({ name: 'burst', capacity: 1, refillPerSecond: 0.1 })],
    ['too many at once', concurrent({ max: 1 })],
  ])('not what is %s', async (_what, limit) => {
    const { call, meter, total } = rig({ bff: { plans: { tiny: [limit] } } });
    const answers = await Promise.all([1, 2, 3].map(() => call('/v1/orders/1', { plan: 'tiny' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 429, 429]);
    await meter.flush();
    expect(await total()).toBe(1);
  });

  test('what a version is, where there are versions', async () => {
    const { bff, meter, call } = rig();
    const facts: RequestFact[] = [];
    bff.events.on('request', (fact) => facts.push(fact));
    await call();
    await meter.flush();
    const [fact] = facts;
    expect(fact?.principal).toEqual({ kind: 'partner', id: 'acme', key: 'key1' });
    bff.events.emit('request', { ...(fact as RequestFact), version: '2026-06-01' });
    bff.events.emit('request', { ...(fact as RequestFact), version: '2025-01-01' });
    await meter.flush();
    expect((await meter.of('acme', november)).versions).toEqual([
      { version: null, requests: 1 },
      { version: '2025-01-01', requests: 1 },
      { version: '2026-06-01', requests: 1 },
    ]);
    const use = {
      partner: 'acme',
      key: 'key1',
      endpoint: 'GET /v1/orders/:id',
      requests: 1,
      lastDay: '2026-11-01',
    };
    expect(await meter.byVersion(november)).toEqual([
      { ...use, version: null },
      { ...use, version: '2025-01-01' },
      { ...use, version: '2026-06-01' },
    ]);
  });

  test('not what was answered from an earlier request, as the quota does not either', async () => {
    const { bff, meter, call, total } = rig();
    const facts: RequestFact[] = [];
    bff.events.on('request', (fact) => facts.push(fact));
    await call();
    const [fact] = facts;
    bff.events.emit('request', { ...fact, limit: { ...fact?.limit, isRepeat: true } } as never);
    await meter.flush();
    expect(await total()).toBe(1);
  });
});

describe('when it is written', () => {
  test('within a second, and no timer runs while nobody calls', async () => {
    const { call, clock, total } = rig();
    expect(clock.pending()).toBe(0);
    await call();
    clock.advance(999);
    expect(await total()).toBe(0);
    clock.advance(1);
    await expect.poll(() => total()).toBe(1);
    expect(clock.pending()).toBe(0);
  });

  test('when the BFF closes', async () => {
    const { call, bff, total } = rig();
    await call();
    await bff.close();
    expect(await total()).toBe(1);
  });

  test('two instances add up', async () => {
    const clock = manualClock();
    const records = memoryRecords({ clock });
    const rigs = [rig({ clock, records }), rig({ clock, records })] as const;
    for (const { call } of rigs) for (let count = 0; count < 5; count += 1) await call();
    await Promise.all(rigs.map(({ meter }) => meter.flush()));
    expect(await rigs[0].total()).toBe(10);
  });

  test('environments and partners do not', async () => {
    const clock = manualClock();
    const records = memoryRecords({ clock });
    const live = rig({ clock, records });
    const trial = rig({ clock, records, meter: { environment: 'test' } });
    await live.call();
    await live.call('/v1/orders/1', { subject: 'other' });
    await trial.call();
    await trial.call();
    for (const { meter } of [live, trial]) await meter.flush();
    expect([await live.total(), await live.total('other'), await trial.total()]).toEqual([1, 1, 2]);
  });
});

describe('a store that goes away', () => {
  /** Fails `count` as long as it is away: before it added, or after. */
  function moody(clock: ManualClock) {
    const inner = memoryRecords({ clock });
    const state: { mood: 'fine' | 'away' | 'adds and fails' } = { mood: 'fine' };
    const away = new GatewayError('dependency-unavailable');
    const records: RecordStore = {
      ...inner,
      async count(...parameters) {
        if (state.mood === 'away') throw away;
        const added = await inner.count(...parameters);
        if (state.mood === 'adds and fails') throw away;
        return added;
      },
    };
    return { records, state };
  }

  test.each(['away', 'adds and fails'] as const)(
    '"%s" loses nothing and counts nothing twice',
    async (mood) => {
      const clock = manualClock();
      const { records, state } = moody(clock);
      const { call, meter, total, problems } = rig({ clock, records });
      let sent = 0;
      for (const now of ['fine', mood, mood, mood, 'fine', mood, 'fine'] as const) {
        state.mood = now;
        for (let count = 0; count < 3; count += 1) {
          await call('/v1/orders/1', { clientId: `key${count % 2}` });
          sent += 1;
        }
        await meter.flush();
      }
      await meter.flush();
      expect(await total()).toBe(sent);
      expect(problems).toHaveLength(2);
      expect(problems[0]).toMatchObject({
        part: 'usage',
        error: { message: '3 requests wait to be written' },
      });
    },
  );

  test('is tried again every second', async () => {
    const clock = manualClock();
    const { records, state } = moody(clock);
    const { call, meter, total } = rig({ clock, records });
    state.mood = 'away';
    await call();
    clock.advance(1_000);
    await meter.flush();
    state.mood = 'fine';
    await expect.poll(() => clock.pending()).toBe(1);
    clock.advance(1_000);
    await expect.poll(() => total()).toBe(1);
  });

  test('until the BFF closes: then it is tried twice more, and what is lost is said', async () => {
    const clock = manualClock();
    const { records, state } = moody(clock);
    const { call, bff, problems } = rig({ clock, records });
    state.mood = 'away';
    await call();
    const closed = bff.close();
    for (let tries = 0; tries < 2; tries += 1) {
      await expect.poll(() => clock.pending()).toBe(1);
      clock.advance(1_000);
    }
    await closed;
    expect(problems.at(-1)?.error.message).toBe('1 requests were never counted: the records are away');
  });

  test('or there is no room for another counter: that is said, and what had room is counted', async () => {
    const { call, meter, total, problems } = rig({ meter: { maxWaiting: 2 } });
    for (const clientId of ['a', 'b', 'c', 'a']) await call('/v1/orders/1', { clientId });
    await meter.flush();
    expect(await total()).toBe(3);
    expect(problems.map(({ error }) => error.message)).toEqual([
      '1 requests were not counted: 2 counters wait to be written',
    ]);
    await call('/v1/orders/1', { clientId: 'c' });
    await meter.flush();
    expect(await total()).toBe(4);
  });
});

describe('at the end of a month', () => {
  test.each([
    ['2026-02', Date.UTC(2026, 1, 28)],
    ['2028-02', Date.UTC(2028, 1, 29)],
    ['2026-11', Date.UTC(2026, 10, 30)],
    ['2026-12', Date.UTC(2026, 11, 31)],
  ])(
    'of %s the last millisecond is of it and the next is not, for usage and quota alike',
    async (month, lastDay) => {
      const clock = manualClock(lastDay);
      const quota = monthlyQuota({ max: 3, by: 'partner' });
      const { call, meter, bff } = rig({ clock, bff: { limits: quota } });
      clock.advance(86_400_000 - 1);
      for (let count = 0; count < 3; count += 1) expect((await call()).status).toBe(200);
      const over = await call();
      expect([over.status, over.headers.get('retry-after')]).toEqual([429, '1']);
      clock.advance(1);
      expect((await call()).status).toBe(200);
      await meter.flush();
      const next = new Date(lastDay + 86_400_000).toISOString().slice(0, 10);
      const { days } = await meter.of('acme', { from: `${month}-01`, to: next });
      expect(days.map(({ date, requests }) => [date, requests])).toEqual([
        [new Date(lastDay).toISOString().slice(0, 10), 3],
        [next, 1],
      ]);
      const principal = {
        kind: 'partner',
        subject: 'acme',
        clientId: 'key1',
        scopes: new Set<string>(),
      } as const;
      expect(await bff.usage({ ...principal, tenant: undefined })).toMatchObject([{ used: 1 }]);
    },
  );
});

describe('GET /v1/usage', () => {
  test('is this month so far, of the partner alone', async () => {
    const { call, meter, clock } = rig();
    await call();
    await call('/v1/orders/1', { subject: 'other', clientId: 'key9' });
    await meter.flush();
    clock.advance(2 * 86_400_000);
    const response = await call('/v1/usage');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      from: '2026-11-01',
      to: '2026-11-03',
      requests: 1,
      days: [
        { date: '2026-11-01', requests: 1, endpoints: [{ endpoint: 'GET /v1/orders/:id', requests: 1 }] },
      ],
      keys: [{ key: 'key1', requests: 1 }],
      versions: [{ version: null, requests: 1 }],
    });
  });

  test('is of nobody for a person, whatever the name', async () => {
    const { call, meter } = rig();
    await call();
    await meter.flush();
    const response = await call('/v1/usage', { kind: 'user' });
    expect(await response.json()).toMatchObject({ requests: 0, days: [], keys: [] });
  });

  test.each([
    ['?from=2026-10-20', '2026-10-20', '2026-11-01'],
    ['?to=2026-10-20', '2026-10-01', '2026-10-20'],
    ['?from=2026-12-01', '2026-12-01', '2026-12-01'],
    ['?from=2026-08-02&to=2026-11-01', '2026-08-02', '2026-11-01'],
  ])('takes %s', async (query, from, to) => {
    expect(await (await rig().call(`/v1/usage${query}`)).json()).toMatchObject({ from, to });
  });

  test.each([
    ['?from=2026-11-02&to=2026-11-01', '/query/to'],
    ['?from=2026-08-01&to=2026-11-01', '/query/from'],
    ['?from=2026-02-29', '/query/from'],
    ['?from=yesterday', '/query/from'],
    ['?partner=other', '/query/partner'],
  ])('refuses %s', async (query, pointer) => {
    const response = await rig().call(`/v1/usage${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'validation-failed', errors: [{ pointer }] });
  });
});

describe('at boot', () => {
  test.each([
    [{ environment: 'Live!' }, 'environment must be 1 to 16 lowercase letters or digits'],
    [{ keepDays: 92 }, 'keepDays must be a number from 93 to 1000'],
    [{ maxWaiting: 0 }, 'maxWaiting must be a number from 1 to 1000000'],
    [{ kepDays: 100 }, "did you mean 'keepDays'"],
  ])('%o is refused', (options, message) => {
    expect(() => usageMeter({ records: memoryRecords(), environment: 'live', ...options })).toThrow(message);
  });

  test('one meter counts for one BFF', () => {
    const { meter } = rig();
    expect(() => testBff([order], {}, { meter })).toThrow('one meter counts for one BFF');
  });

  test('what only this process remembers is known', () => {
    expect(rig().bff.remembersAlone).toContain('usage');
  });
});
