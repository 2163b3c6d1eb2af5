/**
 * Leaves without losing a request: every answer says goodbye (`Connection: close`, GOAWAY); after the
 * grace, no connection is accepted any more; what runs finishes, and what kept-alive clients had just
 * begun to send; at the limit the rest is aborted. `http.Server#close` destroys idle kept-alive
 * connections at once, under clients that are just sending, so it is not used.
 *
 * @see {@link https://github.com/nodejs/node/issues/60617 nodejs/node#60617}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9113#section-6.8 RFC 9113, section 6.8}
 * @module
 */
import { Server as NetServer } from 'node:net';
import type { Bff } from '../bff.ts';
import type { OpenWork } from './open-work.ts';
import { sleep, until } from './waiting.ts';

export interface DrainParts {
  readonly bff: Bff;
  readonly work: OpenWork;
  readonly graceMs: number;
  readonly drainMs: number;
}

/** How long a request that was on its way when the door closed may take to arrive; never longer than the grace. */
const lateMs = 500;
/** What aborted requests get to write their 503, and last bytes to leave. */
const farewellMs = 500;

/** Drains `server` and closes the BFF. Resolves to the number of requests that had to be aborted. */
export async function drain(server: NetServer, parts: DrainParts): Promise<number> {
  const { bff, work, graceMs, drainMs } = parts;
  work.sayGoodbye();
  await sleep(graceMs);
  NetServer.prototype.close.call(server);
  work.sayGoodbye(); // to sessions that began meanwhile
  await finish(work, Math.min(graceMs, lateMs), drainMs);
  const aborted = work.answers();
  await bff.close();
  await until(() => work.answers() === 0 && work.sessions() === 0, farewellMs);
  work.cut();
  server.close(); // it is closed; this ends the server's own timers
  return aborted;
}

/** Waits until every answer is out and nobody may still be sending, at most `limitMs`. */
function finish(work: OpenWork, settleMs: number, limitMs: number): Promise<void> {
  const settledMs = performance.now() + settleMs;
  const isSettled = (): boolean => work.connections() === 0 || performance.now() >= settledMs;
  return until(() => work.answers() === 0 && isSettled(), limitMs);
}
