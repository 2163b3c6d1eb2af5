/**
 * How an endpoint comes to its answer, once the caller may have one: from its plan, its handler, a stream or
 * a page, whole or as it comes, new or kept. Compiled at boot; what an endpoint does not use is not there.
 *
 * @module
 */
import { cacheControlOf } from './cache/answer-freshness.ts';
import type { EventBus } from './context/event-bus.ts';
import type { RequestContext } from './context/request-context.ts';
import { serverTiming } from './context/server-timing.ts';
import { compileAnswerCache, watchesCaller } from './endpoint/answer-cache.ts';
import { type Cursors, writesForCaller } from './endpoint/cursor.ts';
import type { Behaviour, Endpoint, StreamParts } from './endpoint/endpoint.ts';
import { compileHandle } from './endpoint/handle.ts';
import { compileLink } from './endpoint/hints.ts';
import { compilePlain } from './endpoint/plain.ts';
import { compileProgressive, type WriteAnswer } from './endpoint/progressive.ts';
import type { Input } from './endpoint/read-input.ts';
import { compileWriteOutput } from './endpoint/write-output.ts';
import { compileWritePage } from './endpoint/write-page.ts';
import type { Answer } from './http/answer.ts';
import type { PlanCaching } from './plan/cached-call.ts';
import type { PlanGraph } from './plan/graph.ts';
import { type BaseScope, compilePlan, type RunPlan } from './plan/run.ts';
import { proxyStatus } from './problem/problem.ts';
import type { Page } from './ssr/page.ts';
import type { Call } from './upstream/call.ts';
import type { OperationContract } from './upstream/operation.ts';
import type { StreamContract } from './upstream/stream-contract.ts';

/** What answers of every endpoint of one BFF share. */
export interface AnswerParts {
  readonly bff: string;
  readonly publicOrigin?: string | undefined;
  readonly events: EventBus;
  readonly caching: PlanCaching;
  readonly serverTiming: boolean;
  readonly cursors: Cursors;
  prepare(contract: OperationContract): Call;
  /** Compiles what a streaming endpoint calls with. */
  prepareStream(contract: StreamContract): StreamParts;
}

/** How the endpoint comes to its answer, once the caller may have one. */
export function compileAnswer(
  endpoint: Endpoint,
  graph: PlanGraph | undefined,
  parts: AnswerParts,
): (context: RequestContext, base: BaseScope, headers: Record<string, string>) => Promise<Answer> {
  const { behaviour, options } = endpoint;
  if (behaviour.kind === 'plain') return compilePlain(behaviour);
  if (behaviour.kind === 'stream') return compileStream(behaviour, parts);
  const runPlan = graph && compilePlan(graph, { ...parts, readsCallerLate: watchesCaller(endpoint, graph) });
  const produce = compileProduce(behaviour, runPlan, parts);
  if (behaviour.kind === 'plan' && behaviour.page !== undefined) {
    const writePage = compileWritePage(endpoint, behaviour.page, parts.publicOrigin);
    return async function showPage(context, base, headers) {
      const page = await produce(context, base);
      return writePage(page as Page, successHeaders(context, headers));
    };
  }
  const writeOutput = compileWriteOutput(endpoint, parts);
  const setLink = compileLink(endpoint);
  const { status = 200 } = options;
  const findText = compileAnswerCache(endpoint, graph, {
    produce,
    write: writeOutput,
    setLink,
    isWrittenForCaller: writesForCaller(endpoint),
    caching: parts.caching,
  });
  const writeKept: WriteAnswer = async (context, base, headers) => {
    const body = (await findText?.(context, base)) ?? '';
    return { status, headers: successHeaders(context, headers), body };
  };
  const writeJson: WriteAnswer = async (context, base, headers) => {
    const value = await produce(context, base);
    const body = writeOutput(value, context, base.input as Input);
    successHeaders(context, headers);
    setLink?.(headers, value);
    return { status, headers, body };
  };
  const writeWhole = findText === undefined ? writeJson : writeKept;
  if (
    options.progressive !== true ||
    behaviour.kind !== 'plan' ||
    graph === undefined ||
    runPlan === undefined
  )
    return writeWhole;
  return compileProgressive(writeWhole, {
    graph,
    runPlan,
    write: (scope, context, base) => writeOutput(behaviour.respond(scope), context, base.input as Input),
    lastHeaders: (context) => ({
      ...degradedHeaders(context),
      ...(parts.serverTiming ? { 'server-timing': serverTiming(context) } : {}),
    }),
  });
}

function compileStream(
  behaviour: Extract<Behaviour, { kind: 'stream' }>,
  parts: AnswerParts,
): (context: RequestContext, base: BaseScope, headers: Record<string, string>) => Promise<Answer> {
  const write = behaviour.compile(parts.prepareStream(behaviour.operation));
  return (context, { input }, headers) => write(context, (input as Input).params, headers);
}

function compileProduce(
  behaviour: Exclude<Endpoint['behaviour'], { kind: 'plain' | 'stream' }>,
  runPlan: RunPlan | undefined,
  parts: AnswerParts,
): (context: RequestContext, base: BaseScope) => Promise<unknown> {
  if (behaviour.kind === 'opaque' || runPlan === undefined) {
    return compileHandle(behaviour as Extract<Endpoint['behaviour'], { kind: 'opaque' }>, parts.prepare);
  }
  return (context, base) => runPlan(context, base).then((scope) => behaviour.respond(scope));
}

function successHeaders(context: RequestContext, headers: Record<string, string>): Record<string, string> {
  headers['content-type'] = 'application/json';
  headers['cache-control'] = cacheControlOf(context);
  if (context.answerHeaders.size > 0) {
    for (const [name, value] of context.answerHeaders) headers[name] = value;
  }
  if (context.degraded.size > 0)
    Object.assign(headers, degradedHeaders(context), { 'cache-control': 'no-store' });
  if (headers['cache-control']?.startsWith('public') === true) dropLimits(headers);
  return headers;
}

/** What one caller has left is not for those who get the same answer from a cache on the way. */
function dropLimits(headers: Record<string, string>): void {
  for (const name of Object.keys(headers)) if (/^(?:x-)?ratelimit/.test(name)) delete headers[name];
}

/** Which parts are missing, and why. */
function degradedHeaders({ degraded }: RequestContext): Record<string, string> {
  if (degraded.size === 0) return {};
  const failures = [...degraded].sort(([one], [other]) => (one < other ? -1 : 1)); // not by arrival
  return {
    'bff-degraded': failures.map(([node]) => node).join(', '),
    'proxy-status': failures.map(([node, error]) => proxyStatus(node, error.code)).join(', '),
  };
}
