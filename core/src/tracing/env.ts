/**
 * Tracing from the standard variables, so that whatever runs the gateway can switch it on.
 *
 * | Variable | Meaning |
 * |---|---|
 * | `OTEL_EXPORTER_OTLP_ENDPOINT` | the receiver, such as `http://collector:4318`; tracing is off without |
 * | `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` | the same for traces alone, with the whole path |
 * | `OTEL_EXPORTER_OTLP_HEADERS` | such as `api-key=…`, separated by commas, percent-encoded |
 * | `OTEL_EXPORTER_OTLP_TIMEOUT` | milliseconds for a batch |
 * | `OTEL_EXPORTER_OTLP_PROTOCOL` | `http/protobuf` and nothing else |
 * | `OTEL_SERVICE_NAME` | default the name of the BFF |
 * | `OTEL_RESOURCE_ATTRIBUTES` | such as `deployment.environment.name=live` |
 * | `OTEL_TRACES_SAMPLER`, `OTEL_TRACES_SAMPLER_ARG` | the share; `always_on`, `always_off` or `traceidratio` |
 * | `NODE_ENV` | `development`: all traces, where nothing else says how many |
 * | `OTEL_TRACES_EXPORTER` | `otlp`, or `none` for off |
 * | `OTEL_SDK_DISABLED` | `true` for off |
 *
 * `_TRACES` in the names of headers, timeout and protocol wins, as the standard says. The exporter itself reads the
 * variables of certificates and compression.
 *
 * @see {@link https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ OpenTelemetry}
 * @module
 */
import { z } from 'zod';
import { envUrl, readEnv } from '../context/read-env.ts';
import type { Tracing } from '../context/tracing.ts';
import { type OtlpTracingOptions, otlpTracing } from './otlp-tracing.ts';

type Env = Readonly<Record<string, string | undefined>>;

const Protocol = z
  .literal('http/protobuf', { error: 'must be http/protobuf: bffkit speaks nothing else' })
  .optional();
const Timeout = z.coerce.number().int().min(1).max(60_000).optional();
const Pairs = z.string().transform(readPairs).optional();
const samplers = ['always_on', 'always_off', 'traceidratio'] as const;

const Variables = z.object({
  OTEL_SDK_DISABLED: z.string().optional(),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none']).default('otlp'),
  OTEL_EXPORTER_OTLP_ENDPOINT: envUrl().optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: envUrl().optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: Protocol,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: Protocol,
  OTEL_EXPORTER_OTLP_HEADERS: Pairs,
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: Pairs,
  OTEL_EXPORTER_OTLP_TIMEOUT: Timeout,
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: Timeout,
  OTEL_SERVICE_NAME: z.string().optional(),
  OTEL_RESOURCE_ATTRIBUTES: Pairs,
  OTEL_TRACES_SAMPLER: z
    .string()
    .transform((name) => name.replace(/^parentbased_/, '')) // a trusted caller's decision is respected anyway
    .pipe(z.enum(samplers))
    .optional(),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).optional(),
});

/**
 * Tracing as the environment asks for it; nothing when it does not.
 *
 * @param defaults What holds where the environment does not say.
 * @throws {RangeError} for a variable that is wrong, or packages that are not installed. Values are not repeated.
 */
export async function tracingFromEnv(
  env: Env,
  defaults: OtlpTracingOptions = {},
): Promise<Tracing | undefined> {
  if (isOff(env)) return undefined;
  const values = readEnv(Variables, env);
  const base = values.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/?$/, '/v1/traces');
  const url = values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? base;
  const { 'service.name': named, ...resource } = values.OTEL_RESOURCE_ATTRIBUTES ?? {};
  const serviceName = values.OTEL_SERVICE_NAME ?? named;
  const share = shareOf(values.OTEL_TRACES_SAMPLER, values.OTEL_TRACES_SAMPLER_ARG);
  const timeoutMs = values.OTEL_EXPORTER_OTLP_TRACES_TIMEOUT ?? values.OTEL_EXPORTER_OTLP_TIMEOUT;
  return otlpTracing({
    ...(env.NODE_ENV === 'development' ? { share: 1 } : {}),
    ...defaults,
    ...(url === undefined ? {} : { url }),
    ...(serviceName === undefined ? {} : { serviceName }),
    ...(share === undefined ? {} : { share }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    headers: {
      ...defaults.headers,
      ...values.OTEL_EXPORTER_OTLP_HEADERS,
      ...values.OTEL_EXPORTER_OTLP_TRACES_HEADERS,
    },
    resource: { ...defaults.resource, ...resource },
  });
}

/** Looked at first: variables that are for other programs must not keep a gateway without tracing from starting. */
function isOff(env: Env): boolean {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none') return true;
  return !env.OTEL_EXPORTER_OTLP_ENDPOINT && !env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
}

function shareOf(sampler: (typeof samplers)[number] | undefined, share?: number): number | undefined {
  if (sampler === 'always_on') return 1;
  if (sampler === 'always_off') return 0;
  return share ?? (sampler === undefined ? undefined : 1);
}

/** `a=1,b=2`, percent-encoded, as in W3C Baggage. */
function readPairs(text: string, context: z.RefinementCtx): Record<string, string> {
  const pairs: [string, string][] = [];
  for (const part of text.split(',')) {
    if (part.trim() === '') continue;
    const equals = part.indexOf('=');
    try {
      if (equals < 1) throw new URIError('no name');
      pairs.push([part.slice(0, equals).trim(), decodeURIComponent(part.slice(equals + 1).trim())]);
    } catch {
      context.addIssue({ code: 'custom', message: 'must be name=value pairs, separated by commas' });
      return z.NEVER;
    }
  }
  return Object.fromEntries(pairs);
}
