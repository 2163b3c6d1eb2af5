/**
 * From the value `respond` returned to bytes: trimmed and checked by the response schema, compiled at
 * boot. What the schema does not name never leaves.
 *
 * @module
 */
import { z } from 'zod';
import type { $ZodType } from 'zod/v4/core';
import { GatewayError } from '../problem/gateway-error.ts';
import { asZod, narrow } from '../upstream/mask.ts';

/** Turns a value into the JSON text of the answer. */
export type WriteOutput = (value: unknown) => string;

/** Compiles the writer. The function throws {@link GatewayError} `internal` for a value the schema refuses. */
export function compileWriteOutput(response: $ZodType): WriteOutput {
  const schema = z.compile(asZod(narrow(response, true)));
  return function writeOutput(value: unknown): string {
    const parsed = schema.safeParse(value);
    if (!parsed.success) throw new GatewayError('internal', { cause: parsed.error });
    return JSON.stringify(parsed.data);
  };
}
