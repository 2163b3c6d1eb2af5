import { expect, test } from 'vitest';
import { z } from 'zod';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { openApiOf } from '../openapi/index.ts';
import { testBff } from '../testing/test-bff.ts';
import { clientTypesOf } from './client-types.ts';

const base = { access: anyone(), deadlineMs: 1_000 };
const Money = z
  .object({ amount: z.int(), currency: z.enum(['EUR', 'USD']) })
  .meta({ id: 'Problem-like money' });
const Named = z.object({ amount: z.int() }).meta({ id: 'Operation' });
const thing = endpoint('GET', '/things/:id', {
  ...base,
  summary: 'One thing.',
  query: z.object({ limit: z.coerce.number().int().default(5) }),
}).handle(z.object({ id: z.string(), price: Named, old: Named }), async () => ({
  id: '',
  price: { amount: 1 },
  old: { amount: 1 },
}));
const make = endpoint('POST', '/things', {
  ...base,
  summary: 'Makes a thing.',
  body: z.strictObject({ name: z.string(), kind: z.enum(['a', 'b']).optional() }),
  status: 201,
}).handle(z.object({ state: z.enum(['made', 'found']) }), async () => ({ state: 'made' as const }));

function typesOf(...endpoints: Parameters<typeof testBff>[0][number][]): string {
  return clientTypesOf(openApiOf(testBff(endpoints, {})));
}

test('every endpoint has its input, its answer, its status and its problems, under hono’s names', () => {
  const text = typesOf(thing, make);
  expect(text).toContain('export type TestApi = {\n');
  expect(text).toMatch(
    /'\/things\/:id': \{\n {4}\/\*\* One thing\. \*\/\n {4}\$get: Operation<\n {6}\{\n {8}param: \{\n {10}id: string;\n {8}\};\n {8}query\?: \{\n {10}limit\?: number \| undefined;\n/,
  );
  expect(text).toMatch(
    /\$post: Operation<\n {6}\{\n {8}json: PostThingsBody;\n {6}\},\n {6}201,\n {6}PostThingsAnswer,/,
  );
  expect(text).toMatch(/AnyCode \|[^>]*'unsupported-media-type'/);
  expect(text).toContain("state: 'made' | 'found' | (string & {});");
  expect(text).toContain("kind?: 'a' | 'b' | undefined;");
});

test('a schema whose name is taken gets another', () => {
  expect(typesOf(thing)).toContain('  price: Operation2;\n  old: Operation2;');
  expect(typesOf(thing)).toContain('export interface Operation2 {');
});

test('an id that openapi refuses is refused here as well', () => {
  const odd = endpoint('GET', '/odd', { ...base, summary: 'Odd.' }).handle(Money, async () => ({
    amount: 1,
    currency: 'EUR' as const,
  }));
  expect(() => typesOf(odd)).toThrow(RangeError);
});

test('the same declarations give the same text', () => {
  expect(typesOf(thing, make)).toBe(typesOf(thing, make));
});
