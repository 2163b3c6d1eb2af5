/**
 * The BFFs of the shop, as processes: one standard variable switches their traces on.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type OtlpReceiver, otlpReceiver } from '../support/otlp-receiver.ts';

vi.setConfig({ testTimeout: 90_000 }); // processes start slowly on a busy machine

let receiver: OtlpReceiver;
let child: ChildProcess | undefined;

beforeEach(async () => {
  receiver = await otlpReceiver();
});

afterEach(async () => {
  child?.kill('SIGKILL');
  await receiver.close();
});

/** Starts `bffs/NAME/src/main.ts`; resolves to its public address. */
async function start(name: string): Promise<string> {
  const prefix = name.toUpperCase();
  const main = fileURLToPath(new URL(`../../bffs/${name}/src/main.ts`, import.meta.url));
  const started = spawn(process.execPath, [main], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'development',
      [`${prefix}_PORT`]: '0',
      [`${prefix}_ADMIN_PORT`]: '0',
      [`${prefix}_GRACE_MS`]: '0',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.origin,
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=for%20tests',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    },
  });
  child = started;
  for await (const line of createInterface({ input: started.stdout })) {
    const { msg, url } = JSON.parse(line) as { readonly msg: string; readonly url: string };
    if (msg === 'listening') return url;
  }
  throw new Error(`${name} ended before it listened`);
}

test.each([
  ['web', '/api/home'],
  ['mobile', '/v1/home'],
  ['partner', '/v1/products'],
])(
  '%s sends its spans where OTEL_EXPORTER_OTLP_ENDPOINT says, and the last before it leaves',
  async (name, path) => {
    const answer = await fetch(`${await start(name)}${path}`);
    expect(answer.status).toBe(401);
    child?.kill('SIGTERM');
    if (child !== undefined) await once(child, 'exit');
    expect(receiver.batches[0]?.['api-key']).toBe('for tests');
    expect(receiver.spans).toMatchObject([
      {
        traceId: answer.headers.get('x-request-id'),
        kind: 'server',
        attributes: { 'http.response.status_code': 401 },
        resource: { 'service.name': name, 'deployment.environment.name': 'test' },
      },
    ]);
  },
);
