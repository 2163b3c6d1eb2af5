/**
 * The last line of a BFF's `main.ts`: starts it, and turns what is wrong with its configuration into
 * one readable line instead of a stack.
 *
 * @module
 */
import { type Envelope, type Failure, slotVariable, type ToPrimary } from './workers/messages.ts';

/**
 * Runs `start`; on failure prints why and ends the process with code 1. A SIGTERM or SIGINT before
 * `serve` listens for them ends the process with code 0: as process 1 of a container it would hear neither.
 */
export async function runMain(start: () => Promise<unknown>): Promise<void> {
  process.on('SIGTERM', leaveUnlessServed).on('SIGINT', leaveUnlessServed);
  try {
    await start();
  } catch (error) {
    const failure = explain(error);
    process.exitCode = 1;
    if (process.env[slotVariable] !== undefined && process.connected) tellPrimary(failure);
    else process.stderr.write(`${failure.isOurs ? 'cannot start: ' : ''}${failure.reason}\n`);
  } finally {
    process.off('SIGTERM', leaveUnlessServed).off('SIGINT', leaveUnlessServed);
  }
}

function leaveUnlessServed(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) === 1) process.exit(0);
}

/** A worker does not end while its primary may speak to it, so it does here; the primary says why. */
function tellPrimary(failure: Failure): void {
  const envelope: Envelope<ToPrimary> = { bffkit: { kind: 'failed', ...failure } };
  process.send?.(envelope, undefined, undefined, () => process.exit(1));
}

function explain(error: unknown): Failure {
  if (!(error instanceof Error)) return { reason: String(error), isOurs: false };
  const isOurs = error instanceof RangeError || /^(?:port|workers) /.test(error.message);
  return { reason: isOurs ? error.message : (error.stack ?? error.message), isOurs };
}
