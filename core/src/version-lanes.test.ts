import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { BffOptions } from './bff-options.ts';
import { cursorOf, nextCursor } from './endpoint/cursor.ts';
import { endpoint } from './endpoint/endpoint.ts';
import { anyone } from './identity/access.ts';
import { GatewayError } from './problem/gateway-error.ts';
import { testBff } from './testing/test-bff.ts';
import { change, down, up } from './versions/change.ts';
import type { DatedVersion } from './versions/dated.ts';
import { problemShape } from './versions/problem-shape.ts';

const Money = z.object({ amount: z.int(), currency: z.string() });
const Order = z.object({ id: z.string(), reference: z.string().nullable(), total: Money });
const NewOrder = z.strictObject({ reference: z.string().max(5).optional(), count: z.int().min(1) });
const ListQuery = z.object({
  state: z.enum(['open', 'done']).optional(),
  cursor: cursorOf(z.int()).optional(),
});
const order = { id: 'o1', reference: 'A-1', total: { amount: 1_999, currency: 'EUR' } };

const options = { summary: 'Orders.', access: anyone(), deadlineMs: 1_000 } as const;
const read = endpoint('GET', '/orders/:id', { ...options, fields: true }).handle(Order, async ({ input }) => {
  if (input.params.id === 'none') throw new GatewayError('not-found');
  return order;
});
const list = endpoint('GET', '/orders', { ...options, query: ListQuery }).handle(
  z.object({ items: z.array(Order), next: nextCursor<number>().nullable(), state: z.string().nullable() }),
  async ({ input: { query } }) => ({
    items: [order],
    next: query.cursor === undefined ? 1 : null,
    state: query.state ?? null,
  }),
);
const create = endpoint('POST', '/orders', { ...options, body: NewOrder, status: 201 }).handle(
  Order,
  async ({ input }) => ({ ...order, reference: input.body.reference ?? null }),
);
const health = endpoint('GET', '/health', options).handle(z.object({ ok: z.boolean() }), async () => ({
  ok: true,
}));

const moneyAsText = change({
  name: 'money-in-minor-units',
  summary: 'Amounts are whole minor units; they were decimal text.',
  response: down(Money, {
    newer: { amount: z.int() },
    older: { amount: z.string() },
    map: ({ amount }) => ({ amount: (amount / 100).toFixed(2) }),
  }),
});
const reference = change({
  name: 'order-reference',
  summary: 'The `purchaseOrder` of an order is its `reference`.',
  request: up(NewOrder, {
    older: { purchaseOrder: z.string().max(5).optional() },
    newer: { reference: z.string().max(5).optional() },
    map: ({ purchaseOrder }) => ({ reference: purchaseOrder }),
  }),
  response: down(Order, {
    newer: { reference: z.string().nullable() },
    older: { purchaseOrder: z.string().nullable() },
    map: ({ reference }) => ({ purchaseOrder: reference }),
  }),
});
const listState = change({
  name: 'list-state',
  summary: 'The parameter `done` is `state`; problems have a `code`, which was `error`.',
  request: up(ListQuery, {
    older: { done: z.enum(['yes', 'no']).optional() },
    newer: { state: z.enum(['open', 'done']).optional() },
    map: ({ done }) => ({ state: done === undefined ? undefined : done === 'yes' ? 'done' : 'open' }),
  }),
  errors: down(problemShape, {
    newer: { code: z.string() },
    older: { error: z.string() },
    map: ({ code }) => ({ error: code }),
  }),
});

const dated: readonly DatedVersion[] = [
  { version: '2026-11-01', changes: [moneyAsText] },
  { version: '2026-06-01', changes: [reference, listState] },
  {
    version: '2026-01-15',
    changes: [],
    deprecatedAt: '2026-06-01',
    sunsetAt: '2026-12-01T00:00:00Z',
    brownouts: [
      { from: '2026-10-01T10:00:00Z', until: '2026-10-01T11:00:00Z' },
      { from: '2026-11-01T10:00:00Z', until: '2026-11-01T12:00:00Z', status: 410 },
    ],
  },
];
const versions = { dated, docs: '/docs/changelog' };

function open(more: Partial<BffOptions> = {}) {
  const bff = testBff([read, list, create, health], {}, { versions, ...more });
  const facts: (string | undefined)[] = [];
  bff.events.on('request', ({ version }) => facts.push(version));
  const ask = async (target: string, version?: string, init: RequestInit = {}) => {
    const headers = { ...(version === undefined ? {} : { 'api-version': version }), ...init.headers };
    const answer = await bff.app.request(target, { ...init, headers });
    return {
      status: answer.status,
      headers: answer.headers,
      body: (await answer.json()) as Record<string, unknown>,
    };
  };
  /** Lets the clock be there. */
  const at = (moment: string): void => bff.clock.advance(Date.parse(moment) - bff.clock.wallMs());
  return { bff, facts, ask, at };
}

const post = (body: object): RequestInit => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
});

describe('an answer', () => {
  test('is the newest for who asks for the newest, and for who asks for none', async () => {
    const { ask } = open();
    expect((await ask('/orders/o1')).body).toEqual(order);
    expect((await ask('/orders/o1', '2026-11-01')).body).toEqual(order);
  });

  test('goes back one change at a time', async () => {
    const { ask } = open();
    const total = { amount: '19.99', currency: 'EUR' };
    expect((await ask('/orders/o1', '2026-06-01')).body).toEqual({ ...order, total });
    expect((await ask('/orders/o1', '2026-01-15')).body).toEqual({ id: 'o1', purchaseOrder: 'A-1', total });
  });

  test('goes back in lists, and its cursor still works', async () => {
    const { ask } = open();
    const { body } = await ask('/orders', '2026-01-15');
    expect(body.items).toEqual([
      { id: 'o1', purchaseOrder: 'A-1', total: { amount: '19.99', currency: 'EUR' } },
    ]);
    const next = await ask(`/orders?cursor=${String(body.next)}`, '2026-01-15');
    expect([next.status, next.body.next]).toEqual([200, null]);
  });

  test('says its version, and that it depends on the header and the caller', async () => {
    const { ask, facts } = open();
    const answers = [
      await ask('/orders/o1'),
      await ask('/orders/none', '2026-06-01'),
      await ask('/health', '2026-06-01'),
    ];
    expect(answers.map(({ headers }) => headers.get('api-version'))).toEqual([
      '2026-11-01',
      '2026-06-01',
      '2026-06-01',
    ]);
    for (const { headers } of answers) expect(headers.get('vary')).toMatch(/^API-Version, Authorization/);
    expect(facts).toEqual(['2026-11-01', '2026-06-01', '2026-06-01']);
  });

  test('has an entity tag of its own in each version', async () => {
    const { ask } = open();
    const newest = await ask('/orders/o1');
    const older = await ask('/orders/o1', '2026-06-01');
    expect(newest.headers.get('etag')).not.toBe(older.headers.get('etag'));
  });

  test('selects fields by the names that the version has', async () => {
    const { ask } = open();
    expect((await ask('/orders/o1?fields=purchaseOrder,total(amount)', '2026-01-15')).body).toEqual({
      purchaseOrder: 'A-1',
      total: { amount: '19.99' },
    });
    expect((await ask('/orders/o1?fields=reference', '2026-01-15')).status).toBe(400);
  });
});

describe('a request', () => {
  test('of an older version comes up to the newest', async () => {
    const { ask } = open();
    const { status, body } = await ask('/orders', '2026-01-15', post({ purchaseOrder: 'B-2', count: 1 }));
    expect([status, body.purchaseOrder]).toEqual([201, 'B-2']);
    expect((await ask('/orders?done=yes', '2026-01-15')).body.state).toBe('done');
  });

  test('is judged by the names it knows', async () => {
    const { ask } = open();
    const tooLong = await ask('/orders', '2026-06-01', post({ reference: 'too long', count: 0 }));
    expect(tooLong.body.errors).toMatchObject([{ pointer: '/body/reference' }, { pointer: '/body/count' }]);
    const older = await ask(
      '/orders',
      '2026-01-15',
      post({ purchaseOrder: 'too long', reference: 'x', count: 1 }),
    );
    expect(older.body.errors).toMatchObject([
      { pointer: '/body/purchaseOrder' },
      { pointer: '/body/reference' },
    ]);
    expect((await ask('/orders?state=done', '2026-01-15')).status).toBe(400);
    expect((await ask('/orders?done=yes', '2026-11-01')).status).toBe(400);
  });
});

describe('a problem', () => {
  test('has the form of the version', async () => {
    const { ask } = open();
    expect((await ask('/orders/none', '2026-06-01')).body).toMatchObject({ code: 'not-found', status: 404 });
    const { body } = await ask('/orders/none', '2026-01-15');
    expect(body).toMatchObject({ error: 'not-found', status: 404 });
    expect(body).not.toHaveProperty('code');
  });

  test('tells who asks for a version that never was which ones there are', async () => {
    const { ask, facts } = open();
    for (const version of ['2099-01-01', 'latest', '', '2026-06-02']) {
      const { status, headers, body } = await ask('/orders/o1', version);
      expect([status, headers.get('api-version')]).toEqual([400, null]);
      expect(body).toMatchObject({
        code: 'unknown-version',
        supported: ['2026-11-01', '2026-06-01', '2026-01-15'],
        docs: '/docs/changelog#2026-11-01',
      });
    }
    expect(facts).toEqual([undefined, undefined, undefined, undefined]);
  });
});

describe('a version that ends', () => {
  test('says so on every answer: since when, until when, and where it is explained', async () => {
    const { ask, at } = open();
    at('2026-07-01T00:00:00Z');
    for (const target of ['/orders/o1', '/orders/none', '/health']) {
      const { headers } = await ask(target, '2026-01-15');
      expect(headers.get('deprecation')).toBe(`@${Date.parse('2026-06-01') / 1_000}`);
      expect(headers.get('sunset')).toBe('Tue, 01 Dec 2026 00:00:00 GMT');
      expect(headers.get('link')).toBe(
        '</docs/changelog#2026-01-15>; rel="deprecation"; type="text/html", ' +
          '</docs/changelog#2026-01-15>; rel="sunset"; type="text/html"',
      );
    }
    expect((await ask('/orders/o1', '2026-06-01')).headers.get('deprecation')).toBeNull();
  });

  test('is answered until its last moment and gone from then on', async () => {
    const { ask, at } = open();
    at('2026-11-30T23:59:59.999Z');
    expect((await ask('/orders/o1', '2026-01-15')).status).toBe(200);
    at('2026-12-01T00:00:00Z');
    const { status, headers, body } = await ask('/orders/o1', '2026-01-15');
    expect([status, headers.get('api-version'), headers.get('sunset')]).toEqual([
      410,
      '2026-01-15',
      'Tue, 01 Dec 2026 00:00:00 GMT',
    ]);
    expect(body).toMatchObject({ error: 'version-sunset', docs: '/docs/changelog#2026-01-15' });
    expect((await ask('/orders/o1', '2099-01-01')).body.supported).toEqual(['2026-11-01', '2026-06-01']);
  });

  test('is refused in its brownouts, with the moment at which they end', async () => {
    const { ask, at } = open();
    at('2026-10-01T10:30:00Z');
    const busy = await ask('/orders/o1', '2026-01-15');
    expect([busy.status, busy.headers.get('retry-after'), busy.body.error]).toEqual([
      503,
      '1800',
      'version-brownout',
    ]);
    expect((await ask('/orders/o1', '2026-06-01')).status).toBe(200);
    at('2026-10-01T11:00:00Z');
    expect((await ask('/orders/o1', '2026-01-15')).status).toBe(200);
    at('2026-11-01T10:00:00Z');
    const gone = await ask('/orders/o1', '2026-01-15');
    expect([gone.status, gone.headers.get('retry-after'), gone.body.error]).toEqual([
      410,
      '7200',
      'version-sunset',
    ]);
  });
});

test('an answer that its version could not read is a 500, never another shape', async () => {
  const wrong = change({
    name: 'wrong',
    summary: 'A change with a fault.',
    response: down(Order, {
      newer: { id: z.string() },
      older: { id: z.string().min(9) },
      map: ({ id }) => ({ id }),
    }),
  });
  const { ask } = open({
    versions: {
      ...versions,
      dated: [
        { version: '2026-11-01', changes: [wrong] },
        { version: '2026-06-01', changes: [] },
      ],
    },
  });
  expect((await ask('/orders/o1', '2026-06-01')).status).toBe(500);
  expect((await ask('/orders/o1')).status).toBe(200);
});
