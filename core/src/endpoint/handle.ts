/**
 * The opaque form of an endpoint: a function instead of a plan. Its calls have the same protection;
 * what it calls is not known before it does.
 *
 * @module
 */
import type { RequestContext } from '../context/request-context.ts';
import type { BaseScope } from '../plan/run.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import type { Call } from '../upstream/call.ts';
import type { AnyOperation, OperationContract } from '../upstream/operation.ts';
import { operationId, writeKeyHeader } from '../upstream/operation.ts';
import type { CallRequest } from '../upstream/request.ts';
import type { Behaviour, HandleContext } from './endpoint.ts';

const maxCalls = 20;
const handlerEnded = new GatewayError('internal', { detail: 'The handler ended before this call.' });

/** Compiles a handler; `prepare` is asked once for each operation, at its first use. */
export function compileHandle(
  behaviour: Extract<Behaviour, { kind: 'opaque' }>,
  prepare: (contract: OperationContract) => Call,
): (context: RequestContext, base: BaseScope) => Promise<unknown> {
  const prepared = new WeakMap<AnyOperation, Call>();
  const prepareOnce = (operation: AnyOperation): Call => {
    const known = prepared.get(operation);
    if (known !== undefined) return known;
    const call = prepare(operation.contract);
    prepared.set(operation, call);
    return call;
  };
  return async function runHandle(context, base) {
    const calls: Promise<unknown>[] = [];
    const keyed = new Set<string>();
    const handleContext: HandleContext<unknown, unknown> = {
      ...base,
      get signal() {
        return context.cancellation.signal;
      },
      call(operation, request) {
        const answer = callOnce(operation, request as CallRequest);
        calls.push(answer.catch(() => {})); // a handler may not wait for it; that must not end the process
        return answer as Promise<never>;
      },
    };
    const callOnce = async (operation: AnyOperation, request: CallRequest): Promise<unknown> => {
      if (calls.length >= maxCalls) throw new RangeError(`a handler may make ${maxCalls} calls per request`);
      if (context.writeKeyFor !== undefined) requireOwnKey(operation.contract, keyed);
      const run = prepareOnce(operation);
      return run(
        context,
        { name: operationId(operation.contract), timeoutMs: Number.POSITIVE_INFINITY, worth: 'required' },
        request,
      );
    };
    try {
      return await context.cancellation.race(behaviour.handle(handleContext));
    } finally {
      context.cancellation.cancel(handlerEnded); // what still runs has nobody to answer
      await Promise.all(calls);
    }
  };
}

/** A service would take a second call under the same key for a repetition of the first. */
function requireOwnKey(contract: OperationContract, keyed: Set<string>): void {
  if (!contract.forwardRequestHeaders.includes(writeKeyHeader)) return;
  const id = operationId(contract);
  if (keyed.has(id)) throw new RangeError(`idempotency: ${id} has one key per request, so it is called once`);
  keyed.add(id);
}
