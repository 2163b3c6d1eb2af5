/**
 * Where measuring happens: one upstream and one load generator for everybody, gateways that come
 * and go.
 *
 * @module
 */
import type { Assignment, GatewayFacts } from '../contenders/gateway.ts';
import { type BenchRequest, type Contender, requestOf } from '../contenders/index.ts';
import type { LoadOrder, LoadResult } from '../load/load.process.ts';
import type { Workload } from '../work/workloads.ts';
import { type BenchProcess, startProcess } from './bench-process.ts';
import type { Cores } from './machine.ts';
import type { UpstreamFacts } from './upstream.process.ts';

/** Requests under way at any time. */
export const concurrency = 64;

/** A gateway under test. */
export interface Gateway {
  readonly contender: Contender;
  readonly process: BenchProcess<GatewayFacts>;
}

export interface Laboratory {
  readonly cores: Cores;
  /** Starts the gateway of a contender. */
  startGateway(contender: Contender, nodeOptions?: readonly string[]): Promise<Gateway>;
  /** Opens fresh connections to a gateway; later loads go through them. */
  aim(gateway: Gateway, workload: Workload): Promise<void>;
  /** Loads the gateway that was aimed at, for a number of requests or a time, whichever ends first. */
  load(run: { readonly count?: number; readonly durationMs?: number }): Promise<LoadResult>;
  /** Opens connections that have one answer each and then stay open. Resolves to how many are. */
  idle(gateway: Gateway, workload: Workload, count: number): Promise<number>;
  /** Asks the gateway once. */
  askOnce(gateway: Gateway, workload: Workload): Promise<unknown>;
  /** CPU time of the upstream so far, in microseconds. */
  upstreamCpuMicros(): Promise<number>;
  close(): Promise<void>;
}

const silenceMs = 60_000;

/** Starts the shared processes. */
export async function openLaboratory(cores: Cores): Promise<Laboratory> {
  const upstream = await startProcess<UpstreamFacts>({
    name: 'the upstream',
    file: new URL('./upstream.process.ts', import.meta.url),
    core: cores.load,
  });
  const generator = await startProcess<null>({
    name: 'the load generator',
    file: new URL('../load/load.process.ts', import.meta.url),
    core: cores.load,
  }).catch(async (error: unknown) => {
    await upstream.stop();
    throw error;
  });
  const { services, issuer, curves, tokens } = upstream.ready;
  const { gateway: gatewayCore } = cores;
  const order = <Answer>(what: LoadOrder): Promise<Answer> => generator.ask(what, silenceMs);
  const tokenAt = (index: number): string => tokens[index % tokens.length] ?? '';

  return {
    cores,
    async startGateway(contender, nodeOptions = []) {
      const assignment: Assignment = { services, issuer, curves, variant: contender.variant };
      const options = { name: contender.name, file: contender.file, core: gatewayCore };
      return { contender, process: await startProcess({ ...options, assignment, nodeOptions }) };
    },
    async aim({ contender, process: { ready } }, workload) {
      const { connections = concurrency } = workload;
      const known =
        contender.isKnown === true
          ? await etagAt(ready.port, requestOf(contender, workload, tokenAt(0)))
          : {};
      const requests = Array.from({ length: connections }, (_, index) => {
        const request = requestOf(contender, workload, tokenAt(index));
        return wireOf({ ...request, headers: { ...request.headers, ...known } }, ready.port);
      });
      const status = contender.isKnown === true ? 304 : 200;
      return order({ order: 'open', port: ready.port, requests, status });
    },
    load: (run) => order({ order: 'run', ...run }),
    idle({ contender, process: { ready } }, workload, count) {
      const request = wireOf(requestOf(contender, workload, tokenAt(0)), ready.port);
      return order({ order: 'idle', port: ready.port, request, count });
    },
    async askOnce({ contender, process: { ready } }, workload) {
      const { method, path, headers, body } = requestOf(contender, workload, tokenAt(0));
      const response = await fetch(`http://127.0.0.1:${ready.port}${path}`, {
        method,
        headers,
        ...(body === '' ? {} : { body }),
      });
      if (!response.ok)
        throw new Error(`${contender.name} answered ${response.status}: ${await response.text()}`);
      const encoding = response.headers.get('content-encoding');
      if (contender.encoding !== undefined && encoding !== contender.encoding)
        throw new Error(`${contender.name} answered with the encoding ${encoding}`);
      return response.json();
    },
    upstreamCpuMicros: () => upstream.ask('cpu'),
    async close() {
      await Promise.all([upstream.stop(), generator.stop()]);
    },
  };
}

/** What a caller sends that has the answer to this request already. */
async function etagAt(
  port: number,
  { method, path, headers }: BenchRequest,
): Promise<Readonly<Record<string, string>>> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers });
  await response.arrayBuffer();
  const etag = response.headers.get('etag');
  if (etag === null) throw new Error(`${path} answered ${response.status} without an ETag`);
  return { 'if-none-match': etag };
}

/** The request as the bytes that go over the wire. */
function wireOf({ method, path, headers, body }: BenchRequest, port: number): string {
  const fields = { host: `127.0.0.1:${port}`, ...headers };
  const length = body === '' ? '' : `content-length: ${Buffer.byteLength(body)}\r\n`;
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}${length}\r\n${body}`;
}
