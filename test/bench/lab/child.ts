/**
 * The child's side of the benchmark's processes: says that it is ready, answers questions, and ends
 * when its parent is gone, so that no process is ever left behind.
 *
 * @module
 */

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
