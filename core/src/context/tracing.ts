/**
 * What a BFF asks of tracing: whether the spans of a trace are wanted, before the request begins, and a subscriber
 * that makes them of the facts, after it ended. The pipeline knows no more of OpenTelemetry than this.
 *
 * @module
 */
import type { Clock } from './clock.ts';
import type { EventBus } from './event-bus.ts';

/** What `otlpTracing()` of `bffkit/tracing` gives. */
export interface Tracing {
  /**
   * Whether spans of this trace are wanted. Asked once per trace that begins here; where a trusted caller sent a
   * `traceparent`, its decision holds and this is not asked. Every instance gives the same answer.
   *
   * @param traceId 32 hexadecimal digits in lower case.
   */
  isSampled(traceId: string): boolean;
  /** Subscribes to the facts of a BFF. */
  watch(bff: TracedBff): void;
  /** Sends what is waiting, within a bound of time, and lets go. Never throws. */
  close(): Promise<void>;
}

/** What tracing reads of a BFF. */
export interface TracedBff {
  readonly name: string;
  readonly events: EventBus;
  readonly clock: Clock;
}
