/** The projection against the texts that parsers of JSON differ about, in every place a mask can meet them. */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Whole, wholeText } from '../context/whole.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { type MaskOfMembers, pick, projectedBy } from '../testing/projection-rig.ts';
import { compileDecode, type Decode } from './decode.ts';
import { get } from './operation.ts';
import { isJson } from './projector.ts';

interface Sample {
  readonly name: string;
  readonly bytes: Buffer;
}

const corpus: readonly Sample[] = readFileSync(new URL('json-test-suite.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => /^[yni]_/.test(line))
  .map((line) => {
    const at = line.indexOf(' ');
    return { name: line.slice(0, at), bytes: bytesOf(line.slice(at + 1)) };
  });

/** `‹e5 0a›` are bytes, `‹5b*500›` the same 500 times, all else is UTF-8. */
function bytesOf(text: string): Buffer {
  const parts = text.split(/‹([^›]*)›/).map((part, index) => {
    if (index % 2 === 0) return Buffer.from(part);
    const [bytes = '', times = '1'] = part.split('*');
    return Buffer.from(bytes.replaceAll(' ', '').repeat(Number(times)), 'hex');
  });
  return Buffer.concat(parts);
}

const inside = (before: string, after: string) => (bytes: Buffer) =>
  Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)]);

/** Where a text can stand for the projector: read, walked over, in members and in items. */
const places: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  bare: (bytes) => bytes,
  'read whole': inside('{"x":0,"id":', '}'),
  'walked over': inside('{"x":', ',"id":1}'),
  'walked over in a list': inside('{"id":1,"x":[{"y":[0,', ',{"z":0}]}]}'),
  'a member': inside('{"a":', ',"x":1}'),
  'an item': inside('{"items":[{"id":1},', ',{"id":2,"x":3}]}'),
  'an item of items': inside('[[[', '],{"id":1}]]'),
};

const deep: MaskOfMembers = { a: true, id: true };
const masks: Readonly<Record<string, MaskOfMembers>> = {
  nothing: {},
  'a member': { id: true },
  'members of members': { a: { id: true, a: deep }, items: { id: true } },
  'items of items': { items: { items: { id: true }, '2': true }, x: { y: { z: true } } },
  everything: {
    ...Object.fromEntries(
      ['', 'x', 'id', 'asd', 'dfg', 'min', 'max', 'title', 'i', 'idx', 'ID', 'items2', 'item', '1', '2'].map(
        (name) => [name, true] as const,
      ),
    ),
    a: true,
    b: true,
    items: true,
  },
  'keys of prototypes': JSON.parse('{"__proto__":{"id":true},"constructor":true,"toString":true}'),
};

function parsed(bytes: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(Buffer.from(bytes).toString('utf8')) };
  } catch {
    return undefined;
  }
}

/** What is wrong with the projection of `bytes`, if anything; whether it gave up is told apart. */
function check(bytes: Buffer, mask: MaskOfMembers): 'same' | 'gave up' | `wrong: ${string}` {
  const text = projectedBy(mask)(bytes);
  if (text === undefined) return 'gave up';
  const whole = parsed(bytes);
  if (whole === undefined) return `wrong: took what JSON.parse refuses, as ${text}`;
  const expected = pick(whole.value, mask);
  const actual: unknown = JSON.parse(text);
  const isSame = isDeepStrictEqual(actual, expected) && JSON.stringify(actual) === JSON.stringify(expected); // keys in order
  return isSame ? 'same' : `wrong: ${text}`;
}

const everywhere = Object.entries(places).flatMap(([place, put]) =>
  Object.entries(masks).map(([name, mask]) => ({ where: `${place}, mask: ${name}`, put, mask })),
);

test('the corpus has every category, and no name twice', () => {
  expect(new Set(corpus.map(({ name }) => name)).size).toBe(corpus.length);
  const count = (prefix: string): number => corpus.filter(({ name }) => name.startsWith(prefix)).length;
  expect([count('y_'), count('n_'), count('i_')]).toEqual([107, 211, 40]);
});

/** A key with an escape where a mask reads, lists in lists more than 16 deep where it does. */
const unusual = new Set(['y_object_escaped_null_in_key', 'y_own_nested_50']);

test.each(corpus)('$name is picked as JSON.parse and pick would, in every place', ({ name, bytes }) => {
  const isJson = parsed(bytes) !== undefined;
  if (!name.startsWith('i_')) expect(isJson).toBe(name.startsWith('y_'));
  for (const { where, put, mask } of everywhere) {
    const whole = put(bytes);
    const result = check(whole, mask);
    // Giving up is right for what is no JSON, and a last resort for what is unusual.
    const mayGiveUp = parsed(whole) === undefined || name.startsWith('i_') || unusual.has(name);
    expect(result === 'same' || (mayGiveUp && result === 'gave up') ? 'right' : result, where).toBe('right');
  }
});

test('of what may be either way only escaped keys, deep lists, BOMs and UTF-16 are left to JSON.parse', () => {
  const left = corpus.filter(
    ({ name, bytes }) => !name.startsWith('n_') && check(bytes, masks['a member'] ?? {}) === 'gave up',
  );
  expect(left.map(({ name }) => name)).toEqual([
    'y_object_escaped_null_in_key',
    'i_object_key_lone_2nd_surrogate',
    'i_string_UTF-16LE_with_BOM',
    'i_string_utf16BE_no_BOM',
    'i_string_utf16LE_no_BOM',
    'i_structure_500_nested_arrays',
    'i_structure_UTF-8_BOM_empty_object',
    'y_own_nested_50',
    'i_own_key_escaped',
    'i_own_key_escaped_twice',
  ]);
});

describe('a text that is cut off', () => {
  test('at any byte is never taken for a whole one, whatever is read', () => {
    for (const { name, bytes } of corpus) {
      if (bytes.length > 1_000) continue;
      for (const [label, mask] of Object.entries(masks)) {
        for (let length = 0; length < bytes.length; length += 1) {
          const result = check(bytes.subarray(0, length), mask);
          if (result.startsWith('wrong')) expect(result, `${name}, ${length} bytes, ${label}`).toBe('same');
        }
      }
    }
  });

  test('says nothing of what stood in memory before: a longer answer came first', () => {
    const project = projectedBy({ id: true });
    const long = '{"x":[1,2,3],"id":"first","y":{"z":true}}';
    for (let length = 0; length < long.length; length += 1) {
      expect(project(Buffer.from(long))).toBe('{"id":"first"}');
      expect(project(Buffer.from(long.slice(0, length)))).toBeUndefined();
    }
  });
});

test('any byte in any place makes the same difference as it does to JSON.parse', () => {
  const text = Buffer.from('{"x":["\\u00e9",-1.5e+2,{"é":null}],"id":[true,false,"\\n€"],"a":{"id":0}}');
  const chosen = [masks.nothing, masks['a member'], masks['members of members']];
  for (let at = 0; at < text.length; at += 1) {
    for (let byte = 0; byte < 256; byte += 1) {
      const changed = Buffer.from(text);
      changed[at] = byte;
      for (const mask of chosen) {
        const result = check(changed, mask ?? {});
        if (result === 'same') continue;
        const isKey = changed.toString('latin1').includes('\\'); // an escape may have got into a key
        const mayGiveUp = parsed(changed) === undefined || isKey;
        expect(result === 'gave up' && mayGiveUp, `byte ${byte} at ${at}: ${result}`).toBe(true);
      }
    }
  }
});

describe('nesting', () => {
  const nested = (open: string, close: string, depth: number): string =>
    `${open.repeat(depth)}1${close.repeat(depth)}`;
  const kinds: [string, (depth: number) => string][] = [
    ['lists', (depth) => nested('[', ']', depth)],
    ['objects', (depth) => nested('{"a":', '}', depth)],
    ['both in turn', (depth) => nested('[{"a":', '}]', depth / 2)],
  ];

  test.each(kinds)('of %s is walked over 64 deep, and left to JSON.parse at the next one', (_kind, make) => {
    for (const mask of [{ id: true }, { x: true }] as const) {
      expect(check(Buffer.from(`{"x":${make(64)},"id":1}`), mask)).toBe('same');
      expect(check(Buffer.from(`{"x":${make(66)},"id":1}`), mask)).toBe('gave up');
    }
    expect(check(Buffer.from(`{"x":[${make(64)}],"id":1}`), { id: true })).toBe('gave up');
  });

  test('closes each list and each object with its own bracket, at any depth', () => {
    for (let depth = 1; depth <= 64; depth += 1) {
      const good = `{"x":${'['.repeat(depth - 1)}{"y":1}${']'.repeat(depth - 1)},"id":1}`;
      expect(check(Buffer.from(good), { id: true })).toBe('same');
      for (let at = 0; at < depth - 1; at += 1) {
        const broken = good.replace(
          /\]+/,
          (brackets) => `${brackets.slice(0, at)}}${brackets.slice(at + 1)}`,
        );
        expect(check(Buffer.from(broken), { id: true })).toBe('gave up');
      }
    }
  });
});

describe('an answer that is passed whole', () => {
  const decode = compileDecode(get('/things', { response: z.unknown() }).whole().contract);

  test('is found to be JSON exactly where JSON.parse finds it, but for what is very deep', () => {
    const refused = corpus.filter(({ name, bytes }) => {
      for (const [place, put] of Object.entries(places)) {
        const whole = put(bytes);
        if (isJson(whole)) expect(parsed(whole), `${name}, ${place}`).toBeDefined();
      }
      return parsed(bytes) !== undefined && !isJson(bytes);
    });
    expect(refused.map(({ name }) => name)).toEqual(['i_structure_500_nested_arrays']);
  });

  test.each(corpus)('of $name is the bytes as they came, or 502', ({ bytes }) => {
    const isUtf8 = Buffer.from(bytes.toString('utf8')).equals(bytes);
    for (const [place, put] of Object.entries(places)) {
      const whole = put(bytes);
      const given = outcomeOf(() => wholeText(decode(whole) as Whole<unknown>));
      const isGood = isUtf8 && parsed(whole) !== undefined;
      expect(given, place).toEqual(isGood ? { value: whole.toString('utf8') } : 'upstream-bad-answer');
    }
  });

  test('that is cut off at any byte is refused, whatever stood in memory before', () => {
    const source = Buffer.from(
      '{"id":"a\\u00e9\\n","name":[1,-2.5e+3,true,false,null,{"x":{}}],"a":{"id":0}}',
    );
    for (let length = 0; length < source.length; length += 1) {
      expect(isJson(source)).toBe(true);
      expect(isJson(source.subarray(0, length))).toBe(false);
    }
  });

  test('is walked over 64 deep and up to 8 MiB, and parsed beyond', () => {
    const deep = (depth: number): Buffer => Buffer.from('['.repeat(depth) + ']'.repeat(depth));
    const long = Buffer.from(`"${'x'.repeat(8 * 1_024 * 1_024)}"`);
    expect([isJson(deep(65)), isJson(deep(66)), isJson(long)]).toEqual([true, false, false]);
    for (const body of [deep(1_000), long]) {
      expect(wholeText(decode(body) as Whole<unknown>)).toBe(body.toString('utf8'));
    }
    expect(outcomeOf(() => decode(deep(200_000).subarray(1)))).toBe('upstream-bad-answer');
  });
});

describe('the decoder, which asks JSON.parse where the projection gives up', () => {
  const response = z.object({
    id: z.unknown().optional(),
    a: z.unknown().optional(),
    items: z.unknown().optional(),
    x: z.unknown().optional(),
  });
  const fields: readonly (keyof z.output<typeof response>)[][] = [
    ['id'],
    ['a', 'id'],
    ['items'],
    ['x', 'id'],
  ];
  const decoders = fields.map((names): [MaskOfMembers, Decode] => {
    const mask = Object.fromEntries(names.map((name) => [name, true] as const));
    return [mask, compileDecode({ ...get('/things', { response }).contract, mask })];
  });

  test.each(corpus)('reads of $name what JSON.parse reads, and no bytes that are not UTF-8', ({ bytes }) => {
    const isUtf8 = Buffer.from(bytes.toString('utf8')).equals(bytes);
    for (const [mask, decode] of decoders) {
      for (const [place, put] of Object.entries(places)) {
        const whole = parsed(put(bytes));
        const isObject =
          typeof whole?.value === 'object' && whole.value !== null && !Array.isArray(whole.value);
        const read = outcomeOf(() => decode(put(bytes)));
        if (isUtf8 && isObject) expect(read, place).toEqual({ value: pick(whole.value, mask) });
        else expect(read, place).toBe('upstream-bad-answer');
      }
    }
  });
});

function outcomeOf(read: () => unknown): unknown {
  try {
    return { value: read() };
  } catch (error) {
    return error instanceof GatewayError ? error.code : error;
  }
}
