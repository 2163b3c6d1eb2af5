/**
 * The boot checks of endpoints that take an `Idempotency-Key`: what they are, and that the services they write to
 * get a key as well. Without that a retry after a crash might do twice what the gateway cannot know was done.
 *
 * @module
 */
import type { PlanGraph } from '../plan/graph.ts';
import { operationId, writeKeyHeader } from '../upstream/operation.ts';
import type { Endpoint } from './endpoint.ts';

const modes = ['required', 'optional'];

/** @throws {RangeError} naming the endpoint, and what to do instead. */
export function checkIdempotency(where: string, { method, options, behaviour }: Endpoint): void {
  const { idempotency, access } = options;
  if (idempotency === undefined) return;
  if (!modes.includes(idempotency)) {
    throw new RangeError(`${where}: idempotency must be one of ${modes.join(', ')}, got '${idempotency}'`);
  }
  const isJson = behaviour.kind === 'opaque' || (behaviour.kind === 'plan' && behaviour.page === undefined);
  if ((method !== 'POST' && method !== 'PATCH') || !isJson) {
    throw new RangeError(
      `${where}: idempotency is for POST and PATCH with JSON answers; the others are repeatable, or no writes`,
    );
  }
  if (access.kind === 'anyone') {
    throw new RangeError(`${where}: idempotency keeps answers for one caller, and access lets in anyone()`);
  }
}

/** @throws {RangeError} for a write that gets no key, and for two calls that would get the same. */
export function checkKeyedCalls(where: string, { options }: Endpoint, { nodes }: PlanGraph): void {
  if (options.idempotency === undefined) return;
  const keyed = new Set<string>();
  for (const { spec } of nodes) {
    if (spec.kind === 'derive') continue;
    const { operation } = spec;
    const id = operationId(operation);
    if (!operation.forwardRequestHeaders.includes(writeKeyHeader)) {
      if (operation.isIdempotent) continue;
      throw new RangeError(
        `${where}: idempotency: ${id} may do twice what is asked twice; declare forwardRequestHeaders: ['${writeKeyHeader}'], or isIdempotent: true`,
      );
    }
    if (spec.kind === 'each' || keyed.has(id)) {
      throw new RangeError(
        `${where}: idempotency: ${id} is called several times, and has one key per request`,
      );
    }
    keyed.add(id);
  }
}
