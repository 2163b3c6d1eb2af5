/**
 * Where a request stands in its trace: begun at the public edge, or continued where a trusted peer sent one.
 *
 * @see {@link https://www.w3.org/TR/trace-context/ W3C Trace Context}
 * @module
 */
import type { TraceFact } from './events.ts';
import type { IdSource } from './ids.ts';

/** What a caller says of its trace. */
export interface TraceParent {
  /** 32 lowercase hexadecimal digits. */
  readonly traceId: string;
  /** 16 lowercase hexadecimal digits. */
  readonly spanId: string;
  readonly isSampled: boolean;
  /** Passed on as it came. */
  readonly state: string | undefined;
}

/** The place of one request. */
export interface Trace extends TraceFact {
  readonly traceId: string;
  /** `tracestate` for the services. */
  readonly state: string | undefined;
}

/** Whether spans are wanted of a trace that begins here. */
export type IsSampled = (traceId: string) => boolean;

/** Continues the trace of `parent`, or begins one. */
export function placeInTrace(ids: IdSource, isSampled?: IsSampled, parent?: TraceParent): Trace {
  if (parent !== undefined) {
    const { traceId, spanId: parentSpanId, isSampled: wasSampled, state } = parent;
    return { traceId, spanId: ids.spanId(), parentSpanId, isSampled: wasSampled, state };
  }
  const traceId = ids.traceId();
  return { traceId, spanId: ids.spanId(), isSampled: isSampled?.(traceId) ?? false, state: undefined };
}

/** The `traceparent` header: version 00, the trace, the span of this hop, sampled or not. */
export function traceparent(traceId: string, spanId: string, sampled: boolean): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}
