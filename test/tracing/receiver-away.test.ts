/**
 * A receiver of spans that is away, refuses or hangs is nobody's problem but the operator's.
 */
import { afterEach, expect, test, vi } from 'vitest';
import { type TracedBff, tracedBff } from './traced-bff.ts';

vi.setConfig({ testTimeout: 90_000 }); // thousands of requests

const secret = 'canary-7f3a9c';
let traced: TracedBff;

afterEach(() => traced.close());

/** The next `problem` fact about traces. */
function nextProblem({ bff }: TracedBff): Promise<string> {
  return new Promise((resolve) => {
    const stop = bff.bff.events.on('problem', ({ part, error }) => {
      stop();
      resolve(`${part}: ${error.message}`);
    });
  });
}

test('a receiver that is down disturbs nobody and is told once', async () => {
  traced = await tracedBff({ timeoutMs: 200, headers: { 'api-key': secret } });
  await traced.receiver.close();
  const told = nextProblem(traced);
  for (let requests = 0; requests < 600; requests += 1) {
    expect((await traced.get('/parts/1')).status).toBe(200);
  }
  expect(await told).toBe(`traces: ${traced.receiver.origin} does not take spans: ECONNREFUSED`);
  for (let requests = 0; requests < 200; requests += 1) await traced.get('/parts/1');
  await traced.bff.close();
  expect(traced.problems).toHaveLength(1);
  expect(JSON.stringify(traced.bff.log)).not.toContain(secret);
  expect(traced.bff.log.filter(({ msg }) => msg === 'problem')).toHaveLength(1);
});

test('a receiver that refuses is told by its status, never by its words', async () => {
  traced = await tracedBff({ headers: { 'api-key': secret } });
  traced.receiver.mode = 'refuses';
  const told = nextProblem(traced);
  await traced.get('/parts/1');
  await traced.bff.close();
  expect(await told).toBe(`traces: ${traced.receiver.origin} does not take spans: status 400`);
  expect(traced.receiver.batches[0]?.['api-key']).toBe(secret);
});

test('while a receiver hangs, only so many spans wait; what there is no room for is told', async () => {
  traced = await tracedBff({ timeoutMs: 60_000 });
  traced.receiver.mode = 'hangs';
  const told = nextProblem(traced);
  for (let requests = 0; requests < 1_600; requests += 1) {
    await traced.get('/parts/1'); // three spans each
  }
  expect(await told).toBe(`traces: 4096 spans wait for ${traced.receiver.origin}; more are dropped`);
  traced.receiver.release();
  while (traced.receiver.spans.length < 3_840) await traced.receiver.nextBatch(); // all but the last batch
  const spans = await traced.received();
  expect(spans.length).toBeGreaterThanOrEqual(4_096);
  expect(spans.length).toBeLessThan(4_096 + 10);
  const whole = new Map<string, number>();
  for (const { traceId } of spans) whole.set(traceId, (whole.get(traceId) ?? 0) + 1);
  expect(new Set(whole.values())).toEqual(new Set([3])); // a trace is dropped whole
});

test('a receiver that hangs does not keep the gateway from leaving', async () => {
  traced = await tracedBff({ timeoutMs: 60_000 });
  traced.receiver.mode = 'hangs';
  await traced.get('/parts/1');
  const startMs = performance.now();
  await traced.bff.close();
  expect(performance.now() - startMs).toBeLessThan(5_000);
});
