/**
 * From the value `respond` returned to the text of the answer: its cursor sealed, trimmed and checked by the
 * response schema, compiled at boot, and weighed. What the schema does not name never leaves. Parts that are passed
 * whole are spliced in as their service wrote them, where the schema says so; other endpoints have nothing of it.
 *
 * A writer generated from the schema, which checks and writes in one pass, was measured and is slower than this:
 * docs/shaping.md.
 *
 * @module
 */
import { z } from 'zod';
import type { EventBus } from '../context/event-bus.ts';
import type { RequestContext } from '../context/request-context.ts';
import { stringifyWhole } from '../context/whole.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { asZod, narrow } from '../upstream/mask.ts';
import { holdsWhole } from '../upstream/whole.ts';
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
  const stringify = holdsWhole(endpoint.response) ? stringifyWhole : undefined;
  return function writeOutput(value, context, { params, select }) {
    const parsed = schema.safeParse(sealCursors === undefined ? value : sealCursors(value, context, params));
    if (!parsed.success) throw new GatewayError('internal', { cause: parsed.error });
    const data = select === undefined ? parsed.data : select(parsed.data);
    const body = stringify === undefined ? JSON.stringify(data) : stringify(data);
    weigh?.(body);
    return body;
  };
}
