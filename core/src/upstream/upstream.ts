/**
 * A running upstream: its transport, its breakers, and its operations compiled into functions that
 * a plan calls. One call goes: budget, breaker, exchange, status, content type, decode, report.
 *
 * @module
 */
import type { Clock } from '../context/clock.ts';
import type { BreakerStatus, CallFact, CallOutcome, EventBus } from '../context/events.ts';
import { traceparent } from '../context/ids.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import type { UpstreamBinding } from './binding.ts';
import { compileDecode } from './decode.ts';
import { type OperationContract, queryKeys } from './operation.ts';
import { compilePath, compileQuery } from './path.ts';
import { type Breaker, breaker, type ResolvedBreakerOptions, verdictOf } from './resilience.ts';
import { failureOf } from './status.ts';
import type { Transport, TransportAnswer, TransportRequest } from './transport.ts';

/** What a plan's request function returns. */
export interface CallRequest {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** Calls one operation for one request. Rejects with a {@link GatewayError} and nothing else. */
export type Call = (
  context: RequestContext,
  node: string,
  request: CallRequest,
  timeoutMs: number,
) => Promise<unknown>;

export interface Upstream {
  readonly name: string;
  /** Compiles an operation; at boot. */
  prepare(contract: OperationContract): Call;
  /** The timeout of an operation's calls, in milliseconds, before the deadline shortens it. */
  timeoutMs(contract: OperationContract): number;
  breakers(): BreakerStatus[];
  close(): Promise<void>;
}

export interface UpstreamParts {
  readonly clock: Clock;
  readonly events: EventBus;
  readonly transport: Transport;
}

/** Opens an upstream from its binding. */
export function openUpstream(binding: UpstreamBinding, parts: UpstreamParts): Upstream {
  const { clock, events, transport } = parts;
  const breakers: { readonly operation?: string; readonly breaker: Breaker }[] = [];
  const open = (options: ResolvedBreakerOptions, operation?: string): Breaker => {
    const place = { upstream: binding.name, ...(operation === undefined ? {} : { operation }) };
    const opened = breaker(options, clock, (from, to) => events.emit('breaker', { ...place, from, to }));
    breakers.push({ ...place, breaker: opened });
    return opened;
  };
  const shared = open(binding.breaker);
  const own = new Map<string, Breaker>();
  for (const [operation, policy] of binding.operations) {
    if (policy.breaker !== undefined) own.set(operation, open(policy.breaker, operation));
  }
  const timeoutOf = (contract: OperationContract): number =>
    binding.operations.get(contract.name)?.timeoutMs ?? binding.timeoutMs;
  return {
    name: binding.name,
    timeoutMs: timeoutOf,
    prepare(contract) {
      const ownBreaker = own.get(contract.name) ?? shared;
      return prepareCall({
        binding,
        contract,
        timeoutMs: timeoutOf(contract),
        breaker: ownBreaker,
        transport,
      });
    },
    breakers: () =>
      breakers.map(({ operation, breaker: { state } }) => ({
        upstream: binding.name,
        ...(operation === undefined ? {} : { operation }),
        state,
      })),
    close: () => transport.close(),
  };
}

interface CallParts {
  readonly binding: UpstreamBinding;
  readonly contract: OperationContract;
  readonly timeoutMs: number;
  readonly breaker: Breaker;
  readonly transport: Transport;
}

function prepareCall(parts: CallParts): Call {
  const { binding, contract, transport } = parts;
  const write = compileRequest(binding, contract);
  const read = compileAnswer(contract);

  return async function call(context, node, request, timeoutMs) {
    const { clock, cancellation, deadline } = context;
    const startedMs = clock.monotonicMs();
    let answer: TransportAnswer | undefined;
    let outcome: CallOutcome = 'ok';
    try {
      if (cancellation.reason !== undefined) throw cancellation.reason;
      const budgetMs = Math.min(parts.timeoutMs, timeoutMs, deadline.remainingMs());
      const outgoing = write(context, request, budgetMs);
      const report = parts.breaker.admit();
      try {
        answer = await exchange(transport, outgoing, context, budgetMs);
        const value = read(context, answer);
        report('success');
        return value;
      } catch (thrown) {
        const error = GatewayError.from(thrown);
        const wasCut = error === cancellation.reason;
        const hadItsShare = error.code === 'deadline-exceeded' && budgetMs >= deadline.budgetMs / 2;
        report(wasCut ? (hadItsShare ? 'failure' : 'neutral') : verdictOf(error));
        throw error;
      }
    } catch (thrown) {
      const error = attribute(GatewayError.from(thrown), binding.name, cancellation.reason);
      outcome = error === cancellation.reason ? 'cancelled' : error.code;
      throw error;
    } finally {
      const fact: CallFact = {
        node,
        upstream: contract.upstream,
        operation: contract.name,
        outcome,
        startMs: startedMs - context.startedMs,
        durationMs: clock.monotonicMs() - startedMs,
        bytes: answer?.body.byteLength ?? 0,
        ...(answer === undefined ? {} : { status: answer.status }),
      };
      context.calls.push(fact);
      context.events.emit('call', fact);
    }
  };
}

/** Sends and waits, but never longer than the budget, the deadline or the client. */
async function exchange(
  transport: Transport,
  outgoing: TransportRequest,
  context: RequestContext,
  budgetMs: number,
): Promise<TransportAnswer> {
  const { clock, cancellation, deadline } = context;
  const running = transport.send(outgoing);
  const abort = (reason: GatewayError): void => running.abort(reason);
  const stopTimer =
    budgetMs < deadline.remainingMs()
      ? clock.after(budgetMs, () => abort(new GatewayError('upstream-timeout')))
      : undefined;
  cancellation.listen(abort);
  try {
    return await running.answer;
  } finally {
    stopTimer?.();
    cancellation.unlisten(abort);
  }
}

type WriteRequest = (context: RequestContext, request: CallRequest, budgetMs: number) => TransportRequest;

function compileRequest(binding: UpstreamBinding, contract: OperationContract): WriteRequest {
  const path = compilePath(contract.path);
  const query = compileQuery(queryKeys(contract));
  const { name, method, forwardRequestHeaders } = contract;
  const { origin, maxAnswerBytes } = binding;
  return function writeRequest(context, request, budgetMs) {
    const headers: Record<string, string> = {
      accept: 'application/json',
      'x-request-id': context.requestId,
      traceparent: traceparent(context.traceId, context.ids.spanId(), false),
      'bff-deadline-ms': String(Math.floor(budgetMs)),
    };
    for (const field of forwardRequestHeaders) {
      const value = context.inbound.header(field);
      if (value !== undefined) headers[field] = value;
    }
    const body = contract.body === undefined ? undefined : JSON.stringify(request.body);
    if (body !== undefined) headers['content-type'] = 'application/json';
    const target = path(request.params ?? {}) + query(request.query ?? {});
    return { operation: name, method, origin, target, headers, body, maxAnswerBytes };
  };
}

type ReadAnswer = (context: RequestContext, answer: TransportAnswer) => unknown;

function compileAnswer(contract: OperationContract): ReadAnswer {
  const decode = compileDecode(contract);
  const { passes, forwardResponseHeaders } = contract;
  return function readAnswer(context, answer) {
    if (answer.status < 200 || answer.status > 299) throw failureOf(answer, passes);
    if (contract.response !== undefined) requireJson(answer);
    for (const name of forwardResponseHeaders) {
      const value = answer.header(name);
      if (value !== undefined) context.answerHeaders.set(name, value);
    }
    return decode(answer.body);
  };
}

function requireJson(answer: TransportAnswer): void {
  const type = answer.header('content-type') ?? 'none';
  if (/^application\/(?:[\w.+-]+\+)?json\b/i.test(type)) return;
  throw new GatewayError('upstream-bad-answer', {
    cause: new TypeError(`the answer's content type is ${type}`),
  });
}

/** Names the upstream in the error; a cancellation keeps its identity, a passed deadline becomes a timeout. */
function attribute(error: GatewayError, upstream: string, cancelled: GatewayError | undefined): GatewayError {
  if (error.code === 'deadline-exceeded')
    return new GatewayError('upstream-timeout', { ...error.options, upstream });
  if (error === cancelled || error.status < 502) return error;
  return new GatewayError(error.code, { ...error.options, upstream });
}
