/**
 * What each endpoint of each BFF makes of services that fail: without an optional call it still answers,
 * and says so; without a required one it says why it cannot. On the real services, in virtual time.
 */
import { type Services, startServices } from '@acme/services-mock';
import {
  type Endpoint,
  type GraphNode,
  httpTransport,
  memoryStore,
  type ProblemDocument,
  type Transport,
} from 'bffkit';
import { asCaller, manualClock, testCallers } from 'bffkit/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type BffPackage, envOf, loadBffs } from '../support/bff-package.ts';
import { idOf } from '../support/contract.ts';
import { requestOf, sampleOf } from '../support/endpoint-samples.ts';
import {
  type FailureMode,
  failingTransport,
  failureModes,
  upstreamSecret,
} from '../support/failing-transport.ts';
import { readFacts, type ShopFacts } from '../support/sample-values.ts';
import { settleInVirtualTime } from '../support/virtual-time.ts';

const bffs = await loadBffs();
let services: Services;
let wire: Transport;
let facts: ShopFacts;
beforeAll(async () => {
  services = await startServices({ ports: 'free' });
  wire = httpTransport();
  facts = await readFacts(services.urls);
});
afterAll(async () => {
  await wire.close();
  await services.close();
});

/** What a client gets when a required call fails and its operation does not pass the status on. */
const problemStatus: Readonly<Record<FailureMode, number>> = {
  unreachable: 502,
  'status 503': 502,
  'broken JSON': 502,
  hang: 504,
  'status 404': 502,
  'status 429': 503,
};

const cases = bffs.flatMap((bff) =>
  bff.endpoints.map((endpoint) => {
    const graph = bff.graph.endpoints.find(
      ({ method, path }) => method === endpoint.method && path === endpoint.path,
    );
    if (graph === undefined) throw new Error(`${bff.name}: the graph lacks ${endpoint.path}`);
    return { bff, graph, endpoint, title: `${bff.name} ${graph.method} ${graph.path}` };
  }),
);

describe.each(cases)('$title', ({ bff, graph, endpoint }) => {
  const calls = graph.nodes.filter(({ operation }) => operation !== undefined);
  const operations = [...new Set(calls.map(operationOf))];
  const required = operations.filter((operation) =>
    calls.some((node) => node.required && node.operation === operation),
  );
  const optional = operations.filter((operation) => !required.includes(operation));
  const nodesOf = (some: readonly string[]): string[] =>
    calls.filter((node) => some.includes(operationOf(node))).map((node) => node.name);
  const ask = (failures: Failures) => askInVirtualTime(bff, endpoint, failures);

  test('makes every call for its sample, and all is well', async () => {
    const { response, text, asked } = await ask({});
    expectGood(response, text, endpoint);
    expect(response.headers.get('bff-degraded')).toBeNull();
    if (!graph.opaque) expect([...asked].sort()).toEqual([...operations].sort());
  });

  test.each(inTurn(optional, failureModes))('survives without %s: %s', async (operation, mode) => {
    const { response, text, elapsedMs } = await ask({ [operation]: mode });
    expectDegraded(response, nodesOf([operation]));
    expectGood(response, text, endpoint);
    expect(elapsedMs).toBeLessThan(graph.deadlineMs);
  });

  test.each(optional.length > 0 ? failureModes : [])(
    'survives without anything optional: %s',
    async (mode) => {
      const all = Object.fromEntries(optional.map((operation) => [operation, mode]));
      const { response, text, asked, elapsedMs } = await ask(all);
      const failed = optional.filter((operation) => asked.has(operation)); // some are asked only after others
      expect(failed.length).toBeGreaterThan(0);
      expectDegraded(response, nodesOf(failed));
      expectGood(response, text, endpoint);
      expect(elapsedMs).toBeLessThan(graph.deadlineMs);
    },
  );

  const modes = Object.keys(problemStatus) as FailureMode[];
  test.each(inTurn(required, modes))('says why it cannot go without %s: %s', async (operation, mode) => {
    const { response, text, elapsedMs } = await ask({ [operation]: mode });
    const isPassed = mode === 'status 404' && passes(bff, operation, 404);
    expectProblem(response, text, isPassed ? 404 : problemStatus[mode]);
    // Of a write with a key that may have happened nobody knows until its claim ends.
    const isOpen = mode === 'hang' && endpoint.options.idempotency !== undefined;
    const retryAfter = response.headers.get('retry-after');
    if (isOpen) expect(Number(retryAfter)).toBeGreaterThan(0);
    else expect(retryAfter).toBe(mode === 'status 429' ? '7' : null);
    const [node] = response.headers.get('proxy-status')?.split('; error=') ?? [];
    if (isPassed) expect(node).toBeUndefined();
    else expect(nodesOf([operation])).toContain(node);
    expect(elapsedMs).toBeLessThanOrEqual(graph.deadlineMs);
  });
});

type Failures = Readonly<Record<string, FailureMode>>;

function inTurn(operations: readonly string[], modes: readonly FailureMode[]): [string, FailureMode][] {
  return operations.flatMap((operation) => modes.map((mode): [string, FailureMode] => [operation, mode]));
}

function operationOf({ operation = '' }: GraphNode): string {
  return operation;
}

function passes(bff: BffPackage, operation: string, status: number): boolean {
  const contract = bff.operations.find((candidate) => idOf(candidate) === operation);
  return contract?.passes.some((passed) => passed === status) ?? false;
}

/** Boots the BFF with this endpoint only, so that no test inherits a breaker, and asks its sample. */
async function askInVirtualTime(bff: BffPackage, endpoint: Endpoint, failures: Failures) {
  const { method, path, options } = endpoint;
  const sample = sampleOf(bff.name, `${method} ${path}`, facts);
  const clock = manualClock();
  const { transport, asked, isBusy } = failingTransport(wire, failures);
  const running = bff.create(envOf(services.urls), {
    clock,
    transport,
    endpoints: [endpoint],
    // These name other endpoints, or shapes of all of them.
    versions: undefined,
    webhooks: undefined,
    portal: undefined,
    apiInfo: undefined,
    limitStore: memoryStore({ clock, maxBuckets: 100 }), // the usual size is most of the time of a boot
    identity: [testCallers()],
  });
  try {
    const headers = asCaller(facts.customer, ...options.access.scopes);
    const answering = Promise.resolve(running.app.request(sample.target, requestOf(sample, method, headers)));
    const response = await settleInVirtualTime(answering, clock, isBusy);
    const elapsedMs = clock.monotonicMs();
    return { response, text: await response.text(), asked, elapsedMs };
  } finally {
    running.metrics.stop();
    await running.close();
  }
}

/** An answer of the declared status and schema, and nothing beside it. */
function expectGood(response: Response, text: string, { options, response: schema }: Endpoint): void {
  expect(text).not.toContain(upstreamSecret);
  expect(response.status, text).toBe(options.status ?? 200);
  expect(response.headers.get('cache-control')).toContain('no-store');
  const body: unknown = JSON.parse(text);
  expect(z.parse(schema, body)).toEqual(body);
}

function expectDegraded(response: Response, nodes: readonly string[]): void {
  const named = response.headers.get('bff-degraded')?.split(', ');
  expect(named?.sort()).toEqual([...nodes].sort());
  const reasons = response.headers.get('proxy-status')?.split(', ') ?? [];
  expect(reasons.map((reason) => reason.split('; error=')[0]).sort()).toEqual([...nodes].sort());
  expect(response.headers.get('cache-control')).toBe('no-store');
}

function expectProblem(response: Response, text: string, status: number): void {
  expect(response.status, text).toBe(status);
  expect(text).not.toContain(upstreamSecret);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('bff-degraded')).toBeNull();
  const problem = JSON.parse(text) as ProblemDocument;
  expect(problem).toMatchObject({ status, type: `urn:bffkit:problem:${problem.code}` });
  expect(problem.requestId).toBe(response.headers.get('x-request-id'));
}
