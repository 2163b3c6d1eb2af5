import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { anyone } from '../identity/access.ts';
import { testBff } from '../testing/index.ts';
import { endpoint } from './endpoint.ts';
import { cursorOf, encodeCursor, pageOf, pageQuery } from './page.ts';

const Position = z.object({ after: z.string(), score: z.number() });
const feed = endpoint('GET', '/feed', {
  summary: 'A list in pages.',
  access: anyone(),
  deadlineMs: 1_000,
  query: z.object({
    ...pageQuery({ defaultLimit: 20, maxLimit: 50 }),
    cursor: cursorOf(Position).optional(),
  }),
}).handle(pageOf(z.object({ id: z.string() })), async ({ input: { query } }) => ({
  items: [{ id: `${query.limit}`, secret: true }],
  next: query.cursor === undefined ? null : encodeCursor(query.cursor),
}));
const bff = testBff([feed], {});

async function page(query: string): Promise<{ status: number; body: unknown }> {
  const answer = await bff.app.request(`/feed${query}`);
  return { status: answer.status, body: await answer.json() };
}

test('a page has its items, trimmed, and the next cursor or null', async () => {
  expect(await page('')).toEqual({ status: 200, body: { items: [{ id: '20' }], next: null } });
});

test.each([
  ['1', 200],
  ['50', 200],
  ['51', 400],
  ['0', 400],
  ['-1', 400],
  ['1.5', 400],
  ['ten', 400],
])('limit=%s answers %i', async (limit, status) => {
  expect((await page(`?limit=${limit}`)).status).toBe(status);
});

test('a client gets back the position it was given, whatever is in it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ after: fc.string({ unit: 'binary', maxLength: 40 }), score: fc.integer() }),
      async (position) => {
        const cursor = encodeCursor(position);
        expect(cursor).toMatch(/^[\w-]*$/);
        expect(await page(`?cursor=${cursor}`)).toMatchObject({ status: 200, body: { next: cursor } });
      },
    ),
    { numRuns: 50 },
  );
});

test.each([
  ['no base64', '%21%21%21'],
  ['no JSON', Buffer.from('{"after":').toString('base64url')],
  ['another shape', encodeCursor({ after: 7, score: 1 })],
  ['nothing', ''],
  ['longer than 1 KiB', encodeCursor({ after: 'x'.repeat(1_024), score: 1 })],
])('a cursor with %s in it is a 400 with a pointer', async (_what, cursor) => {
  expect(await page(`?cursor=${cursor}`)).toMatchObject({
    status: 400,
    body: { code: 'validation-failed', errors: [{ pointer: '/query/cursor' }] },
  });
});

test('a cursor handed through to a service is 1 to 512 characters', () => {
  const { cursor } = pageQuery({ defaultLimit: 1, maxLimit: 1 });
  expect(cursor.safeParse('x'.repeat(512)).success).toBe(true);
  expect(cursor.safeParse('x'.repeat(513)).success).toBe(false);
  expect(cursor.safeParse('').success).toBe(false);
});
