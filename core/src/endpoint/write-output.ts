/**
 * From the value `respond` returned to the text of the answer: its cursor sealed, trimmed and checked by the
 * response schema, compiled at boot, and weighed. What the schema does not name never leaves.
 *
 * A writer generated from the schema, which checks and writes in one pass, was measured and is slower than this:
 * docs/shaping.md.
 *
 * @module
 */
import { z } from 'zod';
import type { EventBus } from '../context/events.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { asZod, narrow } from '../upstream/mask.ts';
import { compileBudget } from './budget.ts';
import { type Cursors, compileSealCursors } from './cursor.ts';
import type { Endpoint } from './endpoint.ts';
import type { Input } from './read-input.ts';

/** Turns a value into the JSON text of the answer. */
export type WriteOutput = (value: unknown, context: RequestContext, input: Input) => string;

export interface WriteParts {
  readonly bff: string;
  readonly events: EventBus;
  readonly cursors: Cursors;
}

/** Compiles the writer. The function throws {@link GatewayError} `internal` for a value the schema refuses. */
export function compileWriteOutput(endpoint: Endpoint, parts: WriteParts): WriteOutput {
  const schema = z.compile(asZod(narrow(endpoint.response, true)));
  const sealCursors = compileSealCursors(endpoint, parts.cursors);
  const weigh = compileBudget(endpoint, parts);
  return function writeOutput(value, context, { params, select }) {
    const parsed = schema.safeParse(sealCursors === undefined ? value : sealCursors(value, context, params));
    if (!parsed.success) throw new GatewayError('internal', { cause: parsed.error });
    const body = JSON.stringify(select === undefined ? parsed.data : select(parsed.data));
    weigh?.(body);
    return body;
  };
}
