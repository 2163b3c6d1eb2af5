/**
 * How the orders service tells of changes: a POST per event to whoever wants to hear, repeated until it is taken. The
 * same event has the same id each time.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { Order } from './schemas/order.ts';
import type { OrderListener } from './services/order-book.ts';

/** Where events go. */
export interface OrderEventsTarget {
  /** Such as the `/webhooks/events` of the admin port of a gateway. */
  readonly url: string;
  /** What that port asks for, if it does. */
  readonly token?: string | undefined;
  /** Orders are paid so many milliseconds after they were placed. Never unless told. */
  readonly payAfterMs?: number;
}

/** The sender of one running shop. */
export interface OrderEvents {
  readonly listener: OrderListener;
  /** Sends from now on what happens from now on. */
  readonly sendTo: (target: OrderEventsTarget) => void;
  /** Forgets what was not sent. */
  readonly close: () => void;
}

const FIRST_RETRY_MS = 200;
const MAX_RETRY_MS = 5_000;
const TIMEOUT_MS = 5_000;
const MAX_WAITING = 1_000;

/** Opens a sender that sends nowhere yet. */
export function createOrderEvents(): OrderEvents {
  const closed = new AbortController();
  const timers = new Set<NodeJS.Timeout>();
  let target: OrderEventsTarget | undefined;
  let waiting = 0;

  function later(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timer.unref();
    timers.add(timer);
  }

  async function send(to: OrderEventsTarget, body: string, retryMs: number): Promise<void> {
    if (await isTaken(to, body, closed.signal)) waiting -= 1;
    else if (!closed.signal.aborted)
      later(retryMs, () => void send(to, body, Math.min(2 * retryMs, MAX_RETRY_MS)));
  }

  return {
    listener: {
      placed(pay) {
        if (target?.payAfterMs !== undefined) later(target.payAfterMs, pay);
      },
      updated(order) {
        if (target === undefined || waiting >= MAX_WAITING) return;
        waiting += 1;
        void send(target, JSON.stringify(eventOf(order)), FIRST_RETRY_MS);
      },
    },
    sendTo: (next) => {
      target = next;
    },
    close: () => {
      closed.abort();
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

function eventOf(order: Order): object {
  const { customerId: owner, updatedAt: occurredAt } = order;
  return { id: randomUUID(), type: 'order.updated', occurredAt, owner, data: order };
}

/** What the gateway refuses as wrong will not become right. */
async function isTaken(
  { url, token }: OrderEventsTarget,
  body: string,
  closed: AbortSignal,
): Promise<boolean> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body,
      signal: AbortSignal.any([closed, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    await response.arrayBuffer();
    return response.ok || response.status === 400 || response.status === 413;
  } catch {
    return false;
  }
}
