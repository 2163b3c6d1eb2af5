/** Bodies: what counts as breaking, each rule in both directions. */
import { describe, expect, test } from 'vitest';
import {
  between,
  bothWays,
  documentWith,
  integer,
  object,
  type Row,
  taking,
  text,
} from '../../testing/compare-rig.ts';
import type { OpenApiDocument } from '../document.ts';

function holds(rows: readonly Row[]): void {
  test.each(rows)('%s', (...row) => {
    expect(bothWays(row)).toEqual([row[3], row[4]]);
  });
}

describe('a body', () => {
  const a = object({ a: text }, [], { additionalProperties: false });
  holds([
    [
      'that is asked for',
      documentWith({}),
      taking(a),
      ['✖ body is new and required'],
      ['✖ body is not taken any more'],
    ],
    [
      'with a member that is required now',
      taking(object({ a: text })),
      taking(object({ a: text }, ['a'])),
      ['✖ body a is required now'],
      [],
    ],
    [
      'with a new required member',
      taking(object({})),
      taking(object({ a: text }, ['a'])),
      ['✖ body a is required now', 'body a may be sent'],
      [],
    ],
    [
      'with a new member',
      taking(object({}, [], { additionalProperties: false })),
      taking(a),
      ['body a may be sent'],
      ['✖ body a is refused now'],
    ],
    [
      'that takes no other members now',
      taking(object({ a: text })),
      taking(a),
      ['✖ body takes no members beside those named now'],
      [],
    ],
    [
      'with an enum value less',
      taking({ type: 'string', enum: ['a', 'b'] }),
      taking({ type: 'string', enum: ['a'] }),
      ['✖ body no longer takes "b"'],
      [],
    ],
    [
      'that takes listed values only',
      taking(text),
      taking({ type: 'string', enum: ['a'] }),
      ['✖ body takes listed values only: "a"'],
      [],
    ],
    [
      'of a narrower type, deep inside',
      taking(object({ lines: { type: 'array', items: object({ n: { type: ['integer', 'null'] } }) } })),
      taking(object({ lines: { type: 'array', items: object({ n: integer }) } })),
      ['✖ body lines[].n was null, is integer'],
      [],
    ],
    [
      'with an alternative less',
      taking({ anyOf: [text, integer] }),
      taking(text),
      ['✖ body was integer, is string'],
      [],
    ],
    [
      'of listed values, some of which are too short now',
      taking({ type: 'string', enum: ['x', 'long'] }),
      taking({ type: 'string', minLength: 2 }),
      ['✖ body has minLength 2, it was none'],
      ['✖ body takes listed values only: "x", "long"'],
    ],
    [
      'of listed values that keep the new bounds',
      taking({ type: 'string', enum: ['long'] }),
      taking({ type: 'string', enum: ['long', 'x'], minLength: 2, pattern: '^[a-z]+$' }),
      [],
      ['✖ body no longer takes "x"'],
    ],
    [
      'with another pattern',
      taking({ type: 'string', pattern: '^a' }),
      taking({ type: 'string', pattern: '^b' }),
      ['✖ body has pattern "^b", it was "^a"'],
      ['✖ body has pattern "^a", it was "^b"'],
    ],
    [
      'of free members of a narrower type',
      taking({ type: 'object', additionalProperties: { type: 'number' } }),
      taking({ type: 'object', additionalProperties: integer }),
      ['✖ body * was number, is integer'],
      [],
    ],
  ]);
  test('that may be smaller only is a break', () => {
    const of = (bytes: number): OpenApiDocument =>
      documentWith({ requestBody: { required: true, description: '', content: {}, 'x-max-bytes': bytes } });
    expect(between(of(100), of(50))).toEqual(['✖ body may have 50 bytes, it was 100']);
    expect(between(of(50), of(100))).toEqual([]);
  });
});
