/**
 * The boot check of parts that are passed whole: where an answer is taken apart again, there can be none.
 *
 * @module
 */
import type { PlanGraph } from '../plan/graph.ts';
import { operationId } from '../upstream/operation.ts';
import { schemasIn } from '../upstream/schemas-in.ts';
import { insideWhole, requireUnread } from '../upstream/whole.ts';
import { isNext, writesForCaller } from './cursor.ts';
import type { Endpoint } from './endpoint.ts';

/** @throws {RangeError} naming the endpoint, and what to do instead. */
export function checkWhole(where: string, endpoint: Pick<Endpoint, 'options' | 'response'>): void {
  const { options, response } = endpoint;
  const inside = [...schemasIn(response)].flatMap((schema) => insideWhole(schema) ?? []);
  if (inside.length === 0) return;
  if (options.fields === true) {
    throw new RangeError(
      `${where}: fields: true cannot leave fields out of whole(…); read the answer without whole(), or drop fields`,
    );
  }
  if (options.progressive === true) {
    throw new RangeError(
      `${where}: progressive writes lines, which whole(…) may break; read the answer without whole(), or drop progressive`,
    );
  }
  for (const schema of inside) {
    requireUnread(`${where}: whole(…)`, schema);
    if ([...schemasIn(schema)].some(isNext)) {
      throw new RangeError(`${where}: nextCursor() is sealed, so it cannot be inside whole(…)`);
    }
  }
  if (options.cache !== undefined && writesForCaller(endpoint)) {
    throw new RangeError(
      `${where}: cache keeps an answer with nextCursor() as a value, and whole(…) is none; cache the call instead`,
    );
  }
}

/** @throws {RangeError} for a call that is passed whole to a page. */
export function checkWholeCalls(where: string, { behaviour }: Endpoint, { nodes }: PlanGraph): void {
  if (behaviour.kind !== 'plan' || behaviour.page === undefined) return;
  for (const { spec } of nodes) {
    if (spec.kind === 'derive' || !spec.operation.isWhole) continue;
    const operation = operationId(spec.operation);
    throw new RangeError(`${where}: a page reads what it shows; call ${operation} without whole()`);
  }
}
