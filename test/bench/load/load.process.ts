/**
 * The load generator: a fixed number of connections, each with one request under way (a closed
 * loop). A process of its own, so that its cost is not counted for anybody.
 *
 * @module
 */
import { createHistogram } from 'node:perf_hooks';
import { answerParent, cpuMicros } from '../lab/child.ts';
import { Connection } from './connection.ts';

/** What the parent asks. `open` replaces the connections, `run` loads through them, `idle` opens such as have nothing to do. */
export type LoadOrder =
  | {
      readonly order: 'open';
      readonly port: number;
      readonly requests: readonly string[];
      /** What each answer must have. */
      readonly status: number;
    }
  | { readonly order: 'run'; readonly count?: number; readonly durationMs?: number }
  | { readonly order: 'idle'; readonly port: number; readonly request: string; readonly count: number };

/** What a run came to. */
export interface LoadResult {
  readonly requests: number;
  /** Bytes of one body, as they went over the wire. */
  readonly bodyBytes: number;
  /** Answers with another status than they must have, or another length than the first, and how one of them looked. */
  readonly odd: number;
  readonly oddExample: string;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of the load generator, in microseconds. */
  readonly cpuMicros: number;
}

let connections: Connection[] = [];
let bodyBytes: number | undefined;
let expectedStatus = 200;

answerParent(null, (ask) => {
  const order = ask as LoadOrder;
  switch (order.order) {
    case 'open':
      return open(order.port, order.requests, order.status);
    case 'run':
      return run(order.count, order.durationMs);
    case 'idle':
      return idle(order.port, order.request, order.count);
  }
});

function open(port: number, requests: readonly string[], status = 200): void {
  expectedStatus = status;
  for (const connection of connections) connection.close();
  connections = requests.map((request) => new Connection({ port, request }));
  bodyBytes = undefined;
}

/** One request on each new connection, a few at once; resolves to how many are open at the end. */
async function idle(port: number, request: string, count: number): Promise<number> {
  open(port, Array<string>(count).fill(request));
  const waiting = connections[Symbol.iterator]();
  const askEach = async (): Promise<void> => {
    for (const connection of waiting) {
      await connection.run(({ status }) => {
        if (status !== 200) connection.close();
        return false;
      });
    }
  };
  await Promise.all(Array.from({ length: 32 }, askEach));
  return connections.filter((connection) => connection.isOpen).length;
}

async function run(
  count = Number.POSITIVE_INFINITY,
  durationMs = Number.POSITIVE_INFINITY,
): Promise<LoadResult> {
  const latencies = createHistogram({ figures: 3 });
  const startedMs = performance.now();
  const startedCpu = cpuMicros();
  const endMs = startedMs + durationMs;
  let answered = 0;
  let odd = 0;
  let oddExample = '';
  let sent = connections.length;
  await Promise.all(
    connections.map((connection) =>
      connection.run((answer, ms) => {
        answered += 1;
        bodyBytes ??= answer.bodyBytes;
        if (answer.status !== expectedStatus || answer.bodyBytes !== bodyBytes) {
          odd += 1;
          oddExample = `status ${answer.status}, ${answer.bodyBytes} bytes after ${Math.round(ms)} ms`;
        }
        latencies.record(Math.max(1, Math.round(ms * 1_000)));
        if (sent >= count || performance.now() >= endMs) return false;
        sent += 1;
        return true;
      }),
    ),
  );
  return {
    requests: answered,
    bodyBytes: bodyBytes ?? 0,
    odd,
    oddExample,
    seconds: (performance.now() - startedMs) / 1_000,
    p50Ms: latencies.percentile(50) / 1_000,
    p99Ms: latencies.percentile(99) / 1_000,
    cpuMicros: cpuMicros() - startedCpu,
  };
}
