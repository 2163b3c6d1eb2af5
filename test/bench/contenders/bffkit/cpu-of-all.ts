/**
 * The CPU time of a gateway that is several processes: the one that hands out connections, and its workers.
 *
 * @module
 */
import cluster, { type Worker } from 'node:cluster';
import { cpuMicros } from '../../lab/child.ts';

interface Ask {
  readonly benchCpu: number;
}

interface Reply extends Ask {
  readonly micros: number;
}

export const { isWorker } = cluster;

/** In a worker: says its CPU time whenever it is asked. */
export function answerPrimary(): void {
  process.on('message', ({ benchCpu }: Partial<Ask>) => {
    if (benchCpu !== undefined) process.send?.({ benchCpu, micros: cpuMicros() } satisfies Reply);
  });
}

let asked = 0;

/** In the primary: the CPU time of all processes so far, in microseconds. */
export async function cpuOfAll(): Promise<number> {
  const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
  const each = await Promise.all(workers.map(cpuOf));
  return each.reduce((sum, micros) => sum + micros, cpuMicros());
}

function cpuOf(worker: Worker): Promise<number> {
  asked += 1;
  const question: Ask = { benchCpu: asked };
  return new Promise((resolve) => {
    const hear = (reply: Partial<Reply>): void => {
      if (reply.benchCpu !== question.benchCpu || reply.micros === undefined) return;
      worker.off('message', hear);
      resolve(reply.micros);
    };
    worker.on('message', hear);
    worker.send(question);
  });
}
