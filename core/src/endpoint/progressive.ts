/**
 * Progressive answers: one line of JSON as soon as the required part is there, one more for what came
 * since, the last one when all did. The lines together give exactly the body of a plain answer.
 *
 * ```text
 * {"value":{…},"pending":["recent","inbox"]}                 the body, as if these had not answered in time
 * {"patch":[{"op":"replace",…}],"pending":["inbox"]}         RFC 6902: what is different now
 * {"patch":[…],"done":true,"headers":{"bff-degraded":"inbox"}}    headers that a plain answer would have
 * {"problem":{…}}                                            instead of the last: the rest will not come
 * ```
 *
 * @see {@link https://github.com/ndjson/ndjson-spec NDJSON}
 * @module
 */
import type { RequestContext } from '../context/request-context.ts';
import type { Answer, AnswerEnd, AnswerStream } from '../http/answer.ts';
import { joinVary } from '../http/security-headers.ts';
import type { PlanGraph } from '../plan/graph.ts';
import type { AnyScope } from '../plan/node.ts';
import { compilePartial, type PartialRun } from '../plan/partial.ts';
import type { BaseScope, RunPlan } from '../plan/run.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { problemDocument } from '../problem/problem.ts';
import { patchText } from './progressive-patch.ts';

/** Writes the answer of an endpoint; `headers` are those known before it. */
export type WriteAnswer = (
  context: RequestContext,
  base: BaseScope,
  headers: Record<string, string>,
) => Promise<Answer>;

export interface ProgressiveParts {
  readonly graph: PlanGraph;
  readonly runPlan: RunPlan;
  /** The body's text for the values of the nodes. */
  readonly write: (scope: AnyScope, context: RequestContext, base: BaseScope) => string;
  /** Headers that are known when all calls have ended. */
  readonly lastHeaders: (context: RequestContext) => Readonly<Record<string, string>>;
}

/** The media type of progressive answers. */
const linesType = 'application/x-ndjson';

/**
 * Compiles the answer of a progressive endpoint: lines for who asks for them, `whole` for everyone else.
 *
 * @throws {RangeError} when an optional call forwards a header, which is sent before its answer comes.
 */
export function compileProgressive(whole: WriteAnswer, parts: ProgressiveParts): WriteAnswer {
  const { graph, runPlan, lastHeaders } = parts;
  const partial = compilePartial(graph);
  if (partial.optional.size === 0) return whole;
  requireNoLateHeaders(graph);
  return async function writeProgressive(context, base, headers) {
    const { inbound } = context;
    headers.vary = joinVary(headers.vary, 'Accept');
    if (inbound.method === 'HEAD' || !acceptsLines(inbound.header('accept'))) {
      return whole(context, base, headers);
    }
    const arrivals = partial.watch();
    const lines = new ProgressiveLines({
      context,
      arrivals,
      lookNow: () => parts.write(arrivals.look(base), context, base),
      lastHeaders,
    });
    runPlan(context, base, (index, value) => {
      arrivals.settle(index, value);
      lines.change();
    })
      .then((scope) => lines.finish(parts.write(scope, context, base)))
      .catch((thrown: unknown) => lines.fail(GatewayError.from(thrown)));
    await lines.begun();
    headers['content-type'] = linesType;
    headers['cache-control'] = 'private, no-store, no-transform'; // a coder on the way would hold lines back
    headers['x-accel-buffering'] = 'no'; // and nginx would, too
    for (const [name, value] of context.answerHeaders) headers[name] = value;
    return { status: 200, headers, body: '', stream: lines };
  };
}

/** Whether `Accept` names the lines, and likes them as much as JSON. A wildcard does not mean them. */
function acceptsLines(accept: string | undefined): boolean {
  if (accept === undefined || !accept.includes(linesType)) return false;
  let [lines, json] = [0, 0];
  for (const part of accept.toLowerCase().split(',')) {
    const [type, ...parameters] = part.split(';').map((piece) => piece.trim());
    const text = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1';
    const quality = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 0;
    if (type === linesType) lines = quality;
    if (type === 'application/json') json = quality;
  }
  return lines > 0 && lines >= json;
}

function requireNoLateHeaders({ nodes }: PlanGraph): void {
  for (const { name, spec } of nodes) {
    if (spec.kind === 'derive' || spec.required) continue;
    const [header] = spec.operation.forwardResponseHeaders;
    if (header !== undefined) {
      throw new RangeError(
        `progressive: the optional node '${name}' forwards the header '${header}', which would be too late`,
      );
    }
  }
}

interface LinesParts {
  readonly context: RequestContext;
  readonly arrivals: PartialRun;
  /** The body's text as of now; throws when the endpoint can make none of what there is. */
  readonly lookNow: () => string;
  readonly lastHeaders: ProgressiveParts['lastHeaders'];
}

/**
 * The lines of one answer. A line is made when it is read and holds all that came since the one before, so
 * a slow reader gets fewer lines and costs no more memory than one.
 */
class ProgressiveLines implements AnswerStream {
  readonly #parts: LinesParts;
  readonly #listeners: ((end: AnswerEnd) => void)[] = [];
  #news = Promise.withResolvers<void>();
  #isChanged = true;
  /** The body that the lines made so far give. */
  #text: string | undefined;
  #pending = Number.POSITIVE_INFINITY;
  /** Made and not read yet. */
  #next: string[] = [];
  /** Set when all calls have ended. */
  #end: AnswerEnd | undefined;
  #failure: GatewayError | undefined;
  #bytes = 0;

  constructor(parts: LinesParts) {
    this.#parts = parts;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Something settled. */
  change(): void {
    this.#isChanged = true;
    this.#news.resolve();
  }

  /** Resolves when there is a first line; rejects when there will be none. */
  async begun(): Promise<void> {
    const first = await this.#line();
    if (first === undefined) throw this.#failure;
    this.#next.unshift(first);
  }

  finish(text: string): void {
    const headers = JSON.stringify(this.#parts.lastHeaders(this.#parts.context));
    this.#close(`{${this.#stepTo(text)},"done":true,"headers":${headers}}\n`, undefined);
  }

  fail(failure: GatewayError): void {
    this.#failure = failure;
    const problem = JSON.stringify({ problem: problemDocument(failure, this.#parts.context.requestId) });
    this.#close(this.#text === undefined ? undefined : `${problem}\n`, failure);
  }

  onOver(listener: (end: AnswerEnd) => void): void {
    if (this.#end === undefined) this.#listeners.push(listener);
    else listener(this.#end);
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const value = await this.#line();
    return value === undefined ? { done: true, value } : { done: false, value: Buffer.from(value) };
  }

  /** The reader left. */
  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#next = [];
    if (this.#end === undefined) this.#parts.context.cancellation.cancel(new GatewayError('client-gone'));
    return { done: true, value: undefined };
  }

  async #line(): Promise<string | undefined> {
    for (;;) {
      const line = this.#next.shift() ?? this.#lineNow();
      if (line !== undefined || this.#end !== undefined) return line;
      await this.#news.promise;
      this.#news = Promise.withResolvers();
    }
  }

  #lineNow(): string | undefined {
    const { arrivals, lookNow } = this.#parts;
    if (this.#end !== undefined || !this.#isChanged || !arrivals.isReady()) return undefined;
    this.#isChanged = false;
    const pending = arrivals.pending();
    if (pending.length === 0 || pending.length === this.#pending) return undefined;
    let text: string;
    try {
      text = lookNow();
    } catch {
      return undefined; // a body needs what is still to come; if that is no reason, the end will say so
    }
    this.#pending = pending.length;
    const line = `{${this.#stepTo(text)},"pending":${JSON.stringify(pending)}}\n`;
    this.#bytes += Buffer.byteLength(line);
    return line;
  }

  #stepTo(text: string): string {
    const step = this.#text === undefined ? `"value":${text}` : `"patch":${patchText(this.#text, text)}`;
    this.#text = text;
    return step;
  }

  #close(last: string | undefined, failure: GatewayError | undefined): void {
    if (this.#end !== undefined) return;
    if (last !== undefined) {
      this.#next.push(last);
      this.#bytes += Buffer.byteLength(last);
    }
    this.#end = { bytes: this.#bytes, failure, isTold: true };
    for (const tell of this.#listeners) tell(this.#end);
    this.#news.resolve();
  }
}
