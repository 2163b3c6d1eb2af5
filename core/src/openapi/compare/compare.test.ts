/** Operations, who may call them, and parameters: what counts as breaking, each rule in both directions. */
import { describe, expect, test } from 'vitest';
import { bothWays, documentWith, type Row, text, withParameters } from '../../testing/compare-rig.ts';
import type { OpenApiDocument, OpenApiOperation } from '../document.ts';

function holds(rows: readonly Row[]): void {
  test.each(rows)('%s', (...row) => {
    expect(bothWays(row)).toEqual([row[3], row[4]]);
  });
}

const empty = { ...documentWith({}), paths: {} };
const renamed = documentWith(
  { parameters: [{ name: 'id', in: 'path', required: true, schema: text }] },
  {},
  '/things/{id}',
);
const renamedToo = documentWith(
  { parameters: [{ name: 'key', in: 'path', required: true, schema: text }] },
  {},
  '/things/{key}',
);

describe('an operation', () => {
  holds([
    ['that is gone', documentWith({}), empty, ['✖  is gone'], [' is new']],
    [
      'that is called otherwise',
      documentWith({}),
      documentWith({ operationId: 'listThings' }),
      ['✖  is called listThings, it was getThings'],
      ['✖  is called getThings, it was listThings'],
    ],
    ['whose path names its parameter otherwise is the same', renamed, renamedToo, [], []],
    [
      'that says more of itself is the same',
      documentWith({}),
      documentWith({ summary: 'All things.', 'x-cost': 2 }),
      [],
      [],
    ],
  ]);
});

describe('who may call', () => {
  const asking = (...security: OpenApiOperation['security'][number][]): OpenApiDocument =>
    documentWith({ security });
  holds([
    [
      'a further scope',
      asking({ key: ['a'] }),
      asking({ key: ['a', 'b'] }),
      ['✖ security asks for more than key a: key a b'],
      ['security takes key a too'],
    ],
    [
      'another way',
      asking({ key: ['a'] }),
      asking({ key: ['a'] }, { token: ['a'] }),
      ['security takes token a too'],
      ['✖ security asks for more than token a: key a'],
    ],
    [
      'a companion',
      asking({ key: [] }),
      asking({ key: [], proof: [] }),
      ['✖ security asks for more than key: key and proof'],
      ['security takes key too'],
    ],
    [
      'strangers no more',
      asking({}),
      asking({ key: [] }),
      ['✖ security asks for more than nothing: key'],
      ['security takes nothing too'],
    ],
    [
      'a role',
      documentWith({}),
      documentWith({ 'x-roles': ['support'] }),
      ['✖ security asks for the role support'],
      [],
    ],
  ]);
});

describe('a parameter', () => {
  holds([
    [
      'that is new and required',
      withParameters(),
      withParameters({ required: true }),
      ['✖ query parameter q is new and required'],
      ['✖ query parameter q is gone'],
    ],
    [
      'that is new',
      withParameters(),
      withParameters({}),
      ['query parameter q is new'],
      ['✖ query parameter q is gone'],
    ],
    [
      'that is required now',
      withParameters({}),
      withParameters({ required: true }),
      ['✖ query parameter q is required now'],
      ['query parameter q is optional now'],
    ],
    [
      'of a narrower type',
      withParameters({ schema: { type: 'number' } }),
      withParameters({ schema: { type: 'integer' } }),
      ['✖ query parameter q was number, is integer'],
      [],
    ],
    [
      'with a lower bound',
      withParameters({ schema: { type: 'integer', maximum: 100 } }),
      withParameters({ schema: { type: 'integer', maximum: 50 } }),
      ['✖ query parameter q has maximum 50, it was 100'],
      [],
    ],
    [
      'with a bound',
      withParameters({}),
      withParameters({ schema: { type: 'string', maxLength: 9 } }),
      ['✖ query parameter q has maxLength 9, it was none'],
      [],
    ],
    [
      'in a header, in other letters, is the same',
      withParameters({ in: 'header', name: 'X-A' }),
      withParameters({ in: 'header', name: 'x-a' }),
      [],
      [],
    ],
  ]);
});
