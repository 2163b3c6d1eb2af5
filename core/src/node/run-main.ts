/**
 * The last line of a BFF's `main.ts`: starts it, and turns what is wrong with its configuration into
 * one readable line instead of a stack.
 *
 * @module
 */

/**
 * Runs `start`; on failure prints why and ends the process with code 1. A SIGTERM or SIGINT before
 * `serve` listens for them ends the process with code 0: as process 1 of a container it would hear neither.
 */
export async function runMain(start: () => Promise<unknown>): Promise<void> {
  process.on('SIGTERM', leaveUnlessServed).on('SIGINT', leaveUnlessServed);
  try {
    await start();
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = 1;
  } finally {
    process.off('SIGTERM', leaveUnlessServed).off('SIGINT', leaveUnlessServed);
  }
}

function leaveUnlessServed(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) === 1) process.exit(0);
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isOurs = error instanceof RangeError || error.message.startsWith('port ');
  return isOurs ? `cannot start: ${error.message}` : (error.stack ?? error.message);
}
