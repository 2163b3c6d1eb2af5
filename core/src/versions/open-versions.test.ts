import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { change, down, type Migration, up } from './change.ts';
import type { DatedVersion } from './dated.ts';
import { openVersions, versionsOf } from './open-versions.ts';

const Money = z.object({ amount: z.int(), currency: z.string() });
const Order = z.object({ id: z.string(), total: Money, tags: z.array(z.string()) });
const Card = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('order'), order: Order }),
  z.object({ kind: z.literal('text'), text: z.string() }),
]);
const options = { summary: 'Orders.', access: anyone(), deadlineMs: 100 } as const;
const endpointOf = (schema: z.ZodType) =>
  endpoint('GET', '/orders', options).handle(schema, async () => ({}) as never);

const text = {
  newer: { amount: z.int() },
  older: { amount: z.string() },
  map: ({ amount }: { readonly amount: number }) => ({ amount: String(amount) }),
};
const oldest: DatedVersion = { version: '2026-01-15', changes: [] };

function open(schema: z.ZodType, ...migrations: Migration[]) {
  const changes = migrations.map((response, index) =>
    change({ name: `change-${index}`, summary: 'A change.', response }),
  );
  return openVersions({ docs: '/docs', dated: [{ version: '2026-06-01', changes }, oldest] }, [
    endpointOf(schema),
  ]);
}

/** What an answer of `schema` becomes in the oldest version, and whether that version takes it. */
function downOf(schema: z.ZodType, value: unknown, ...migrations: Migration[]): unknown {
  const [way] = open(schema, ...migrations).descriptions[1]?.ways ?? [];
  if (way === undefined) throw new Error('nothing changed');
  const became = way.migrate(value);
  (way.to as z.ZodType).parse(became);
  return became;
}

const order = { id: 'o1', total: { amount: 5, currency: 'EUR' }, tags: [] };
const before = { ...order, total: { amount: '5', currency: 'EUR' } };

describe('a shape goes back wherever it is', () => {
  test.each<[string, z.ZodType, unknown, unknown]>([
    ['in a list', z.array(Order), [order, order], [before, before]],
    [
      'that may be null',
      z.object({ a: Order.nullable(), b: Order.nullable() }),
      { a: order, b: null },
      { a: before, b: null },
    ],
    ['that may be missing', z.object({ a: Order.optional(), n: z.int() }), { n: 1 }, { n: 1 }],
    ['by name', z.record(z.string(), Order), { x: order }, { x: before }],
    [
      'in one of several forms',
      z.array(Card),
      [
        { kind: 'order', order },
        { kind: 'text', text: '5' },
      ],
      [
        { kind: 'order', order: before },
        { kind: 'text', text: '5' },
      ],
    ],
  ])('%s', (_, schema, value, became) => {
    expect(downOf(schema, value, down(Money, text))).toEqual(became);
  });
});

test('changes of one version are undone last first, and each sees what the one after it left', () => {
  const rename = down(Money, {
    newer: { currency: z.string() },
    older: { unit: z.string() },
    map: ({ currency }) => ({ unit: currency.toLowerCase() }),
  });
  expect(downOf(Order, order, rename, down(Money, text))).toEqual({
    ...order,
    total: { amount: '5', unit: 'eur' },
  });
});

test('a shape may become another one altogether, which older changes name', () => {
  const Decimal = z.object({ value: z.string() });
  const whole = down(Money, {
    newer: Money,
    older: Decimal,
    map: ({ amount }) => ({ value: String(amount) }),
  });
  const older = down(Decimal, {
    newer: { value: z.string() },
    older: { number: z.number() },
    map: ({ value }) => ({ number: Number(value) }),
  });
  expect(downOf(Order, order, older, whole)).toEqual({ ...order, total: { number: 5 } });
});

test('what is given is not changed', () => {
  const given = structuredClone(order);
  downOf(Order, given, down(Money, text));
  expect(given).toEqual(order);
});

describe('a change that cannot hold does not boot', () => {
  const Query = z.object({ state: z.string() });
  const wrong = { newer: { amount: z.string() }, older: { amount: z.int() }, map: () => ({ amount: 1 }) };
  const tree: z.ZodType = z.object({
    total: Money,
    get children() {
      return z.array(tree);
    },
  });
  test.each<[string, () => unknown, RegExp]>([
    [
      'a member that is not there',
      () => open(Order, down(Money, { newer: { cents: z.int() }, older: {}, map: () => ({}) })),
      /change change-0: GET \/orders: newer has 'cents'/,
    ],
    [
      'a member of another type',
      () => open(Order, down(Money, wrong)),
      /newer says 'amount' is .*string.* and it is .*integer/,
    ],
    [
      'a name that is taken',
      () =>
        open(
          Order,
          down(Money, { newer: {}, older: { currency: z.string() }, map: () => ({ currency: '' }) }),
        ),
      /older has 'currency'/,
    ],
    ['a shape nobody has', () => open(Order, down(z.object({ amount: z.int() }), text)), /in no answer/],
    [
      'a refinement that looks at it',
      () =>
        open(
          Order.refine(({ total }) => total.amount > 0),
          down(Money, text),
        ),
      /a refinement looks at what changed/,
    ],
    [
      'a schema that transforms',
      () => open(z.object({ total: Money, at: z.string().transform((at) => at) }), down(Money, text)),
      /plain JSON/,
    ],
    ['a shape inside itself', () => open(tree, down(Money, text)), /inside itself/],
    [
      'an up as an answer',
      () =>
        change({ name: 'a', summary: 'b', response: up(Query, { older: {}, newer: {}, map: () => ({}) }) }),
      /made with down/,
    ],
    ['nothing', () => change({ name: 'a', summary: 'b' }), /declare request, response or errors/],
    ['no summary', () => change({ name: 'a', summary: ' ', response: down(Money, text) }), /summary/],
    [
      'a name of another form',
      () => change({ name: 'Money Text', summary: 'b', response: down(Money, text) }),
      /lowercase words/,
    ],
  ])('%s', (_, boot, message) => {
    expect(boot).toThrow(RangeError);
    expect(boot).toThrow(message);
  });
});

describe('a list of versions that cannot be does not boot', () => {
  const day = (version: string, more: Partial<DatedVersion> = {}): DatedVersion => ({
    version,
    changes: [],
    ...more,
  });
  const once = change({ name: 'once', summary: 'A change.', response: down(Money, text) });
  test.each<[string, readonly DatedVersion[], RegExp]>([
    ['none', [], /1 to 100 versions, got 0/],
    ['no day', [day('2026-02-30')], /a version is a day/],
    ['oldest first', [oldest, day('2026-06-01')], /the newest comes first/],
    ['twice', [oldest, oldest], /the newest comes first/],
    [
      'a newest that is deprecated',
      [day('2026-06-01', { deprecatedAt: '2026-07-01' })],
      /cannot be deprecated/,
    ],
    ['an oldest with changes', [day('2026-06-01'), day('2026-01-15', { changes: [once] })], /is the oldest/],
    ['a change twice', [day('2026-06-01', { changes: [once, once] }), oldest], /'once' appears twice/],
    [
      'a sunset without a deprecation',
      [day('2026-06-01'), { ...oldest, sunsetAt: '2027-01-01' }],
      /sunsetAt must not be before/,
    ],
    [
      'a sunset before',
      [day('2026-06-01'), { ...oldest, deprecatedAt: '2027-01-02', sunsetAt: '2027-01-01' }],
      /sunsetAt must not be before/,
    ],
    [
      'a moment without a zone',
      [day('2026-06-01'), { ...oldest, deprecatedAt: '2027-01-02T10:00' }],
      /with a zone/,
    ],
    [
      'a brownout before its deprecation',
      [
        day('2026-06-01'),
        { ...oldest, deprecatedAt: '2026-07-01', brownouts: [{ from: '2026-06-30', until: '2026-07-02' }] },
      ],
      /brownouts lie/,
    ],
    [
      'brownouts that overlap',
      [
        day('2026-06-01'),
        {
          ...oldest,
          deprecatedAt: '2026-07-01',
          brownouts: [
            { from: '2026-07-02', until: '2026-07-04' },
            { from: '2026-07-03', until: '2026-07-05' },
          ],
        },
      ],
      /brownouts lie/,
    ],
    [
      'a page that is no address',
      [day('2026-06-01', { docs: 'javascript:alert(1)' })],
      /must be a path or an https address/,
    ],
  ])('%s', (_, dated, message) => {
    expect(() => openVersions({ docs: '/docs', dated }, [endpointOf(Order)])).toThrow(message);
  });

  test('a version for callers without one that is not there', () => {
    const versions = { docs: '/docs', dated: [oldest], unpinned: '2020-01-01' };
    expect(() => openVersions(versions, [endpointOf(Order)])).toThrow(/unpinned must be one of 2026-01-15/);
  });
});

test('every version is described with its endpoints, and what it does not change it shares', () => {
  const { descriptions } = open(Order, down(Money, text));
  const [head, older] = versionsOf({ declared: { versions: descriptions } });
  expect([head?.isHead, older?.isHead]).toEqual([true, false]);
  expect(head?.endpoints[0]?.response).toBe(Order);
  const json = z.toJSONSchema(older?.endpoints[0]?.response as z.ZodType);
  expect(json).toMatchObject({ properties: { total: { properties: { amount: { type: 'string' } } } } });
  expect(Object.keys((json.properties ?? {}) as object)).toEqual(['id', 'total', 'tags']);
});

test('a request comes up through every change between, the oldest first', () => {
  const Body = z.object({ third: z.string(), rest: z.int() });
  const rename = (name: string, before: string, now: string) =>
    change({
      name,
      summary: 'A name changed.',
      request: up(Body, {
        older: { [before]: z.string() },
        newer: { [now]: z.string() },
        map: (part) => ({ [now]: `${part[before]}>${now}` }),
      }),
    });
  const create = endpoint('POST', '/orders', { ...options, body: Body }).handle(
    Order,
    async () => ({}) as never,
  );
  const dated = [
    { version: '2026-11-01', changes: [rename('newest', 'second', 'third')] },
    { version: '2026-06-01', changes: [rename('older', 'first', 'second')] },
    oldest,
  ];
  const { descriptions } = openVersions({ docs: '/docs', dated }, [create]);
  const [way] = descriptions[2]?.ways ?? [];
  expect(way?.migrate({ first: 'a', rest: 1 })).toEqual({ third: 'a>second>third', rest: 1 });
});
