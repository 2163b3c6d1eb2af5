/** Answers: what counts as breaking, each rule in both directions. */
import { describe, expect, test } from 'vitest';
import {
  answering,
  between,
  bothWays,
  documentWith,
  integer,
  type Json,
  object,
  type Row,
  text,
} from '../../testing/compare-rig.ts';
import type { OpenApiDocument, OpenApiOperation } from '../document.ts';

function holds(rows: readonly Row[]): void {
  test.each(rows)('%s', (...row) => {
    expect(bothWays(row)).toEqual([row[3], row[4]]);
  });
}

describe('an answer', () => {
  const open: Json = { type: 'string', 'x-extensible-enum': ['a'] };
  holds([
    [
      'without a member',
      answering(object({ a: text, b: text }, ['a'])),
      answering(object({ a: text }, ['a'])),
      ['✖ answer 200 b is not in the answer any more'],
      ['answer 200 b is there too'],
    ],
    [
      'whose member may be missing now',
      answering(object({ a: text }, ['a'])),
      answering(object({ a: text })),
      ['✖ answer 200 a may be missing now'],
      [],
    ],
    [
      'whose member may be null now',
      answering(object({ a: text }, ['a'])),
      answering(object({ a: { type: ['string', 'null'] } }, ['a'])),
      ['✖ answer 200 a was string, is null'],
      [],
    ],
    [
      'of another type',
      answering(object({ a: integer }, ['a'])),
      answering(object({ a: text }, ['a'])),
      ['✖ answer 200 a was integer, is string'],
      ['✖ answer 200 a was string, is integer'],
    ],
    [
      'of a wider type',
      answering(integer),
      answering({ type: 'number' }),
      ['✖ answer 200 was integer, is number'],
      [],
    ],
    [
      'with a value that was not listed',
      answering({ type: 'string', enum: ['a'] }),
      answering({ type: 'string', enum: ['a', 'b'] }),
      ['✖ answer 200 may be "b" now'],
      [],
    ],
    [
      'with a further value of an open enumeration',
      answering(open),
      answering({ ...open, 'x-extensible-enum': ['a', 'b'] }),
      [],
      [],
    ],
    [
      'whose enumeration was opened',
      answering({ type: 'string', enum: ['a'] }),
      answering(open),
      ['✖ answer 200 may be other than the listed values now: "a"'],
      [],
    ],
    [
      'with a further alternative',
      answering({ anyOf: [text, integer] }),
      answering({ anyOf: [text, integer, { type: 'boolean' }] }),
      ['✖ answer 200 may be boolean now, it was string or integer'],
      [],
    ],
    [
      'with a member in items',
      answering({ type: 'array', items: object({}) }),
      answering({ type: 'array', items: object({ a: text }) }),
      ['answer 200 [].a is there too'],
      ['✖ answer 200 [].a is not in the answer any more'],
    ],
    [
      'whose schema moved to a component',
      answering(object({ a: text })),
      answering({ $ref: '#/components/schemas/A' }, { A: object({ a: text }) }),
      [],
      [],
    ],
  ]);
  const of = (responses: OpenApiOperation['responses']): OpenApiDocument => documentWith({ responses });
  const ok = { description: 'OK' };
  holds([
    [
      'with another status',
      of({ 200: ok }),
      of({ 201: ok }),
      ['✖ answer 200 is not given any more', 'answer 201 is new'],
      ['✖ answer 201 is not given any more', 'answer 200 is new'],
    ],
    [
      'with a further problem',
      of({ 200: ok }),
      of({ 200: ok, 409: ok }),
      ['answer 409 is new'],
      ['answer 409 is not given any more'],
    ],
    [
      'in another media type',
      of({ 200: { ...ok, content: { 'text/csv': {} } } }),
      of({ 200: { ...ok, content: {} } }),
      ['✖ answer 200 is not given as text/csv any more'],
      [],
    ],
    [
      'without a header',
      of({ 200: { ...ok, headers: { ETag: { $ref: '' } } } }),
      of({ 200: ok }),
      ['✖ answer 200 has no header ETag any more'],
      ['answer 200 has the header ETag'],
    ],
    [
      'with a further code',
      of({ 400: { ...ok, 'x-codes': ['invalid-json'] } }),
      of({ 400: { ...ok, 'x-codes': ['invalid-json', 'validation-failed'] } }),
      ['answer 400 may have the code validation-failed'],
      [],
    ],
  ]);
});

test('a schema inside itself is compared once', () => {
  const tree = (value: Json): OpenApiDocument =>
    answering(
      { $ref: '#/components/schemas/Tree' },
      {
        Tree: object({ value, children: { type: 'array', items: { $ref: '#/components/schemas/Tree' } } }, [
          'value',
        ]),
      },
    );
  expect(between(tree(text), tree(text))).toEqual([]);
  expect(between(tree(text), tree(integer))).toContain('✖ answer 200 value was string, is integer');
});
