/**
 * Names schemas, so that an OpenAPI document lists each once under `components` and refers to it.
 * The registry is our own: zod's global one is shared by everything in the process.
 *
 * @module
 */
import * as z from 'zod';

/** The schemas that have a name in the documents of the services. */
export const components = z.registry<{ readonly id: string }>();

/** Gives a schema its name in the documents, and returns it. */
export function component<S extends z.ZodType>(id: string, schema: S): S {
  components.add(schema, { id });
  return schema;
}

/** What a schema describes, read-only to the bottom: the world is built once and shared. */
export type Immutable<T> = T extends readonly (infer Item)[]
  ? readonly Immutable<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: Immutable<T[K]> }
    : T;
