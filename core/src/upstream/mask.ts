/**
 * Masks: which fields of an answer an endpoint reads. `op.pick({ id: true, lines: { sku: true } })`
 * narrows the type and is, at the same time, the record of what is read. Masks go through arrays
 * and `null`; a part that is not an object is taken whole with `true`.
 *
 * @module
 */
import { type ZodType, z } from 'zod';
import type { $ZodType } from 'zod/v4/core';
import { clone } from 'zod/v4/core';
import type { ByteMask } from './projector.ts';

/** The masks a value of type `T` can be read with. */
export type MaskOf<T> = T extends readonly (infer Item)[]
  ? MaskOf<Item>
  : T extends object
    ? string extends keyof T
      ? true
      : { readonly [K in keyof T]?: true | MaskOf<NonNullable<T[K]>> }
    : true;

/** `M` if it names nothing that `Mask` does not have; else a type nothing can be assigned to. */
export type ExactMask<M, Mask> = M extends true
  ? M
  : {
      readonly [K in keyof M]: K extends keyof Mask
        ? ExactMask<M[K], Exclude<NonNullable<Mask[K]>, true>>
        : never;
    };

/** What is left of `T` when read with mask `M`. */
export type Picked<T, M> = M extends true
  ? T
  : T extends readonly (infer Item)[]
    ? Picked<Item, M>[]
    : T extends object
      ? { [K in keyof T & keyof M]: Picked<T[K], M[K]> }
      : T;

/** A mask as data, for `bff.graph`. `true` stands for the whole part. */
export type Mask = true | { readonly [field: string]: Mask };

/**
 * Narrows `schema` to what `mask` names: unknown and unpicked fields are dropped, picked ones keep
 * their checks. Runs at boot.
 *
 * @throws {RangeError} when the mask names a field the schema does not have, or looks into a part
 * that is not an object.
 */
export function narrow(schema: $ZodType, mask: Mask, path = 'the answer'): $ZodType {
  return narrowPart(schema, mask, path, new Map());
}

/** Objects that are read whole: what became of them, or `undefined` while they are under way. */
type WholeObjects = Map<$ZodType, $ZodType | undefined>;

function narrowPart(schema: $ZodType, mask: Mask, path: string, whole: WholeObjects): $ZodType {
  const { def, innerType } = schema._zod as unknown as {
    readonly def: SchemaDef;
    readonly innerType: $ZodType;
  };
  if (def.type === 'lazy') return narrowPart(innerType, mask, path, whole);
  if (def.type === 'object') {
    return mask === true
      ? wholeObject(schema, def, path, whole)
      : narrowObject(schema, def, mask, path, whole);
  }
  if (def.type === 'array') return replace(schema, { element: narrowPart(def.element, mask, path, whole) });
  if (
    def.type === 'nullable' ||
    def.type === 'optional' ||
    def.type === 'default' ||
    def.type === 'readonly'
  ) {
    return replace(schema, { innerType: narrowPart(def.innerType, mask, path, whole) });
  }
  if (mask === true) return schema;
  throw new RangeError(`pick: ${path} is a ${def.type}, not an object; take it whole with true`);
}

type SchemaDef =
  | { readonly type: 'lazy' }
  | {
      readonly type: 'object';
      readonly shape: Readonly<Record<string, $ZodType>>;
      readonly catchall?: $ZodType;
    }
  | { readonly type: 'array'; readonly element: $ZodType }
  | { readonly type: 'nullable' | 'optional' | 'default' | 'readonly'; readonly innerType: $ZodType }
  | { readonly type: 'other' };

type ObjectDef = Extract<SchemaDef, { readonly type: 'object' }>;

/** Narrows an object once, however often it appears; inside itself it appears as a reference. */
function wholeObject(schema: $ZodType, def: ObjectDef, path: string, whole: WholeObjects): $ZodType {
  const known = whole.get(schema);
  if (known !== undefined) return known;
  if (whole.has(schema)) return z.lazy(() => whole.get(schema) ?? schema);
  whole.set(schema, undefined);
  const everything = Object.fromEntries(Object.keys(def.shape).map((key) => [key, true] as const));
  const narrowed = narrowObject(schema, def, everything, path, whole);
  whole.set(schema, narrowed);
  return narrowed;
}

function narrowObject(
  schema: $ZodType,
  def: ObjectDef,
  mask: Exclude<Mask, true>,
  path: string,
  whole: WholeObjects,
): $ZodType {
  const shape: Record<string, $ZodType> = {};
  for (const [field, part] of Object.entries(mask)) {
    const member = Object.hasOwn(def.shape, field) ? def.shape[field] : undefined;
    if (member === undefined) {
      throw new RangeError(
        `pick: ${path} has no field '${field}'; it has ${Object.keys(def.shape).join(', ')}`,
      );
    }
    shape[field] = narrowPart(member, part, `${path}.${field}`, whole);
  }
  return replace(schema, { shape, catchall: undefined, checks: [] });
}

function replace(schema: $ZodType, part: object): $ZodType {
  return clone(schema, { ...schema._zod.def, ...part } as never);
}

/**
 * Every path that is read of an answer, such as `items.lines.sku`, down to the parts that are no
 * objects. An object inside itself, and anything that has no fields, is named as a whole.
 */
export function readPaths(schema: $ZodType, mask: Mask): string[] {
  return pathsOf(schema, mask, '', []);
}

function pathsOf(schema: $ZodType, mask: Mask, path: string, inside: readonly $ZodType[]): string[] {
  const { def, innerType } = schema._zod as unknown as {
    readonly def: SchemaDef;
    readonly innerType: $ZodType;
  };
  if (def.type === 'lazy') return pathsOf(innerType, mask, path, inside);
  if (def.type === 'array') return pathsOf(def.element, mask, path, inside);
  if ('innerType' in def) return pathsOf(def.innerType, mask, path, inside);
  if (def.type !== 'object' || inside.includes(schema)) return [path === '' ? '*' : path];
  const fields = Object.entries(def.shape).filter(([field]) => mask === true || Object.hasOwn(mask, field));
  return fields.flatMap(([field, member]) => {
    const part = mask === true ? true : (mask[field] ?? true);
    return pathsOf(member, part, path === '' ? field : `${path}.${field}`, [...inside, schema]);
  });
}

/** The members that a narrowed schema reads, as the projector takes them. */
export function byteMaskOf(schema: $ZodType): ByteMask {
  const { def } = schema._zod as unknown as { readonly def: SchemaDef };
  if (def.type === 'array') return byteMaskOf(def.element);
  if ('innerType' in def) return byteMaskOf(def.innerType);
  if (def.type !== 'object') return true;
  return Object.fromEntries(Object.entries(def.shape).map(([field, member]) => [field, byteMaskOf(member)]));
}

/** The schema's own type as the classic zod type, which has the parse methods. */
export function asZod(schema: $ZodType): ZodType {
  return schema as ZodType;
}
