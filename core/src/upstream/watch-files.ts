/**
 * Files that belong together, such as a certificate and its key: whoever writes the one is about to
 * write the other, so a change counts once the last of them is a moment old.
 *
 * @module
 */
import type { CancelTimer, Clock } from '../context/clock.ts';
import { nodeFiles, watchFile } from './watch-file.ts';

const pollMs = 5_000;
const settleMs = 250;

/**
 * Calls `onChange` after any of the files changed, went away or came back, and once soon after the
 * start; until the returned function is called.
 */
export function watchFiles(paths: readonly string[], clock: Clock, onChange: () => void): () => void {
  let stopTimer: CancelTimer = () => {};
  const notice = (): void => {
    stopTimer();
    stopTimer = clock.after(settleMs, onChange);
  };
  const watches = paths.map((path) =>
    watchFile(path, { files: nodeFiles, clock, pollMs, onText: notice, onProblem: notice }),
  );
  return () => {
    stopTimer();
    for (const watch of watches) watch.stop();
  };
}
