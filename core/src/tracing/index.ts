/**
 * Traces: `bffkit/tracing`.
 *
 * @module
 */
export type { TracedBff, Tracing } from '../context/tracing.ts';
export { tracingFromEnv } from './env.ts';
export { type OtlpTracingOptions, otlpTracing } from './otlp-tracing.ts';
