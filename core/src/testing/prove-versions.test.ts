import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import type { Change } from '../versions/change.ts';
import { change, down, up } from '../versions/change.ts';
import { proveVersions } from './prove-versions.ts';
import { randomness, randomValue } from './random-values.ts';
import { testBff } from './test-bff.ts';

const Order = z.object({
  id: z.string(),
  status: z.enum(['placed', 'paid', 'shipped']),
  note: z.string().nullable(),
});
const NewOrder = z.strictObject({ note: z.string().max(20).optional() });
const create = endpoint('POST', '/orders', {
  summary: 'Orders.',
  access: anyone(),
  deadlineMs: 1_000,
  body: NewOrder,
}).handle(Order, async () => ({ id: 'o1', status: 'paid' as const, note: null }));

function bffWith(...changes: Change[]) {
  const dated = [
    { version: '2026-06-01', changes },
    { version: '2026-01-15', changes: [] },
  ];
  return testBff([create], {}, { versions: { dated, docs: '/docs' } });
}

const grown = {
  newer: { status: z.enum(['placed', 'paid', 'shipped']) },
  older: { status: z.enum(['placed', 'shipped']) },
};

describe('a chain of changes', () => {
  test('that holds is tried with many values', () => {
    const bff = bffWith(
      change({
        name: 'paid',
        summary: 'The status `paid` is new; it was `placed`.',
        response: down(Order, {
          ...grown,
          map: ({ status }) => ({ status: status === 'paid' ? 'placed' : status }),
        }),
      }),
    );
    expect(proveVersions(bff, { samples: 50 })).toBe(50);
  });

  test.each([
    [
      'forgets a value of an enum',
      change({
        name: 'paid',
        summary: 'The status `paid` is new.',
        response: down(Order, { ...grown, map: ({ status }) => ({ status: status as 'placed' }) }),
      }),
      /2026-01-15 POST \/orders \(seed \d+\): .*"paid".*that version refuses/s,
    ],
    [
      'forgets null',
      change({
        name: 'note',
        summary: 'A note may be missing; it was a text.',
        response: down(Order, {
          newer: { note: z.string().nullable() },
          older: { note: z.string() },
          map: ({ note }) => ({ note: note?.trim() as string }),
        }),
      }),
      /that version refuses/,
    ],
    [
      'lets a request through that the newest refuses',
      change({
        name: 'short-notes',
        summary: 'A note has 20 characters; it had as many as one liked.',
        request: up(NewOrder, {
          older: { note: z.string().optional() },
          newer: { note: z.string().max(20).optional() },
          map: ({ note }) => ({ note }),
        }),
      }),
      /the newest version refuses/,
    ],
    [
      'throws',
      change({
        name: 'thrown',
        summary: 'A note is a text.',
        response: down(Order, {
          newer: { note: z.string().nullable() },
          older: { note: z.string() },
          map: ({ note }) => {
            if (note === null) throw new Error('no note');
            return { note };
          },
        }),
      }),
      /no change could make/,
    ],
  ])('that %s is found within 200 values', (_, wrong, message) => {
    expect(() => proveVersions(bffWith(wrong), { samples: 200 })).toThrow(message);
  });

  test('that is not pure is found', () => {
    let calls = 0;
    const counted = change({
      name: 'counted',
      summary: 'A note that counts.',
      response: down(Order, {
        newer: { note: z.string().nullable() },
        older: { note: z.string() },
        map: () => ({ note: String(calls++) }),
      }),
    });
    expect(() => proveVersions(bffWith(counted))).toThrow(/another one the second time/);
  });
});

describe('a random value', () => {
  test('is the same for the same seed', () => {
    const of = (seed: number): unknown => randomValue(z.array(Order).min(3), randomness(seed));
    expect(of(7)).toEqual(of(7));
    expect(new Set([1, 2, 3, 4, 5].map((seed) => JSON.stringify(of(seed)))).size).toBe(5);
  });

  test.each([
    z.int().min(3).max(4),
    z.number().min(0.5).max(0.6),
    z.string().min(70),
    z.iso.datetime(),
    z.union([z.literal('a'), z.null()]),
    z.record(z.string(), z.boolean()),
    z.tuple([z.int(), z.string().regex(/^[A-Z]{3}$/)]),
    z.string().default('x'),
    z.array(z.int()).min(2).max(2),
  ])('fits its schema (%#)', (schema) => {
    for (let seed = 0; seed < 50; seed += 1)
      expect(schema.safeParse(randomValue(schema, randomness(seed))).error).toBeUndefined();
  });

  test('is an error where none can be guessed', () => {
    expect(() => randomValue(z.string().regex(/^\d{17}$/), randomness(1))).toThrow(/sample of its own/);
  });
});
