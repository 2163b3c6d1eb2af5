/**
 * Every schema inside a schema, whatever it is made of.
 *
 * @module
 */
import type { $ZodType } from 'zod/v4/core';

/** The schema itself and all it is made of, each once, though it may contain itself. */
export function schemasIn(root: $ZodType): ReadonlySet<$ZodType> {
  const found = new Set<$ZodType>();
  const open = [root];
  for (let schema = open.pop(); schema !== undefined; schema = open.pop()) {
    if (found.has(schema)) continue;
    found.add(schema);
    open.push(...partsOf(schema));
  }
  return found;
}

function partsOf(schema: $ZodType): $ZodType[] {
  const { def, innerType, parent } = schema._zod as unknown as {
    readonly def: Readonly<Record<string, unknown>>;
    readonly innerType?: unknown;
    readonly parent?: unknown;
  };
  const lazy = def.type === 'lazy' ? innerType : undefined;
  const members = Object.values(def).flatMap((part) =>
    typeof part === 'object' && part !== null && !isSchema(part) ? Object.values(part) : [part],
  );
  return [...members, lazy, parent].filter(isSchema); // a parent is the same without a description or a check
}

function isSchema(value: unknown): value is $ZodType {
  return (
    typeof value === 'object' && value !== null && '_zod' in value && 'run' in (value._zod as object) // a check has no `run`
  );
}
