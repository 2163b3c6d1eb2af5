/**
 * Writes finished spans through the OpenTelemetry API, with the identifiers that already went over the wire, so that
 * the spans of the services hang below ours.
 *
 * @module
 */
import type { HrTime, Span, SpanContext, SpanKind, Tracer } from '@opentelemetry/api';
import type { IdGenerator, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { RequestFact } from '../context/events.ts';
import { type IdSource, randomIds } from '../context/ids.ts';
import type { Sdk } from './load-sdk.ts';
import { type SpanSketch, spanTree } from './span-tree.ts';

export interface SpanWriterOptions {
  /** What the spans come from: `service.name` and its like. */
  readonly resource: Readonly<Record<string, string>>;
  readonly processor: SpanProcessor;
}

export class SpanWriter {
  readonly #api: Sdk['api'];
  readonly #ids = new GivenIds();
  readonly #tracer: Tracer;
  readonly #kinds: Readonly<Record<SpanSketch['kind'], SpanKind>>;

  constructor(sdk: Sdk, { resource, processor }: SpanWriterOptions) {
    const { api, trace, resources } = sdk;
    const provider = new trace.TracerProvider({
      resource: resources.defaultResource().merge(resources.resourceFromAttributes(resource)),
      sampler: new trace.AlwaysOnSampler(), // it was decided before the request began
      idGenerator: this.#ids,
      spanProcessors: [processor],
    });
    this.#api = api;
    this.#tracer = provider.getTracer('bffkit');
    this.#kinds = {
      server: api.SpanKind.SERVER,
      node: api.SpanKind.INTERNAL,
      client: api.SpanKind.CLIENT,
    };
  }

  /**
   * Writes the spans of one request.
   *
   * @param endedMs Epoch milliseconds at the end of the request.
   * @returns How many spans it were.
   */
  write(fact: RequestFact, endedMs: number): number {
    const { traceId, trace } = fact;
    const startedMs = Math.floor(endedMs - fact.durationMs);
    this.#ids.traceId = traceId;
    return this.#write(spanTree(fact), startedMs, this.#remote(traceId, trace.parentSpanId));
  }

  #write(sketch: SpanSketch, startedMs: number, parent: SpanContext | undefined): number {
    const { ROOT_CONTEXT, SpanStatusCode, trace } = this.#api;
    const context = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
    this.#ids.nextSpanId = sketch.spanId;
    const span = this.#tracer.startSpan(
      sketch.name,
      {
        kind: this.#kinds[sketch.kind],
        attributes: sketch.attributes as Record<string, string | number | boolean | string[]>,
        startTime: hrTime(startedMs, sketch.startMs),
      },
      context,
    );
    for (const { name, attributes, atMs } of sketch.events) {
      span.addEvent(name, attributes as Record<string, string>, hrTime(startedMs, atMs));
    }
    if (sketch.error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: sketch.error });
    let count = 1;
    for (const child of sketch.children) count += this.#write(child, startedMs, span.spanContext());
    end(span, startedMs, sketch.endMs);
    return count;
  }

  /** The span of the caller, which is in somebody else's process. */
  #remote(traceId: string, spanId: string | undefined): SpanContext | undefined {
    if (spanId === undefined) return undefined;
    return { traceId, spanId, traceFlags: this.#api.TraceFlags.SAMPLED, isRemote: true };
  }
}

function end(span: Span, startedMs: number, endMs: number): void {
  span.end(hrTime(startedMs, endMs));
}

/** Hands out the identifiers that are known, and draws those nobody has seen. */
class GivenIds implements IdGenerator {
  readonly #source: IdSource = randomIds();
  traceId = '';
  nextSpanId: string | undefined;

  generateTraceId(): string {
    return this.traceId;
  }

  generateSpanId(): string {
    const id = this.nextSpanId ?? this.#source.spanId();
    this.nextSpanId = undefined;
    return id;
  }
}

/** The API's seconds and nanoseconds; a number would be guessed at. */
function hrTime(startedMs: number, atMs: number): HrTime {
  const wholeMs = Math.floor(atMs);
  const epochMs = startedMs + wholeMs;
  const seconds = Math.floor(epochMs / 1_000);
  const nanos = (epochMs - seconds * 1_000) * 1_000_000 + Math.round((atMs - wholeMs) * 1_000_000);
  return nanos < 1_000_000_000 ? [seconds, nanos] : [seconds + 1, nanos - 1_000_000_000];
}
