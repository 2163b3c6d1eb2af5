import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type MaskOfMembers, pick, projectedBy } from '../testing/projection-rig.ts';
import { compileProject, isJson } from './projector.ts';

const keys = [
  'id',
  'name',
  'a',
  '',
  'items',
  'lines',
  'abcdefgh',
  'abcdefghi',
  'abcdefghij',
  'é',
  '日本',
  '__proto__x',
];
const masks: readonly MaskOfMembers[] = [
  {},
  { id: true },
  { id: true, name: true, a: { id: true, '': true } },
  { items: { id: true, lines: { name: true } }, '': true },
  { abcdefgh: true, abcdefghi: { id: true }, abcdefghij: true },
  { é: { 日本: true }, 日本: true, name: { name: { name: true } } },
];

const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .array(fc.tuple(fc.constantFrom(...keys), tie('value')), { maxLength: 6 })
      .map((members) => ({ members })),
  ),
})).value;

const space = fc.constantFrom('', '', '', ' ', '\n', '\t', '\r\n', '  \n   ');

/** Writes it as text with any white space; objects are lists of members, so keys may repeat. */
function write(value: unknown, gap: () => string): string {
  if (Array.isArray(value))
    return `[${gap()}${value.map((item) => write(item, gap) + gap()).join(`,${gap()}`)}]`;
  if (typeof value === 'object' && value !== null) {
    const { members } = value as { members: readonly (readonly [string, unknown])[] };
    const texts = members.map(
      ([key, member]) => `${JSON.stringify(key)}${gap()}:${gap()}${write(member, gap)}${gap()}`,
    );
    return `{${gap()}${texts.join(`,${gap()}`)}}`;
  }
  return JSON.stringify(value);
}

const text = fc.tuple(json, fc.array(space, { minLength: 1, maxLength: 7 })).map(([value, gaps]) => {
  let turn = 0;
  const gap = (): string => gaps[turn++ % gaps.length] ?? '';
  return gap() + write(value, gap) + gap();
});

/** `PROJECTOR_RUNS=1500000 PROJECTOR_SEED=1` is a long run; the seed makes it the same one again. */
const { PROJECTOR_RUNS = '2000', PROJECTOR_SEED } = process.env;
const runs = {
  numRuns: Number(PROJECTOR_RUNS),
  ...(PROJECTOR_SEED === undefined ? {} : { seed: Number(PROJECTOR_SEED) }),
};
const timeoutMs = 20_000 + runs.numRuns * 5;

function projected(text: string | Uint8Array, mask: MaskOfMembers): unknown {
  const result = projectedBy(mask)(Buffer.from(text as string));
  return result === undefined ? 'gave up' : JSON.parse(result);
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('the projection', () => {
  test(
    'equals picking from the parsed text',
    () => {
      fc.assert(
        fc.property(text, fc.constantFrom(...masks), (source, mask) => {
          expect(projected(source, mask)).toEqual(pick(JSON.parse(source), mask));
        }),
        runs,
      );
    },
    timeoutMs,
  );

  test(
    'accepts nothing that JSON.parse refuses',
    () => {
      const damage = fc.tuple(
        fc.nat(),
        fc.nat(3),
        fc.oneof(
          fc.constantFrom(...'{}[]",:\\u0e+-. tfn\u0000\u001f\u007f'),
          fc.string({ minLength: 1, maxLength: 2 }),
        ),
      );
      fc.assert(
        fc.property(
          text,
          fc.constantFrom(...masks),
          fc.array(damage, { minLength: 1, maxLength: 3 }),
          (source, mask, damages) => {
            let broken = source;
            for (const [where, length, insert] of damages) {
              const at = where % (broken.length + 1);
              broken = broken.slice(0, at) + insert + broken.slice(at + length);
            }
            broken = Buffer.from(broken).toString('utf8'); // a surrogate cut in half is no UTF-8
            const result = projected(broken, mask);
            expect(isJson(Buffer.from(broken))).toBe(parses(broken));
            if (result === 'gave up') return;
            expect(result).toEqual(pick(JSON.parse(broken), mask));
          },
        ),
        runs,
      );
    },
    timeoutMs,
  );

  test('cuts nothing off: every beginning of a text is refused', () => {
    const source = '{"id":"a\\u00e9\\n","name":[1,-2.5e+3,true,false,null,{"x":{}}],"a":{"id":0}}';
    for (let length = 0; length < source.length; length += 1) {
      expect(projected(source.slice(0, length), { id: true, a: { id: true } })).toBe('gave up');
    }
    expect(projected(source, { id: true, a: { id: true } })).toEqual({ id: 'aé\n', a: { id: 0 } });
  });
});

describe('what JSON.parse refuses', () => {
  const id = { id: true } as const;
  test.each([
    '',
    ' ',
    '{',
    '}',
    '[',
    ']',
    '{"id"}',
    '{"id":}',
    '{"id":1,}',
    '{,"id":1}',
    '{"id":1 "a":2}',
    '{"a":1,,"id":2}',
    '{"x":[1,]}',
    '{"x":[,1]}',
    '{"x":[1 2]}',
    '{"x":[1}',
    '{"x":{"y":1]}',
    '{id:1}',
    "{'id':1}",
    '{"id":01}',
    '{"x":01}',
    '{"x":-}',
    '{"x":+1}',
    '{"x":.5}',
    '{"x":1.}',
    '{"x":1e}',
    '{"x":1e+}',
    '{"x":0x1}',
    '{"x":NaN}',
    '{"x":Infinity}',
    '{"x":-Infinity}',
    '{"x":tru}',
    '{"x":truee}',
    '{"x":nul}',
    '{"x":fals}',
    '{"x":True}',
    '{"x":undefined}',
    '{"x":"a\u0001"}',
    '{"x":"\t"}',
    '{"x":"\\x"}',
    '{"x":"\\u12"}',
    '{"x":"\\u12g4"}',
    '{"x":"\\',
    '{"x":"a',
    '{"x":"a\\"',
    '{"id":1}x',
    '{"id":1}{}',
    '{"id":1},',
    '\u00a0{}',
    '\ufeff{}',
    '{"x":/**/1}',
    '//\n{}',
    '{"x":1\u000b}',
    '{"x":1\u0000}',
    '{"id":1}\u0000',
    '[{}',
    '[{}]]',
    '{"x":--1}',
    '{"x":"\u0000"}',
    '{"a\\":1}',
    '{"id":1\f}',
    '{"x":00}',
    '{"x":-01}',
    '{"x":1.2.3}',
    '{"x":1e1.5}',
    '{"x":"\n"}',
  ])('is refused: %j', (source) => {
    expect(() => JSON.parse(source)).toThrow();
    expect(projected(source, id)).toBe('gave up');
    expect(isJson(Buffer.from(source))).toBe(false);
  });
});

describe('what is unusual', () => {
  test('a key with an escape is left to JSON.parse where a mask reads, and skipped where none does', () => {
    expect(projected('{"n\\u0061me":1,"id":2}', { id: true })).toBe('gave up');
    expect(projected('{"x":{"n\\u0061me":1},"id":2}', { id: true })).toEqual({ id: 2 });
  });

  test('the last of duplicate keys wins, whole', () => {
    expect(projected('{"a":{"id":1},"a":{"x":2}}', { a: { id: true } })).toEqual({ a: {} });
    expect(projected('{"id":1,"id":[2]}', { id: true })).toEqual({ id: [2] });
  });

  test.each([64, 66, 100_000])(
    'a skipped part of %i containers is walked over or left to JSON.parse',
    (depth) => {
      const source = `{"x":${'['.repeat(depth)}${']'.repeat(depth)},"id":1}`;
      expect(projected(source, { id: true })).toEqual(depth > 64 ? 'gave up' : { id: 1 });
    },
  );

  test('arrays inside arrays are followed sixteen deep', () => {
    const nested = (depth: number): string =>
      `{"items":${'['.repeat(depth)}{"id":1,"x":2}${']'.repeat(depth)}}`;
    expect(JSON.stringify(projected(nested(16), { items: { id: true } }))).toBe(
      nested(16).replace(',"x":2', ''),
    );
    expect(projected(nested(17), { items: { id: true } })).toBe('gave up');
    const bare = (depth: number): string => nested(depth).slice('{"items":'.length, -1);
    expect(JSON.stringify(projected(bare(16), { id: true }))).toBe(bare(16).replace(',"x":2', ''));
    expect(projected(bare(17), { id: true })).toBe('gave up');
  });

  test('a mask of scalars takes containers as they are, and a mask of members takes scalars', () => {
    expect(projected('{"id":{"x":[1, 2]},"a":null}', { id: true, a: { id: true } })).toEqual({
      id: { x: [1, 2] },
      a: null,
    });
  });

  test('a key that differs in one letter from one that is read is another one, however long they are', () => {
    for (let length = 1; length <= 40; length += 1) {
      const key = 'k'.repeat(length);
      for (let at = 0; at < length; at += 1) {
        const other = `${key.slice(0, at)}x${key.slice(at + 1)}`;
        const source = `{"${other}":1,"${key}k":2,"${key.slice(1)}":3}`;
        expect(projected(source, { [key]: true })).toEqual({});
        expect(projected(source, { [other]: true })).toEqual({ [other]: 1 });
      }
    }
  });

  test('strings end at any offset of a block', () => {
    for (let length = 0; length < 50; length += 1) {
      const value = 'x'.repeat(length);
      expect(projected(`{"skipped":"${value}","id":"${value}é"}`, { id: true })).toEqual({ id: `${value}é` });
    }
  });

  test('large answers grow the memory, too large ones are left to JSON.parse', () => {
    const large = (size: number): string => `{"x":"${'y'.repeat(size)}","id":1}`;
    expect(projected(large(3_000_000), { id: true })).toEqual({ id: 1 });
    expect(projected('{"id":2}', { id: true })).toEqual({ id: 2 });
    expect(projected(large(9_000_000), { id: true })).toBe('gave up');
  });

  test('masks made later do not disturb earlier ones', () => {
    const first = compileProject({ id: true });
    const many = Array.from({ length: 200 }, (_, index) => compileProject({ [`field${index}`]: true }));
    expect(first(Buffer.from('{"id":1,"field3":2}'))).toBe('{"id":1}');
    expect(many[3]?.(Buffer.from('{"id":1,"field3":2}'))).toBe('{"field3":2}');
  });
});
