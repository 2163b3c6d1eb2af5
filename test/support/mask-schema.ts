/**
 * Masks on JSON Schemas: what is left to compare when only some fields of an answer are read.
 *
 * @module
 */
import type { Mask } from 'bffkit';
import { type JsonSchema, type Part, resolve } from './json-schema.ts';

/** Keeps the fields the mask names; goes through references, unions and arrays. */
export function maskSchema({ schema, root }: Part, mask: Mask): JsonSchema {
  if (mask === true) return schema;
  const inner = (part: JsonSchema, partMask: Mask): JsonSchema =>
    maskSchema({ schema: part, root }, partMask);
  if (schema.$ref !== undefined) return maskSchema(resolve(schema.$ref, root), mask);
  const options = schema.anyOf ?? schema.oneOf;
  if (options !== undefined) return { anyOf: options.map((option) => inner(option, mask)) };
  if (schema.items !== undefined) return { ...schema, items: inner(schema.items, mask) };
  if (schema.properties === undefined) return schema;
  const kept = Object.entries(schema.properties).flatMap(([name, property]) => {
    const part = mask[name];
    return part === undefined ? [] : [[name, inner(property, part)] as const];
  });
  const required = schema.required?.filter((name) => Object.hasOwn(mask, name)) ?? [];
  return { ...schema, properties: Object.fromEntries(kept), required };
}
