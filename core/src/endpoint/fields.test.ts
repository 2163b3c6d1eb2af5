import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { anyone } from '../identity/access.ts';
import { tokenBucket } from '../limit/declare.ts';
import { testBff } from '../testing/index.ts';
import { endpoint } from './endpoint.ts';
import { parseFields } from './fields.ts';

const Tag = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), text: z.string() }),
  z.object({ kind: z.literal('image'), url: z.string() }),
]);
interface Folder {
  readonly name: string;
  readonly inside: readonly Folder[];
}
const Folder: z.ZodType<Folder> = z.object({ name: z.string(), inside: z.array(z.lazy(() => Folder)) });
const Order = z.object({
  id: z.string(),
  total: z.object({ amount: z.number(), currency: z.string() }),
  lines: z.array(
    z.object({ sku: z.string(), qty: z.number(), gift: z.object({ note: z.string() }).nullable() }),
  ),
  coupon: z.object({ code: z.string() }).optional(),
  tags: z.array(Tag),
  rows: z.array(z.array(z.object({ cell: z.string(), width: z.number() }))).default([]),
  prices: z.record(z.string(), z.number()),
  at: z
    .date()
    .transform((date) => ({ year: date.getUTCFullYear() }))
    .pipe(z.object({ year: z.number() })),
  folder: Folder.readonly(),
});

const value = {
  id: 'ord_1',
  total: { amount: 900, currency: 'EUR', margin: 0.6 },
  lines: [
    { sku: 'a', qty: 1, gift: null },
    { sku: 'b', qty: 2, gift: { note: 'Hi' }, cost: 3 },
  ],
  tags: [
    { kind: 'text' as const, text: 'new' },
    { kind: 'image' as const, url: '/1' },
  ],
  rows: [[{ cell: 'x', width: 1 }], []],
  prices: { eur: 1 },
  at: new Date(0),
  folder: { name: 'top', inside: [{ name: 'in', inside: [] }] },
  passwordHash: 'p4ss',
};

const order = endpoint('GET', '/order', {
  summary: 'An order.',
  access: anyone(),
  deadlineMs: 1_000,
  fields: true,
  query: z.object({ verbose: z.stringbool().optional() }),
}).handle(Order, async () => value as never);
const bff = testBff([order], {}, { limits: tokenBucket({ capacity: 10_000, refillPerSecond: 1 }) });

async function ask(query: string) {
  const answer = await bff.app.request(`/order${query}`);
  const text = await answer.text();
  return { status: answer.status, text, body: JSON.parse(text), etag: answer.headers.get('etag') };
}

const whole = {
  id: 'ord_1',
  total: { amount: 900, currency: 'EUR' },
  lines: [
    { sku: 'a', qty: 1, gift: null },
    { sku: 'b', qty: 2, gift: { note: 'Hi' } },
  ],
  tags: [
    { kind: 'text', text: 'new' },
    { kind: 'image', url: '/1' },
  ],
  rows: [[{ cell: 'x', width: 1 }], []],
  prices: { eur: 1 },
  at: { year: 1970 },
  folder: { name: 'top', inside: [{ name: 'in', inside: [] }] },
};

describe('an answer holds the fields that were asked for', () => {
  test.each<[string, unknown]>([
    ['', whole],
    ['?verbose=true', whole],
    ['?fields=id', { id: whole.id }],
    ['?fields=id&verbose=true', { id: whole.id }],
    ['?fields=total', { total: whole.total }],
    [
      '?fields=id,lines(sku,qty)',
      {
        id: 'ord_1',
        lines: [
          { sku: 'a', qty: 1 },
          { sku: 'b', qty: 2 },
        ],
      },
    ],
    ['?fields=id%2Clines%28sku%29', { id: 'ord_1', lines: [{ sku: 'a' }, { sku: 'b' }] }],
    [
      '?fields=lines.sku,lines.qty',
      {
        lines: [
          { sku: 'a', qty: 1 },
          { sku: 'b', qty: 2 },
        ],
      },
    ],
    [
      '?fields=lines.sku,lines(gift.note)',
      {
        lines: [
          { sku: 'a', gift: null },
          { sku: 'b', gift: { note: 'Hi' } },
        ],
      },
    ],
    ['?fields=lines(gift(note))', { lines: [{ gift: null }, { gift: { note: 'Hi' } }] }],
    ['?fields=lines,lines.sku', { lines: whole.lines }],
    ['?fields=lines.sku,lines', { lines: whole.lines }],
    ['?fields=id,id,id', { id: 'ord_1' }],
    ['?fields=coupon,id', { id: 'ord_1' }],
    ['?fields=coupon(code)', {}],
    ['?fields=tags.kind', { tags: [{ kind: 'text' }, { kind: 'image' }] }],
    ['?fields=tags(text,url)', { tags: [{ text: 'new' }, { url: '/1' }] }],
    ['?fields=rows.cell', { rows: [[{ cell: 'x' }], []] }],
    ['?fields=prices', { prices: { eur: 1 } }],
    ['?fields=at.year', { at: { year: 1970 } }],
    ['?fields=folder(name,inside.inside.name)', { folder: { name: 'top', inside: [{ inside: [] }] } }],
  ])('%s', async (query, expected) => {
    expect(await ask(query)).toMatchObject({ status: 200 });
    expect((await ask(query)).body).toEqual(expected);
  });

  test('in the order of the answer, whatever the order of the question: one selection has one entity tag', async () => {
    const [one, other] = [
      await ask('?fields=id,total(currency,amount)'),
      await ask('?fields=total(amount,currency),id'),
    ];
    expect(one.text).toBe('{"id":"ord_1","total":{"amount":900,"currency":"EUR"}}');
    expect(other.text).toBe(one.text);
    expect(other.etag).toBe(one.etag);
    expect((await ask('')).etag).not.toBe(one.etag);
  });

  test('after more selections than are kept ready', async () => {
    for (let round = 0; round < 2; round += 1) {
      for (let count = 1; count <= 70; count += 1) {
        const { body } = await ask(`?fields=${Array<string>(count).fill('id').join(',')}`);
        expect(body).toEqual({ id: 'ord_1' });
      }
    }
  });
});

describe('a selection is refused, before anything is asked,', () => {
  test.each([
    ['?fields=', /like id,lines/],
    ['?fields=,', /like id,lines/],
    ['?fields=id,', /like id,lines/],
    ['?fields=id,,total', /like id,lines/],
    ['?fields=id, total', /like id,lines/],
    ['?fields=id%20', /like id,lines/],
    ['?fields=.id', /like id,lines/],
    ['?fields=lines.', /like id,lines/],
    ['?fields=lines..sku', /like id,lines/],
    ['?fields=lines()', /like id,lines/],
    ['?fields=lines(sku', /misses a '\)'/],
    ['?fields=lines(sku))', /like id,lines/],
    ['?fields=(id)', /like id,lines/],
    ['?fields=lines(sku)qty', /like id,lines/],
    ['?fields=ids', /^'ids' is no field of the answer$/],
    ['?fields=passwordHash', /^'passwordHash' is no field/],
    ['?fields=__proto__', /^'__proto__' is no field/],
    ['?fields=constructor.name', /^'constructor' is no field/],
    ['?fields=lines(sku,quantity)', /^'lines.quantity' is no field/],
    ['?fields=lines.gift.text', /^'lines.gift.text' is no field/],
    ['?fields=tags.size', /^'tags.size' is no field/],
    ['?fields=id.x', /^'id' has no fields of its own$/],
    ['?fields=prices.eur', /^'prices' has no fields of its own$/],
    ['?fields=id&fields=total', /must come once/],
    [`?fields=${'a'.repeat(1_025)}`, /at most 1024 characters/],
    [`?fields=${'folder(inside('.repeat(5)}name${'))'.repeat(5)}`, /at most 8 deep/],
    [`?fields=folder${'.inside'.repeat(8)}`, /at most 8 deep/],
  ])('%s', async (query, detail) => {
    const { status, body } = await ask(query.replaceAll(' ', '%20'));
    expect(status).toBe(400);
    expect(body).toMatchObject({
      code: 'validation-failed',
      errors: [{ pointer: '/query/fields', detail: expect.stringMatching(detail) }],
    });
  });

  test('where the endpoint does not take any', async () => {
    const plain = endpoint('GET', '/x', { summary: 'X.', access: anyone(), deadlineMs: 100 }).handle(
      z.object({ id: z.string() }),
      async () => ({ id: '1' }),
    );
    const answer = await testBff([plain], {}).app.request('/x?fields=id');
    expect(await answer.json()).toMatchObject({ errors: [{ pointer: '/query/fields', detail: 'unknown' }] });
  });
});

test('an answer that is wrong is our own fault, also when what is wrong was not asked for', async () => {
  const broken = endpoint('GET', '/x', {
    summary: 'X.',
    access: anyone(),
    deadlineMs: 100,
    fields: true,
  }).handle(z.object({ id: z.string(), total: z.number() }), async () => ({
    id: '1',
    total: 'much' as never,
  }));
  const answer = await testBff([broken], {}).app.request('/x?fields=id');
  expect([answer.status, (await answer.json()).code]).toEqual([500, 'internal']);
});

test('an endpoint cannot take fields twice, nor for an answer it writes itself', () => {
  const options = { summary: 'X.', access: anyone(), deadlineMs: 100, fields: true };
  const twice = endpoint('GET', '/x', { ...options, query: z.object({ fields: z.string() }) }).handle(
    z.object({}),
    async () => ({}),
  );
  expect(() => testBff([twice], {})).toThrow(/GET \/x: fields: true already takes the parameter 'fields'/);
  const page = endpoint('GET', '/x', options).answer(() => ({ status: 200 }));
  expect(() => testBff([page], {})).toThrow(/GET \/x: fields is for JSON answers only/);
});

type Tree = { readonly [name: string]: Tree } | true;
const tree = fc.letrec<{ tree: Tree; part: Tree }>((tie) => ({
  tree: fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), tie('part'), {
    minKeys: 1,
    maxKeys: 3,
    noNullPrototype: true,
  }),
  part: fc.oneof({ maxDepth: 4 }, fc.constant<Tree>(true), tie('tree')),
})).tree;

function namesOf(selection: Tree, path = ''): string[] {
  if (selection === true) return [path];
  return Object.entries(selection).flatMap(([name, part]) =>
    namesOf(part, path === '' ? name : `${path}.${name}`),
  );
}

function nested(selection: Tree): string {
  if (selection === true) return '';
  return Object.entries(selection)
    .map(([name, part]) => (part === true ? name : `${name}(${nested(part)})`))
    .join(',');
}

test('dots and brackets say the same', () => {
  fc.assert(
    fc.property(tree, (selection) => {
      expect(parseFields(nested(selection))).toEqual(selection);
      expect(parseFields(namesOf(selection).join(','))).toEqual(selection);
    }),
  );
});

test('no text is anything but a selection or a refusal', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', ',', '(', ')', '.', ' ') });
  fc.assert(
    fc.property(text, (fields) => {
      let mask: unknown;
      try {
        mask = parseFields(fields);
      } catch (error) {
        expect(error).toMatchObject({ code: 'validation-failed' });
        return;
      }
      expect(Object.keys(Object(mask)).every((name) => /^[ab]+$/.test(name))).toBe(true);
    }),
  );
});
