/**
 * Several gateway processes with wrong clocks, driven by a test, and what they report.
 *
 * @module
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Caller, Limit } from 'bffkit';
import type { RedisStoreOptions } from 'bffkit/redis';

/** What a gateway is told to do. */
export interface Ask {
  readonly limits: readonly Limit[];
  readonly callers: readonly string[];
  readonly atOnce: number;
  readonly requests: number;
  /** Stops asking after this time, and pauses 20 ms after each request. */
  readonly forMs?: number;
  /** Every third request costs 2. */
  readonly dear?: boolean;
}

/** What became of one request. */
export interface Outcome {
  readonly atMs: number;
  readonly order: number;
  readonly cost: number;
  readonly refusedBy: readonly string[];
  readonly caller: Caller | undefined;
  readonly standIn: string | undefined;
  readonly status: number;
  readonly durationMs: number;
}

export interface Report {
  readonly outcomes: readonly Outcome[];
}

export interface Gateways {
  /** All gateways do the same at the same time; every outcome of all, in the order of Redis. */
  run(ask: Ask): Promise<Outcome[]>;
  stop(): Promise<void>;
}

const hour = 3_600_000;
/** Right, an hour behind, an hour ahead, forty days ahead. */
const skewsMs = [0, -hour, hour, 40 * 24 * hour];

export async function startGateways(store: RedisStoreOptions, count = 4): Promise<Gateways> {
  const file = new URL('./gateway.process.ts', import.meta.url);
  const children = Array.from({ length: count }, (_, index) =>
    fork(file, [String(skewsMs[index % skewsMs.length]), JSON.stringify(store)], { execArgv: [] }),
  );
  await Promise.all(children.map((child) => once(child, 'message')));
  const one = async (child: ChildProcess, ask: Ask): Promise<readonly Outcome[]> => {
    child.send(ask);
    const died = new AbortController();
    const onExit = (): void => died.abort(new Error('a gateway ended in the middle of a run'));
    child.once('exit', onExit);
    try {
      const [report] = (await once(child, 'message', { signal: died.signal })) as [Report];
      return report.outcomes;
    } finally {
      child.off('exit', onExit);
    }
  };
  return {
    async run(ask) {
      const reports = await Promise.all(children.map((child) => one(child, ask)));
      return reports.flat().sort((a, b) => a.order - b.order);
    },
    async stop() {
      await Promise.all(
        children.map(async (child) => {
          if (child.exitCode !== null) return;
          const ended = once(child, 'exit');
          child.send('end');
          await ended;
        }),
      );
    },
  };
}

export function admitted(outcomes: readonly Outcome[]): Outcome[] {
  return outcomes.filter(({ status }) => status === 200);
}
