/**
 * The OpenTelemetry SDK: optional peers, read from disk only when traces are wanted (it takes a fifth of a second).
 *
 * @module
 */
import type * as Api from '@opentelemetry/api';
import type * as Exporter from '@opentelemetry/exporter-trace-otlp-proto';
import type * as Resources from '@opentelemetry/resources';
import type * as Trace from '@opentelemetry/sdk-trace';

export interface Sdk {
  readonly api: typeof Api;
  readonly trace: typeof Trace;
  readonly resources: typeof Resources;
  readonly exporter: typeof Exporter;
}

const install =
  'npm install @opentelemetry/api @opentelemetry/sdk-trace @opentelemetry/resources @opentelemetry/exporter-trace-otlp-proto';

/** @throws {RangeError} with what to install, when a part of it is missing. */
export async function loadSdk(): Promise<Sdk> {
  try {
    const [api, trace, resources, exporter] = await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/exporter-trace-otlp-proto'),
    ]);
    return { api, trace, resources, exporter };
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new RangeError(`otlpTracing: traces need packages that are not installed: ${install}`, {
      cause: error,
    });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
}
