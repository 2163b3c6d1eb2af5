/**
 * One attempt to deliver, and what it means: delivered, tried again later, or over; and whether the receiver is to be
 * left alone from now on.
 *
 * @module
 */
import type { Clock } from '../context/clock.ts';
import type { EventBus } from '../context/event-bus.ts';
import type { WebhookOutcome } from '../context/events.ts';
import type { Random } from '../upstream/random.ts';
import { attempted, type Delivery, resultOf } from './delivery.ts';
import type { FoundDelivery, Outbox } from './outbox.ts';
import type { Due, ReceiverName } from './outbox-entry.ts';
import type { Poster, PostResult } from './post.ts';
import { type Receiver, secretsAt } from './receiver.ts';
import type { ReceiverStore } from './receiver-store.ts';
import { readRetryAfter, retryDelayMs } from './retry-schedule.ts';
import { signatureHeaders } from './signature.ts';

/** What is known of a receiver while several deliveries to it run. */
export interface ReceiverState {
  isOff: boolean;
  /** Since when it has only been failing. */
  failingMs: number | undefined;
}

export interface AttemptOrder {
  readonly name: ReceiverName;
  readonly receiver: Receiver;
  readonly due: Due;
  readonly found: FoundDelivery;
  readonly state: ReceiverState;
}

/** Rejects when the records cannot be asked: then the delivery stays due. */
export type AttemptDelivery = (order: AttemptOrder) => Promise<void>;

export interface AttemptParts {
  readonly poster: Poster;
  readonly outbox: Outbox;
  readonly receivers: ReceiverStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: EventBus;
  /** Whether attempts that end now were ended by us. */
  readonly isClosed: () => boolean;
}

/** A receiver that only fails is switched off after five days. */
const failingMaxMs = 5 * 86_400_000;
const gone = 410;
const settleTries = 4;
/** A store that failed is not asked for a second. */
const settlePauseMs = 1_100;

export function attemptDelivery(parts: AttemptParts): AttemptDelivery {
  const { poster, outbox, receivers, clock, random, events } = parts;

  const switchOff = async (
    { name, state }: AttemptOrder,
    reason: 'gone' | 'failing',
    atMs: number,
  ): Promise<void> => {
    state.isOff = true;
    await receivers.change(name.partner, (all) =>
      all.map((each) =>
        each.id === name.id && each.off === null ? { ...each, off: { reason, atMs } } : each,
      ),
    );
    events.emit('audit', {
      actor: 'webhooks',
      action: 'webhook.switch-off',
      target: name.id,
      atMs,
      details: { reason },
    });
  };

  /** What is not written down is delivered again, so it is worth more than one try. */
  const settle = async ({ receiver, due, found }: AttemptOrder, next: Delivery): Promise<boolean> => {
    for (let turn = 1; ; turn += 1) {
      try {
        return await outbox.settle(receiver.id, due, found, next);
      } catch (error) {
        if (turn >= settleTries || parts.isClosed()) throw error;
        await new Promise<void>((resolve) => void clock.after(settlePauseMs, resolve));
      }
    }
  };

  return async function attempt(order) {
    const { receiver, found, state } = order;
    const { delivery } = found;
    const atMs = clock.wallMs();
    const startMs = clock.monotonicMs();
    const { body } = delivery;
    const signed = signatureHeaders(secretsAt(receiver, atMs), { id: delivery.event, atMs, body });
    const headers = { 'content-type': 'application/json', 'user-agent': 'bffkit-webhooks', ...signed };
    const result = await poster.post({ url: receiver.url, headers, body });
    if ('failure' in result && parts.isClosed()) return; // cut off: whoever comes next tries it
    const tookMs = Math.round(clock.monotonicMs() - startMs);
    const isDelivered = 'status' in result && result.status >= 200 && result.status < 300;
    const isGone = 'status' in result && result.status === gone;
    const endMs = clock.wallMs();
    const delayMs = isGone ? undefined : retryDelayMs(delivery.tries + 1, random, askedMs(result, endMs));
    const nextMs = delayMs === undefined ? undefined : endMs + delayMs;
    const next = attempted(delivery, { atMs, tookMs, result: resultOf(result) }, { isDelivered, nextMs });
    if (!(await settle(order, next))) return; // somebody else did, or gave it up
    const outcome = outcomeOf(next.state);
    events.emit('webhook', { event: delivery.type, outcome, durationMs: tookMs });
    if (isDelivered) {
      if (state.failingMs !== undefined) await outbox.setFailing(receiver.id, undefined);
      state.failingMs = undefined;
      return;
    }
    state.failingMs ??= endMs;
    await outbox.setFailing(receiver.id, state.failingMs);
    if (isGone) await switchOff(order, 'gone', endMs);
    else if (endMs - state.failingMs >= failingMaxMs) await switchOff(order, 'failing', endMs);
  };
}

function outcomeOf(state: 'waiting' | 'delivered' | 'failed'): WebhookOutcome {
  return state === 'waiting' ? 'retried' : state;
}

function askedMs(result: PostResult, nowMs: number): number | undefined {
  return 'status' in result ? readRetryAfter(result.retryAfter, nowMs) : undefined;
}
