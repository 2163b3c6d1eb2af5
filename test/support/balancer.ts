/**
 * What a load balancer knows: which instances are ready, learned by asking their admin ports again
 * and again, and whose turn it is.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';

export interface Instance {
  readonly url: string;
  readonly adminUrl: string;
}

export interface Balancer {
  /** The next ready instance, in turn. @throws {Error} when there is none. */
  pick(): Instance;
  add(instance: Instance): void;
  remove(instance: Instance): void;
  /** Resolves when the instance is ready, or is not. */
  until(instance: Instance, isReady: boolean): Promise<void>;
  stop(): Promise<void>;
}

/** Asks every instance every `everyMs` milliseconds; one that was just added counts as not ready. */
export function balancer(everyMs: number): Balancer {
  const ready = new Map<Instance, boolean>();
  let waiting: (() => void)[] = [];
  let turn = 0;
  let stopped = false;

  const ask = async (instance: Instance): Promise<void> => {
    const isReady = await request(`${instance.adminUrl}/readyz`).then(
      async ({ statusCode, body }) => {
        await body.dump();
        return statusCode === 200;
      },
      () => false,
    );
    if (ready.has(instance)) ready.set(instance, isReady);
  };
  const poll = async (): Promise<void> => {
    while (!stopped) {
      await Promise.all([...ready.keys()].map(ask));
      for (const wake of waiting.splice(0)) wake();
      await sleep(everyMs);
    }
  };
  const polling = poll();

  return {
    pick() {
      const instances = [...ready].filter(([, isReady]) => isReady).map(([instance]) => instance);
      turn += 1;
      const picked = instances[turn % instances.length];
      if (picked === undefined) throw new Error('no instance is ready');
      return picked;
    },
    add: (instance) => void ready.set(instance, false),
    remove: (instance) => void ready.delete(instance),
    async until(instance, isReady) {
      while (ready.get(instance) !== isReady) await new Promise<void>((wake) => waiting.push(wake));
    },
    stop() {
      stopped = true;
      waiting = [];
      return polling;
    },
  };
}
