/**
 * The queue of a leaky bucket. Only the first in line asks the store, and asks again when its turn has
 * come, so the spacing holds over all instances and the order on each. Who gives up leaves the line at
 * once, and everybody behind moves up.
 *
 * @module
 */
import type { RequestContext } from '../context/request-context.ts';
import type { Admission, Decision } from './store.ts';

interface Ticket {
  readonly turn: PromiseWithResolvers<void>;
}

/** How to wait for one decision. */
export interface Wait {
  /** Whose line it is. */
  readonly key: string;
  /** How many may stand in it. */
  readonly queue: number;
  /** Milliseconds between two turns. */
  readonly intervalMs: number;
  /** The first answer, when the store was asked already. */
  readonly first: Decision | undefined;
  ask(): Decision | Promise<Decision>;
  /** The admission that asks to wait; `undefined` when waiting does not help. */
  paceOf(decision: Decision): Admission | undefined;
}

export interface Queue {
  /** Whether somebody waits already: who comes now has to line up. */
  isWaiting(key: string): boolean;
  /** The decision after waiting; `undefined` when the line is full or too long for the deadline. */
  wait(context: RequestContext, wait: Wait): Promise<Decision | undefined>;
}

/** A line per key, in this process. */
export function waitingLines(): Queue {
  const lines = new Map<string, Ticket[]>();
  return {
    isWaiting: (key) => lines.has(key),
    async wait(context, wait) {
      const line = lines.get(wait.key) ?? [];
      const expectedMs =
        line.length * wait.intervalMs + (wait.first === undefined ? 0 : paceMs(wait, wait.first));
      if (line.length >= wait.queue || expectedMs > context.deadline.remainingMs()) return wait.first;
      const ticket = { turn: Promise.withResolvers<void>() };
      line.push(ticket);
      lines.set(wait.key, line);
      try {
        if (line[0] !== ticket) await context.cancellation.race(ticket.turn.promise);
        return await askUntilPassed(context, wait);
      } finally {
        line.splice(line.indexOf(ticket), 1);
        if (line.length === 0) lines.delete(wait.key);
        line[0]?.turn.resolve();
      }
    },
  };
}

async function askUntilPassed(context: RequestContext, wait: Wait): Promise<Decision> {
  let decision = wait.first ?? (await ask(context, wait));
  for (;;) {
    const pace = wait.paceOf(decision);
    if (pace === undefined || pace.retryAfterMs > context.deadline.remainingMs()) return decision;
    await sleep(context, pace.retryAfterMs);
    decision = await ask(context, wait);
  }
}

async function ask(context: RequestContext, wait: Wait): Promise<Decision> {
  const answer = wait.ask();
  return answer instanceof Promise ? context.cancellation.race(answer) : answer;
}

async function sleep(context: RequestContext, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = context.clock.after(ms, resolve);
  try {
    await context.cancellation.race(promise);
  } finally {
    cancel();
  }
}

function paceMs(wait: Wait, decision: Decision): number {
  return wait.paceOf(decision)?.retryAfterMs ?? 0;
}
