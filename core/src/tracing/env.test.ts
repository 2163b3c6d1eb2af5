import { describe, expect, test } from 'vitest';
import { tracingFromEnv } from './env.ts';
import { otlpTracing } from './otlp-tracing.ts';

const on = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.test:4318' };
const low = '0af7651916cd43dd8408eb211c80319c';
const high = '0af7651916cd43dd84f8eb211c80319c';

describe('tracing is off', () => {
  test.each([
    ['nobody named a receiver', {}],
    ['its address is empty', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
    ['the SDK is disabled', { ...on, OTEL_SDK_DISABLED: 'true' }],
    ['nothing exports traces', { ...on, OTEL_TRACES_EXPORTER: 'none' }],
    ['only other programs are configured', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }],
  ])('when %s', async (_why, env) => {
    expect(await tracingFromEnv(env)).toBeUndefined();
  });
});

describe('the share of traces', () => {
  const sampled = async (env: Record<string, string>, share?: number): Promise<readonly boolean[]> => {
    const tracing = await tracingFromEnv({ ...on, ...env }, share === undefined ? {} : { share });
    return [low, high].map((id) => tracing?.isSampled(id) ?? false);
  };

  test('is what the application says, until the environment does', async () => {
    expect(await sampled({}, 1)).toEqual([true, true]);
    expect(await sampled({ OTEL_TRACES_SAMPLER_ARG: '0.5' }, 1)).toEqual([false, true]);
  });

  test.each([
    ['always_on', [true, true]],
    ['parentbased_always_on', [true, true]],
    ['always_off', [false, false]],
    ['traceidratio', [false, true]],
    ['parentbased_traceidratio', [false, true]],
  ])('is as OTEL_TRACES_SAMPLER=%s means it', async (sampler, expected) => {
    expect(await sampled({ OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: '0.5' })).toEqual(expected);
  });

  test('is all in development', async () => {
    expect(await sampled({ NODE_ENV: 'development' })).toEqual([true, true]);
    expect(await sampled({ NODE_ENV: 'development' }, 0.5)).toEqual([false, true]);
  });

  test('is all where a ratio has no number', async () => {
    expect(await sampled({ OTEL_TRACES_SAMPLER: 'traceidratio' })).toEqual([true, true]);
  });
});

describe('a wrong variable', () => {
  test.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'secret-without-a-name'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'key=secret%'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '0'],
    ['OTEL_TRACES_SAMPLER', 'jaeger_remote'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
    ['OTEL_TRACES_EXPORTER', 'zipkin'],
  ])('is named, its value is not (%s)', async (name, value) => {
    const refusal = await tracingFromEnv({ ...on, [name]: value }).catch(String);
    expect(refusal).toMatch(/^RangeError: the environment is not valid/);
    expect(refusal).toContain(name);
    expect(refusal).not.toContain('secret');
  });
});

describe('otlpTracing refuses', () => {
  test.each<[object, string]>([
    [{ share: 1.5 }, 'share must be a number from 0 to 1, got 1.5'],
    [{ timeoutMs: 0 }, 'timeoutMs must be a number from 1 to 60000, got 0'],
    [{ url: 'collector:4318' }, 'url must be an http or https address'],
    [{ url: 'https://user:secret@collector.test' }, 'url must not hold a password; put it into headers'],
    [{ sample: 1 }, "unknown option 'sample'"],
  ])('%o', async (options, message) => {
    const refusal = await otlpTracing(options).catch(String);
    expect(refusal).toContain(`RangeError: otlpTracing: ${message}`);
    expect(refusal).not.toContain('secret');
  });
});
