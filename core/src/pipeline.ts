/**
 * The order of the steps of one request, and nothing else: each step lives in its own room. The
 * chain is compiled per endpoint at boot, so a step an endpoint does not need is not there at run time.
 *
 * The edge comes before: `edge.ts`.
 *
 * context → shed → authenticate → authorise → version → look up the write → limit → read input → claim the write → plan → respond → write → answer → close
 *
 * @module
 */
import { type AnswerParts, compileAnswer } from './compile-answer.ts';
import type { Clock } from './context/clock.ts';
import type { EventBus } from './context/event-bus.ts';
import type { RequestFact } from './context/events.ts';
import type { IdSource } from './context/ids.ts';
import type { Inbound } from './context/inbound.ts';
import { type PressureSource, type Priority, shedsEndpoint } from './context/pressure.ts';
import type { Principal } from './context/principal.ts';
import { openContext, type RequestContext } from './context/request-context.ts';
import type { Roster } from './context/roster.ts';
import { type IsSampled, placeInTrace } from './context/trace.ts';
import type { Endpoint } from './endpoint/endpoint.ts';
import { compileEarlyHints } from './endpoint/hints.ts';
import { compileIdempotent } from './endpoint/idempotent.ts';
import { compileReadInput } from './endpoint/read-input.ts';
import { compileAnswerFailure } from './endpoint/write-page.ts';
import { type Answer, type AnswerStream, type FinishedAnswer, finishAnswer } from './http/answer.ts';
import type { CommonHeaders } from './http/security-headers.ts';
import { finishStream } from './http/streamed.ts';
import type { Idempotency } from './idempotency/open-idempotency.ts';
import { callerOf, compileIdentity, type IdentityParts } from './identify.ts';
import type { PeerDeadline } from './ingress/peer-deadline.ts';
import type { ReadPeerTrace } from './ingress/peer-trace.ts';
import type { Limiter, Verdict } from './limit/limiter.ts';
import type { PlanGraph } from './plan/graph.ts';
import { GatewayError } from './problem/gateway-error.ts';
import { compileVersions, type LaneParts } from './version-lanes.ts';
import type { ServedVersion } from './versions/served.ts';

/** What the steps of every endpoint of one BFF share. */
export interface PipelineParts extends IdentityParts, AnswerParts, LaneParts {
  readonly bff: string;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly events: EventBus;
  readonly deadlineOf: PeerDeadline;
  readonly pressure: PressureSource;
  readonly limiter: Limiter;
  /** Absent when no endpoint takes an `Idempotency-Key`. */
  readonly idempotency: Idempotency | undefined;
  readonly edge: { readonly commonHeaders: CommonHeaders; readonly problemDocs: string | undefined };
  /** Requests under way; shutdown cancels them. */
  readonly live: Roster<RequestContext>;
  readonly readPeerTrace: ReadPeerTrace;
  /** Whether the spans of a trace that begins here are wanted. */
  readonly isSampled: IsSampled | undefined;
}

/** Answers one request. Never rejects. */
export type Handle = (inbound: Inbound, params: Readonly<Record<string, string>>) => Promise<FinishedAnswer>;

/** Compiles the chain of one endpoint. `graph` is absent for an opaque one. */
export function compilePipeline(
  endpoint: Endpoint,
  graph: PlanGraph | undefined,
  parts: PipelineParts,
): Handle {
  const { options, path } = endpoint;
  const { access, cost = 1, limitClass = 'default', priority = 'normal' } = options;
  const identity = compileIdentity(endpoint, parts);
  const beginWrite = compileIdempotent(endpoint, parts.idempotency);
  const readInput = compileReadInput(endpoint, parts.cursors);
  const sendEarlyHints = compileEarlyHints(endpoint);
  const writeAnswer = compileAnswer(endpoint, graph, parts);
  const answerFailure = compileAnswerFailure(endpoint, parts.publicOrigin, parts.edge.problemDocs);
  const newest = { readInput, writeAnswer };
  const versions = compileVersions(endpoint, parts, {
    ...newest,
    writeWhole: () =>
      compileAnswer({ ...endpoint, options: { ...options, progressive: false } }, graph, parts),
  });
  const requires = { caller: access.kind !== 'anyone', antiForgery: options.antiForgery ?? true };

  const answerOf = async (
    context: RequestContext,
    params: Readonly<Record<string, string>>,
    progress: Progress,
  ): Promise<Answer> => {
    requireCapacity(parts, priority);
    const proved = identity.prove(context);
    const principal = proved instanceof Promise ? await proved : proved;
    context.principal = principal;
    const caller = callerOf(principal, parts.clientIp(context.inbound), limitClass);
    context.subject = caller.principal ?? `ip:${caller.address}`;
    const authorised = identity.authorise(context, principal);
    if (authorised !== undefined) await authorised;
    if (versions !== undefined && progress.version !== undefined)
      progress.version = versions.settle(progress.version, context, principal);
    const write = beginWrite === undefined ? undefined : await beginWrite(context, principal);
    const admitted = parts.limiter.admit(context, caller, cost, write?.isRepeat);
    const verdict = admitted instanceof Promise ? await admitted : admitted;
    progress.verdict = verdict;
    if (verdict.refusal !== undefined) throw verdict.refusal;
    write?.requireKey();
    const lane =
      versions === undefined || progress.version === undefined
        ? newest
        : versions.laneOf(progress.version, context);
    const reading = lane.readInput(context, params);
    const input = reading instanceof Promise ? await reading : reading;
    sendEarlyHints?.(context.inbound);
    const { headers } = verdict;
    if (write === undefined) return await lane.writeAnswer(context, { input, principal }, headers);
    return write.answer({
      input,
      headers,
      run: () => lane.writeAnswer(context, { input, principal }, headers),
      failed: (failure) => answerFailure(failure, context.requestId, headers),
    });
  };

  return async function handle(inbound, params) {
    const peer = parts.readPeerTrace(inbound);
    const trace = placeInTrace(parts.ids, parts.isSampled, peer?.parent);
    const context = openContext({
      trace,
      requestId: peer?.requestId ?? trace.traceId,
      clock: parts.clock,
      ids: parts.ids,
      events: parts.events,
      deadlineMs: parts.deadlineOf(inbound, options.deadlineMs),
      inbound,
      clientAddress: () => parts.clientIp(inbound),
      requires,
    });
    const progress: Progress = { verdict: undefined, version: versions?.begin(context) };
    const seat = parts.live.add(context);
    const release = (): void => {
      progress.verdict?.leave();
      parts.live.remove(seat);
      context.close();
    };
    let failure: GatewayError | undefined;
    let stream: AnswerStream | undefined;
    try {
      let answer: Answer;
      try {
        answer = await answerOf(context, params, progress);
      } catch (thrown) {
        failure = GatewayError.from(thrown);
        answer = answerFailure(failure, context.requestId, progress.verdict?.headers ?? {});
      }
      if (versions !== undefined && progress.version !== undefined)
        answer = versions.finish(progress.version, answer);
      if (context.extraHeaders.size > 0) {
        for (const [name, value] of context.extraHeaders) answer.headers[name] = value;
      }
      answer.headers['x-request-id'] = context.requestId;
      const common = parts.edge.commonHeaders(inbound.header('origin'));
      if (answer.stream !== undefined) {
        const whole = { ...answer, cookies: context.cookies };
        const finished = finishStream(whole, answer.stream, { inbound, common });
        stream = answer.stream;
        stream.onOver(({ bytes, failure: brokeOff }) => {
          const { status } = finished;
          emitRequest(parts, context, { route: path, status, bytes, failure: brokeOff, progress });
          release();
        });
        return finished;
      }
      const finishing = finishAnswer(
        { status: answer.status, headers: answer.headers, body: answer.body, cookies: context.cookies },
        {
          method: inbound.method,
          acceptEncoding: inbound.header('accept-encoding'),
          ifNoneMatch: inbound.header('if-none-match'),
        },
        common,
      );
      const finished = finishing instanceof Promise ? await finishing : finishing;
      const { status, bytes } = finished;
      emitRequest(parts, context, { route: path, status, bytes, failure, progress });
      return finished;
    } finally {
      if (stream === undefined) release(); // else when it is over
    }
  };
}

/** What is known of a request by the time it may fail. */
interface Progress {
  verdict: Verdict | undefined;
  /** Absent for a BFF without versions. */
  version: ServedVersion | undefined;
}

/** Under overload some endpoints are refused before anything is spent on them. */
function requireCapacity({ pressure }: PipelineParts, priority: Priority): void {
  if (shedsEndpoint(pressure.level(), priority))
    throw new GatewayError('overloaded', { retryAfterMs: 1_000 });
}

function callerFact({ kind, subject, tenant, clientId }: Principal): NonNullable<RequestFact['principal']> {
  return {
    kind,
    id: subject,
    ...(tenant === undefined ? {} : { tenant }),
    ...(kind === 'partner' ? { key: clientId } : {}),
  };
}

interface RequestEnd {
  readonly route: string;
  readonly status: number;
  readonly bytes: number;
  readonly failure: GatewayError | undefined;
  readonly progress: Progress;
}

function emitRequest(parts: PipelineParts, context: RequestContext, end: RequestEnd): void {
  const { failure } = end;
  const { principal } = context;
  const { decision: limit, standing = [] } = end.progress.verdict ?? {};
  parts.events.emit('request', {
    bff: parts.bff,
    requestId: context.requestId,
    traceId: context.traceId,
    trace: context.trace,
    method: context.inbound.method,
    route: end.route,
    status: end.status,
    durationMs: context.clock.monotonicMs() - context.startedMs,
    bytesIn: context.bytesIn,
    bytes: end.bytes,
    ...(context.version === undefined ? {} : { version: context.version }),
    degraded: context.degraded.names(),
    calls: context.calls,
    lookups: context.lookups,
    standing,
    ...(failure === undefined ? {} : { code: failure.code, cause: failure.options.cause }),
    ...(limit === undefined ? {} : { limit }),
    ...(principal === undefined ? {} : { principal: callerFact(principal) }),
  });
}
