/**
 * The child's side of the benchmark's processes: says that it is ready, answers questions, and ends
 * when its parent is gone, so that no process is ever left behind.
 *
 * @module
 */
import { setImmediate } from 'node:timers/promises';

/** One question of the parent; the answer carries the same number. */
export interface Question {
  readonly number: number;
  readonly ask: unknown;
}

export type Reply =
  | { readonly ready: unknown }
  | { readonly number: number; readonly answer: unknown }
  | { readonly number: number; readonly error: string };

/** CPU time this process has used so far, all threads, in microseconds. */
export function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** What a process holds in memory, in bytes. */
export interface MemoryFacts {
  readonly rss: number;
  /** Objects that live, and what they hold outside of V8's heap. */
  readonly live: number;
}

/** What this process holds after a garbage collection; needs `--expose-gc`. */
export async function memory(): Promise<MemoryFacts> {
  if (globalThis.gc === undefined) throw new Error('memory can only be asked for with --expose-gc');
  for (let turn = 0; turn < 3; turn += 1) {
    globalThis.gc();
    await setImmediate(); // finalizers run between turns
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, live: heapUsed + external };
}

/** Tells the parent that this process is ready, and answers its questions from now on. */
export function answerParent(ready: unknown, answer: (ask: unknown) => unknown): void {
  process.on('message', (question: Question) => {
    const { number, ask } = question;
    new Promise((settle) => settle(answer(ask))).then(
      (value) => reply({ number, answer: value }),
      (error: unknown) => reply({ number, error: error instanceof Error ? error.message : String(error) }),
    );
  });
  process.on('disconnect', () => process.exit(0));
  process.on('SIGINT', () => {}); // Ctrl-C reaches the whole group; the parent decides
  reply({ ready });
}

function reply(message: Reply): void {
  process.send?.(message);
}
