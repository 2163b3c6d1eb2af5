/**
 * Masks: which fields of an answer an endpoint reads. `op.pick({ id: true, lines: { sku: true } })`
 * narrows the type and is, at the same time, the record of what is read. Masks go through arrays
 * and `null`; a part that is not an object is taken whole with `true`.
 *
 * @module
 */
import type { ZodType } from 'zod';
import type { $ZodType } from 'zod/v4/core';
import { clone } from 'zod/v4/core';

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
  const { def } = schema._zod as unknown as { readonly def: SchemaDef };
  if (def.type === 'lazy') return narrow(def.getter(), mask, path);
  if (def.type === 'object') return narrowObject(schema, def, mask, path);
  if (def.type === 'array') return replace(schema, { element: narrow(def.element, mask, path) });
  if (
    def.type === 'nullable' ||
    def.type === 'optional' ||
    def.type === 'default' ||
    def.type === 'readonly'
  ) {
    return replace(schema, { innerType: narrow(def.innerType, mask, path) });
  }
  if (mask === true) return schema;
  throw new RangeError(`pick: ${path} is a ${def.type}, not an object; take it whole with true`);
}

type SchemaDef =
  | { readonly type: 'lazy'; readonly getter: () => $ZodType }
  | {
      readonly type: 'object';
      readonly shape: Readonly<Record<string, $ZodType>>;
      readonly catchall?: $ZodType;
    }
  | { readonly type: 'array'; readonly element: $ZodType }
  | { readonly type: 'nullable' | 'optional' | 'default' | 'readonly'; readonly innerType: $ZodType }
  | { readonly type: 'other' };

function narrowObject(
  schema: $ZodType,
  def: Extract<SchemaDef, { readonly type: 'object' }>,
  mask: Mask,
  path: string,
): $ZodType {
  const fields: Mask =
    mask === true ? Object.fromEntries(Object.keys(def.shape).map((key) => [key, true])) : mask;
  const shape: Record<string, $ZodType> = {};
  for (const [field, part] of Object.entries(fields)) {
    const member = Object.hasOwn(def.shape, field) ? def.shape[field] : undefined;
    if (member === undefined) {
      throw new RangeError(
        `pick: ${path} has no field '${field}'; it has ${Object.keys(def.shape).join(', ')}`,
      );
    }
    shape[field] = narrow(member, part, `${path}.${field}`);
  }
  return replace(schema, { shape, catchall: undefined, checks: [] });
}

function replace(schema: $ZodType, part: object): $ZodType {
  return clone(schema, { ...schema._zod.def, ...part } as never);
}

/** Every path a mask names, such as `items.lines.sku`. */
export function maskPaths(mask: Mask, prefix = ''): string[] {
  if (mask === true) return [prefix === '' ? '*' : prefix];
  return Object.entries(mask).flatMap(([field, part]) =>
    maskPaths(part, prefix === '' ? field : `${prefix}.${field}`),
  );
}

/** The schema's own type as the classic zod type, which has the parse methods. */
export function asZod(schema: $ZodType): ZodType {
  return schema as ZodType;
}
