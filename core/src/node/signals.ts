/**
 * The signals that ask a process to leave.
 *
 * @module
 */

/**
 * Leaves on the first signal, ends at once on the second. The exit code says whether a request was lost.
 *
 * @param leave Resolves to the number of requests that had to be aborted.
 * @param beforeEnd Called when it ends at once.
 * @returns How to stop listening.
 */
export function onSignals(leave: () => Promise<number>, beforeEnd = (): void => {}): () => void {
  let signals = 0;
  const onSignal = (): void => {
    signals += 1;
    if (signals > 1) {
      beforeEnd();
      process.exit(1);
    }
    void leave().then(
      (aborted) => process.exit(aborted === 0 ? 0 : 1),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  return () => process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
}
