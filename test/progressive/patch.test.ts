/**
 * What the gateway sends as the difference of two bodies, its own client makes into the second one: the
 * same text, byte for byte.
 */
import * as published from 'bffkit/client';
import fc from 'fast-check';
import { expect, test } from 'vitest';
// @boundaries-ignore the two ends of one protocol are held against each other
import { patchText } from '../../core/src/endpoint/progressive-patch.ts';

type Client = Pick<typeof published, 'applyPatch' | 'acceptProgressive'>;

const demo: Client = await import(
  new URL('../../bffs/web/src/pages/static/progressive.js', import.meta.url).href
);
const clients: [name: string, client: Client][] = [
  ['bffkit/client', published],
  ['the copy of the demo frontend', demo],
];

function mergedBy({ applyPatch }: Client, before: unknown, after: unknown): string {
  return JSON.stringify(
    applyPatch(
      JSON.parse(JSON.stringify(before)),
      JSON.parse(patchText(JSON.stringify(before), JSON.stringify(after))),
    ),
  );
}

const names = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', '0', '1', '', '/', '~', '~1', '-');
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(null, true, 0, 1, '', 'x', 'long enough to be worth a patch of its own'),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.array(fc.tuple(names, tie('tree')), { maxLength: 4 }).map((members) => Object.fromEntries(members)),
  ),
}));

test.each(clients)(
  '%s: of any two values the patched one is the other, the order of members included',
  (_name, client) => {
    fc.assert(
      fc.property(tree, tree, (before, after) => {
        expect(mergedBy(client, before, after)).toBe(JSON.stringify(after));
      }),
      { numRuns: 5_000 },
    );
  },
);

test.each(clients)('%s: values that differ in a part', (_name, client) => {
  fc.assert(
    fc.property(tree, tree, tree, (same, one, other) => {
      const [before, after] = [
        { same, part: { one }, list: [same, one] },
        { same, part: { one: other, same }, list: [same, other, one] },
      ];
      expect(mergedBy(client, before, after)).toBe(JSON.stringify(after));
    }),
    { numRuns: 2_000 },
  );
});

test('a patch is never longer than the new value in one step', () => {
  fc.assert(
    fc.property(tree, tree, (before, after) => {
      const text = JSON.stringify(after);
      const whole = `[{"op":"replace","path":"","value":${text}}]`;
      expect(patchText(JSON.stringify(before), text).length).toBeLessThanOrEqual(whole.length);
    }),
  );
});

test('a patch names what is different and nothing else', () => {
  const before = {
    name: 'Ada',
    orders: [],
    unread: null,
    list: [1, 2, 3],
    gone: true,
    text: 'the rest of a body',
  };
  const after = {
    name: 'Ada',
    orders: [{ id: 'o1' }],
    unread: 3,
    list: [1, 5],
    text: 'the rest of a body',
    new: 1,
  };
  expect(JSON.parse(patchText(JSON.stringify(before), JSON.stringify(after)))).toEqual([
    { op: 'replace', path: '', value: after },
  ]);
  const larger = { ...before, text: 'x'.repeat(1_000) };
  expect(
    JSON.parse(patchText(JSON.stringify(larger), JSON.stringify({ ...after, text: larger.text }))),
  ).toEqual([
    { op: 'remove', path: '/gone' },
    { op: 'replace', path: '/orders', value: [{ id: 'o1' }] },
    { op: 'replace', path: '/unread', value: 3 },
    { op: 'replace', path: '/list/1', value: 5 },
    { op: 'remove', path: '/list/2' },
    { op: 'add', path: '/new', value: 1 },
  ]);
});

test.each(clients)('%s: nothing is polluted, and nothing is changed in place', (_name, { applyPatch }) => {
  const before = JSON.parse('{"a":{"b":1},"c":{"d":2}}');
  const after = applyPatch(before, [
    { op: 'add', path: '/__proto__', value: { polluted: true } },
    { op: 'replace', path: '/a/b', value: 2 },
  ]);
  expect(JSON.stringify(after)).toBe('{"a":{"b":2},"c":{"d":2},"__proto__":{"polluted":true}}');
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(before).toEqual({ a: { b: 1 }, c: { d: 2 } });
  expect((after as typeof before).c).toBe(before.c);
});

test.each(clients)(
  '%s: steps of others are taken as RFC 6902 means them',
  (_name, { applyPatch, acceptProgressive }) => {
    expect(acceptProgressive).toBe(published.acceptProgressive);
    expect(applyPatch([1, 3], [{ op: 'add', path: '/1', value: 2 }])).toEqual([1, 2, 3]);
  },
);
