/**
 * Random values of a schema, from a seed: what tests try where one example proves little. The edges come often:
 * nothing, empty, the smallest, the largest.
 *
 * Texts with a format or a pattern are made of a few forms that the formats of this framework take; a schema whose
 * values cannot be guessed is an error, never a test that tries nothing.
 *
 * @module
 */
import { z } from 'zod';
import type { $ZodType } from 'zod/v4/core';
import { asZod } from '../upstream/mask.ts';

/** Numbers in `[0, 1)`. */
export type Randomness = () => number;

interface Def {
  readonly type: string;
  readonly format?: string;
  readonly shape?: Readonly<Record<string, $ZodType>>;
  readonly element?: $ZodType;
  readonly innerType?: $ZodType;
  readonly options?: readonly $ZodType[];
  readonly entries?: Readonly<Record<string, string | number>>;
  readonly values?: readonly unknown[];
  readonly items?: readonly $ZodType[];
  readonly valueType?: $ZodType;
  readonly in?: $ZodType;
}

/** What JSON Schema says of a part, as far as it is used here. */
interface Bounds {
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly format?: string;
}

const bounds = new WeakMap<$ZodType, Bounds>();

function boundsOf(schema: $ZodType): Bounds {
  const known = bounds.get(schema);
  if (known !== undefined) return known;
  const found = z.toJSONSchema(asZod(schema), { io: 'input', unrepresentable: 'any' }) as Bounds;
  bounds.set(schema, found);
  return found;
}

const tries = 50;
const moreItems = 3;
const texts = ['', 'a', 'A-1', 'Löwe', 'a b', '0', '日本', "O'Neil", 'x'.repeat(80), '<b>&"'];
const patterned = ['a', 'A1', '19.99', '0.05', 'EUR', 'DE', 'prd_0001', 'free', 'a:b', '2026-06-01', '0'];
const formats: Readonly<Record<string, readonly string[]>> = {
  date: ['2026-02-28', '2024-02-29', '1999-12-31'],
  datetime: ['2026-06-01T00:00:00Z', '2026-12-31T23:59:59.999Z'],
  time: ['23:59:59'],
  email: ['ada@shop.example'],
  url: ['https://shop.example/a?b=c'],
  uuid: ['0f8fad5b-d9cb-469f-a165-70867728950e'],
  ipv4: ['203.0.113.9'],
};

/** A sequence that a seed decides (mulberry32). */
export function randomness(seed: number): Randomness {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * One random value that `schema` takes.
 *
 * @throws {Error} when no value can be guessed.
 *
 * @example
 * randomValue(z.object({ id: z.literal('a'), on: z.literal(true) }), randomness(1)); // => { id: 'a', on: true }
 */
export function randomValue(schema: $ZodType, random: Randomness): unknown {
  for (let index = 0; index < tries; index += 1) {
    const value = guess(schema, random, index);
    if (asZod(schema).safeParse(value).success) return value;
  }
  throw new Error(`no value can be guessed for ${schema._zod.def.type}; it may need a sample of its own`);
}

function guess(schema: $ZodType, random: Randomness, attempt: number): unknown {
  const { def, innerType } = schema._zod as unknown as {
    readonly def: Def;
    readonly innerType?: $ZodType;
  };
  const inner = (part: $ZodType | undefined): unknown =>
    part === undefined ? undefined : part === schema ? undefined : randomValue(part, random);
  switch (def.type) {
    case 'string':
      return textOf(schema, formats[def.format ?? ''], random);
    case 'number':
    case 'int':
      return numberOf(boundsOf(schema), random, attempt);
    case 'boolean':
      return random() < 0.5;
    case 'null':
      return null;
    case 'undefined':
    case 'void':
      return undefined;
    case 'any':
    case 'unknown':
      return pick(['a', 1, null, { a: [1] }], random);
    case 'literal':
      return pick(def.values ?? [], random);
    case 'enum':
      return pick(Object.values(def.entries ?? {}), random);
    case 'object':
      return objectOf(def.shape ?? {}, random);
    case 'array':
      return listOf(def.element, boundsOf(schema), random);
    case 'tuple':
      return (def.items ?? []).map(inner);
    case 'record':
      return Object.fromEntries(
        ['a', 'b'].slice(0, Math.floor(random() * 3)).map((name) => [name, inner(def.valueType)]),
      );
    case 'union':
      return inner(pick(def.options ?? [], random));
    case 'nullable':
      return random() < 0.25 ? null : inner(def.innerType);
    case 'optional':
    case 'default':
    case 'prefault':
      return random() < 0.25 ? undefined : inner(def.innerType);
    case 'readonly':
    case 'nonoptional':
    case 'catch':
      return inner(def.innerType);
    case 'lazy':
      return inner(innerType);
    case 'pipe':
      return inner(def.in);
    default:
      throw new Error(`no value can be guessed for ${def.type}`);
  }
}

function objectOf(shape: Readonly<Record<string, $ZodType>>, random: Randomness): object {
  const entries = Object.entries(shape).map(([name, member]) => [name, randomValue(member, random)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** One of those that fit: patterns are tried, not read. */
function textOf(schema: $ZodType, known: readonly string[] | undefined, random: Randomness): unknown {
  const fitting = (known ?? [...texts, ...patterned]).filter((text) => asZod(schema).safeParse(text).success);
  return pick(fitting, random);
}

function listOf(
  element: $ZodType | undefined,
  { minItems = 0, maxItems = Number.POSITIVE_INFINITY }: Bounds,
  random: Randomness,
): unknown[] {
  const most = Math.min(maxItems, minItems + moreItems);
  const length = minItems + Math.floor(random() * (most - minItems + 1));
  return Array.from({ length }, () => (element === undefined ? undefined : randomValue(element, random)));
}

/** Small ones first; later whatever lies between the bounds. */
function numberOf({ type, minimum, maximum }: Bounds, random: Randomness, attempt: number): number {
  const low = Math.max(minimum ?? -1_000_000, Number.MIN_SAFE_INTEGER);
  const high = Math.min(maximum ?? 1_000_000, Number.MAX_SAFE_INTEGER);
  const edges = [0, 1, 5, 99, 100, 1_999, low, high].filter((edge) => edge >= low && edge <= high);
  if (attempt < tries / 2 && random() < 0.7) return pick(edges, random) ?? low;
  const between = low + random() * (high - low);
  return type === 'integer' || random() < 0.5 ? Math.trunc(between) : between;
}

function pick<T>(list: readonly T[], random: Randomness): T | undefined {
  return list[Math.floor(random() * list.length)];
}
