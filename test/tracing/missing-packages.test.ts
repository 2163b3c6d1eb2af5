/**
 * The OpenTelemetry SDK is optional: who does not trace needs no part of it, who does is told what to install.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const run = promisify(execFile);

/** Runs `code` in a Node of its own, where the packages cannot be found. */
async function withoutPackages(code: string): Promise<string> {
  const hide = `
    import { registerHooks } from 'node:module';
    registerHooks({ resolve: (specifier, context, next) =>
      next(specifier.startsWith('@opentelemetry/') ? specifier + '-that-is-not-installed' : specifier, context) });`;
  const hooks = `data:text/javascript,${encodeURIComponent(hide)}`;
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const { stdout } = await run(process.execPath, ['--import', hooks, '--input-type=module', '--eval', code], {
    cwd,
    env: { PATH: process.env.PATH },
  });
  return stdout;
}

describe('without the packages of OpenTelemetry', () => {
  test('a gateway that does not trace starts', async () => {
    const said = await withoutPackages(`
      import { tracingFromEnv } from 'bffkit/tracing';
      console.log(await tracingFromEnv({}));`);
    expect(said).toBe('undefined\n');
  });

  test('one that should trace says what to install', async () => {
    const said = await withoutPackages(`
      import { tracingFromEnv } from 'bffkit/tracing';
      await tracingFromEnv({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }).catch((error) => {
        console.log(error.name + ': ' + error.message);
      });`);
    expect(said).toBe(
      'RangeError: otlpTracing: traces need packages that are not installed: npm install @opentelemetry/api ' +
        '@opentelemetry/sdk-trace @opentelemetry/resources @opentelemetry/exporter-trace-otlp-proto\n',
    );
  });
});
