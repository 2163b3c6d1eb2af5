/**
 * The last line of a BFF's `main.ts`: starts it, and turns what is wrong with its configuration into
 * one readable line instead of a stack.
 *
 * @module
 */

/** Runs `start`; on failure prints why and ends the process with code 1. */
export async function runMain(start: () => Promise<unknown>): Promise<void> {
  try {
    await start();
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = 1;
  }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isOurs = error instanceof RangeError || error.message.startsWith('port ');
  return isOurs ? `cannot start: ${error.message}` : (error.stack ?? error.message);
}
