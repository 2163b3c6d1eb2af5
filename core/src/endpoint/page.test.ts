import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Bff, defineBff } from '../bff.ts';
import { anyone, signedIn } from '../identity/access.ts';
import { tokenBucket } from '../limit/declare.ts';
import { asCaller, testBff, testCallers } from '../testing/index.ts';
import { cursorOf, nextCursor } from './cursor.ts';
import { endpoint } from './endpoint.ts';
import { pageOf, pageQuery } from './page.ts';

const Position = z.object({ after: z.string(), score: z.number() });
type Position = z.output<typeof Position>;
const first: Position = { after: 'Zoë', score: 7 };

/** A list that says the position it was asked for, and offers `first` until it is asked with one. */
function listAt(path: '/feed' | '/news' | '/shops/:shop/feed', next: Position = first) {
  return endpoint('GET', path, {
    summary: 'A list in pages.',
    access: anyone(),
    deadlineMs: 1_000,
    fields: true,
    query: z.object({
      limit: z.coerce.number().default(20),
      tag: z.string().or(z.array(z.string())).optional(),
      cursor: cursorOf(Position).optional(),
    }),
  }).handle(
    z.object({ at: Position.nullable(), next: nextCursor<Position>().nullable() }),
    async ({ input: { query } }) => ({
      at: query.cursor ?? null,
      next: query.cursor === undefined ? next : null,
    }),
  );
}

const key = (letter: string): string => Buffer.alloc(32, letter).toString('base64');
const endpoints = [listAt('/feed'), listAt('/news'), listAt('/shops/:shop/feed')];
const bff = testBff(endpoints, {}, { limits: tokenBucket({ capacity: 10_000, refillPerSecond: 1 }) });
const ada = asCaller('usr_1');

async function ask(target: string, headers: Record<string, string> = ada, served: Pick<Bff, 'app'> = bff) {
  const answer = await served.app.request(target, { headers });
  return { status: answer.status, body: await answer.json(), etag: answer.headers.get('etag') };
}

async function cursorFrom(
  target: string,
  headers: Record<string, string> = ada,
  served: Pick<Bff, 'app'> = bff,
): Promise<string> {
  const { body } = await ask(target, headers, served);
  return z.string().parse(body.next);
}

const invalid = {
  status: 400,
  body: { code: 'invalid-cursor', errors: [{ pointer: '/query/cursor' }] },
};

describe('a cursor', () => {
  test('leads to the position it was made from, whatever is in it', async () => {
    const position = fc.record({ after: fc.string({ unit: 'binary', maxLength: 40 }), score: fc.integer() });
    await fc.assert(
      fc.asyncProperty(position, async (next) => {
        const served = testBff([listAt('/feed', next)], {});
        const cursor = await cursorFrom('/feed', ada, served);
        expect(cursor).toMatch(/^[\w-]+$/);
        expect(await ask(`/feed?cursor=${cursor}`, ada, served)).toMatchObject({
          status: 200,
          body: { at: next, next: null },
        });
      }),
      { numRuns: 50 },
    );
  });

  test('shows nothing of the position', async () => {
    const bytes = Buffer.from(await cursorFrom('/feed'), 'base64url').toString('latin1');
    expect(bytes).not.toMatch(/Zo|after|score/);
  });

  test('is the same while the page is the same, so that the page keeps its entity tag', async () => {
    const [one, two] = [await ask('/feed?tag=a'), await ask('/feed?tag=a')];
    expect(one.body).toEqual(two.body);
    expect(one.etag).toBe(two.etag);
  });

  test('goes on with another limit and other fields', async () => {
    const cursor = await cursorFrom('/feed?tag=a&limit=5');
    expect((await ask(`/feed?limit=9&cursor=${cursor}&tag=a`)).status).toBe(200);
    expect(await ask(`/feed?fields=at&cursor=${cursor}&tag=a`)).toMatchObject({ body: { at: first } });
  });

  test('does not care in which order the filter is written', async () => {
    const cursor = await cursorFrom('/feed?limit=1&tag=a&tag=b');
    expect((await ask(`/feed?cursor=${cursor}&tag=a&limit=1&tag=b`)).status).toBe(200);
  });

  test.each<[string, string, string, Record<string, string>]>([
    ['another caller', '/feed', '/feed', asCaller('usr_2')],
    ['the same subject in another tenant', '/feed', '/feed', asCaller({ subject: 'usr_1', tenant: 'acme' })],
    ['a partner of the same name', '/feed', '/feed', asCaller({ subject: 'usr_1', kind: 'partner' })],
    ['a stranger', '/feed', '/feed', {}],
    ['another route', '/feed', '/news', ada],
    ['another path of the same route', '/shops/one/feed', '/shops/two/feed', ada],
    ['another filter', '/feed?tag=a', '/feed?tag=b', ada],
    ['no filter', '/feed?tag=a', '/feed', ada],
    ['a longer filter', '/feed?tag=a', '/feed?tag=a&tag=b', ada],
  ])('is refused to %s', async (_who, from, to, headers) => {
    const cursor = await cursorFrom(from);
    const refused = await ask(`${to}${to.includes('?') ? '&' : '?'}cursor=${cursor}`, headers);
    expect(refused).toMatchObject(invalid);
    expect((await ask(`${from}${from.includes('?') ? '&' : '?'}cursor=${cursor}`)).status).toBe(200);
  });

  test('is shared by all strangers', async () => {
    const cursor = await cursorFrom('/feed', {});
    expect((await ask(`/feed?cursor=${cursor}`, {})).status).toBe(200);
  });

  test('is refused with any of its bits changed, cut short or made longer', async () => {
    const cursor = await cursorFrom('/feed');
    const bytes = Buffer.from(cursor, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 7) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(await ask(`/feed?cursor=${changed.toString('base64url')}`)).toMatchObject(invalid);
    }
    for (const changed of [
      cursor.slice(0, -4),
      `${cursor}AAAA`,
      `${cursor}=`,
      `${cursor}%20`,
      `.${cursor}`,
    ]) {
      expect(await ask(`/feed?cursor=${changed}`)).toMatchObject(invalid);
    }
  });

  test.each([
    '',
    'x',
    '!!!',
    Buffer.from('{"after":"a","score":1}').toString('base64url'),
    'A'.repeat(3_000),
  ])('is refused when it was never one: %j', async (cursor) => {
    expect(await ask(`/feed?cursor=${cursor}`)).toMatchObject(invalid);
  });

  test('is refused when there are two', async () => {
    const cursor = await cursorFrom('/feed');
    expect(await ask(`/feed?cursor=${cursor}&cursor=${cursor}`)).toMatchObject(invalid);
  });

  test('works for a day, and no longer than an hour more', async () => {
    const served = testBff(endpoints, {});
    const cursor = await cursorFrom('/feed', ada, served);
    served.clock.advance(24 * 3_600_000);
    expect((await ask(`/feed?cursor=${cursor}`, ada, served)).status).toBe(200);
    served.clock.advance(3_600_000);
    expect(await ask(`/feed?cursor=${cursor}`, ada, served)).toMatchObject(invalid);
  });

  test('of a release whose positions looked different is refused', async () => {
    const cursorKeys = [key('a')];
    const before = endpoint('GET', '/feed', {
      summary: 'The list of the release before.',
      access: anyone(),
      deadlineMs: 1_000,
      query: z.object({ cursor: cursorOf(z.string()).optional() }),
    }).handle(z.object({ next: nextCursor() }), async () => ({ next: 'a' }));
    const cursor = await cursorFrom('/feed', ada, testBff([before], {}, { cursorKeys }));
    expect(await ask(`/feed?cursor=${cursor}`, ada, testBff(endpoints, {}, { cursorKeys }))).toMatchObject(
      invalid,
    );
  });
});

describe('cursor keys', () => {
  const served = (name: string, ...cursorKeys: string[]) => testBff(endpoints, {}, { name, cursorKeys });

  test('let several processes serve one list, and be changed one by one', async () => {
    const cursor = await cursorFrom('/feed', ada, served('shop', key('a')));
    const status = async (other: Pick<Bff, 'app'>) =>
      (await ask(`/feed?cursor=${cursor}`, ada, other)).status;
    expect(await status(served('shop', key('a')))).toBe(200);
    expect(await status(served('shop', key('b'), key('a')))).toBe(200);
    expect(await status(served('shop', key('b')))).toBe(400);
  });

  test('do not let one BFF read the cursors of another', async () => {
    const cursor = await cursorFrom('/feed', ada, served('shop', key('a')));
    expect((await ask(`/feed?cursor=${cursor}`, ada, served('bazaar', key('a')))).status).toBe(400);
  });

  test('are of the process where none are given', async () => {
    const start = () =>
      defineBff({ name: 'test', owner: '@acme/test', identity: [testCallers()], upstreams: [], endpoints });
    const [one, other] = [start(), start()];
    const cursor = await cursorFrom('/feed', ada, one);
    expect((await ask(`/feed?cursor=${cursor}`, ada, one)).status).toBe(200);
    expect((await ask(`/feed?cursor=${cursor}`, ada, other)).status).toBe(400);
    await Promise.all([one.close(), other.close()]);
  });

  test.each<[string, string[], RegExp]>([
    ['none', [], /cursorKeys must be 1 to 10 keys, got 0/],
    ['too many', Array<string>(11).fill(key('a')), /cursorKeys must be 1 to 10 keys, got 11/],
    ['a short one', [key('a'), 'c2VjcmV0'], /cursorKeys\[1\] must be a key of 32 bytes, got one of 6$/],
    ['no base64', [`${key('a')}!`], /cursorKeys\[0\] must be a key of 32 bytes/],
  ])('refuse to boot with %s, and show no key', (_what, cursorKeys, message) => {
    const boot = () => testBff(endpoints, {}, { cursorKeys });
    expect(boot).toThrow(RangeError);
    expect(boot).toThrow(message);
    expect(boot).not.toThrow(/c2VjcmV0|secret/);
  });
});

describe('a list refuses to boot', () => {
  const base = { summary: 'X.', access: signedIn(), deadlineMs: 100 };
  const Next = z.object({ next: nextCursor().nullable() });
  const cursor = cursorOf(z.string()).optional();

  test.each([
    [
      'with a cursor in the answer and none in the query',
      endpoint('GET', '/x', base).handle(Next, async () => ({ next: null })),
      /the answer has the cursor 'next', and the query takes none/,
    ],
    [
      'with a cursor deep in the answer',
      endpoint('GET', '/x', { ...base, query: z.object({ cursor }) }).handle(
        z.object({ list: z.array(Next).nullable() }),
        async () => ({ list: null }),
      ),
      /nextCursor\(\) must be a member of the answer itself/,
    ],
    [
      'with a cursor deep in the answer that has a description',
      endpoint('GET', '/x', { ...base, query: z.object({ cursor }) }).handle(
        z.object({ list: z.object({ next: nextCursor().describe('More.') }) }),
        async () => ({ list: { next: '' } }),
      ),
      /nextCursor\(\) must be a member of the answer itself/,
    ],
    [
      'with two cursors in the answer',
      endpoint('GET', '/x', { ...base, query: z.object({ cursor }) }).handle(
        z.object({ next: nextCursor(), more: nextCursor() }),
        async () => ({ next: '', more: '' }),
      ),
      /an answer has one cursor, got next, more/,
    ],
    [
      'with a cursor of another name in the query',
      endpoint('GET', '/x', { ...base, query: z.object({ after: cursor }) }).handle(
        z.object({}),
        async () => ({}),
      ),
      /the cursor of a query is called 'cursor', got 'after'/,
    ],
  ])('%s', (_how, list, message) => {
    expect(() => testBff([list], {})).toThrow(RangeError);
    expect(() => testBff([list], {})).toThrow(message);
  });
});

test('a cursor may be described, be optional, and belong to a recursive answer', async () => {
  interface Tree {
    readonly inside: readonly Tree[];
  }
  const Tree: z.ZodType<Tree> = z.lazy(() => z.object({ inside: z.array(Tree) }));
  const described = endpoint('GET', '/x', {
    summary: 'X.',
    access: anyone(),
    deadlineMs: 100,
    query: z.object({ cursor: cursorOf(z.string()).describe('Where to go on.').optional() }),
  }).handle(z.object({ tree: Tree, next: nextCursor().describe('More.').optional() }), async ({ input }) => ({
    tree: { inside: [] },
    ...(input.query.cursor === undefined ? { next: 'plain' } : {}),
  }));
  const served = testBff([described], {});
  const { body } = await ask('/x', ada, served);
  expect(body.next).not.toBe('plain');
  expect((await ask(`/x?cursor=${body.next}`, ada, served)).body).toEqual({ tree: { inside: [] } });
});

test('an answer that is no object is our own fault, also where it should have a cursor', async () => {
  const broken = endpoint('GET', '/x', {
    summary: 'X.',
    access: anyone(),
    deadlineMs: 100,
    query: z.object(pageQuery()),
  }).handle(pageOf(z.string()), async () => null as never);
  expect(await ask('/x', ada, testBff([broken], {}))).toMatchObject({
    status: 500,
    body: { code: 'internal' },
  });
});

describe('a page of a service', () => {
  const Items = pageOf(z.object({ id: z.string() }));
  const list = endpoint('GET', '/list', {
    summary: 'A list.',
    access: anyone(),
    deadlineMs: 1_000,
    query: z.object(pageQuery()),
  }).handle(Items, async ({ input: { query } }) => ({
    items: [{ id: `${query.limit} after ${query.cursor}`, secret: true }],
    next: 'service-2',
  }));
  const served = testBff([list], {});

  test('has its items, trimmed, and a sealed cursor that brings the cursor of the service back', async () => {
    const { body } = await ask('/list', ada, served);
    expect(body.items).toEqual([{ id: '20 after undefined' }]);
    expect(body.next).not.toContain('service');
    expect((await ask(`/list?limit=5&cursor=${body.next}`, ada, served)).body.items).toEqual([
      { id: '5 after service-2' },
    ]);
  });

  test.each([
    ['1', 200],
    ['50', 200],
    ['51', 400],
    ['0', 400],
    ['-1', 400],
    ['1.5', 400],
    ['ten', 400],
  ])('with limit=%s is answered %i', async (limit, status) => {
    expect((await ask(`/list?limit=${limit}`, ada, served)).status).toBe(status);
  });

  test.each([
    [{ maxLimit: 0 }, /maxLimit/],
    [{ maxLimit: 1_001 }, /maxLimit/],
    [{ defaultLimit: 51 }, /defaultLimit/],
    [{ defaultLimit: 0 }, /defaultLimit/],
    [{ maxLimit: 10, defaultLimit: 11 }, /defaultLimit/],
  ])('cannot have the limits %j', (options, message) => {
    expect(() => pageQuery(options)).toThrow(RangeError);
    expect(() => pageQuery(options)).toThrow(message);
  });

  test('has no more items unless told than it may have at all', () => {
    expect(pageQuery({ maxLimit: 10 }).limit.parse(undefined)).toBe(10);
  });
});
