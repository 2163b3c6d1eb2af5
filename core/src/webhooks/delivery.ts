/**
 * One event on its way to one receiver, as plain data, and how it changes. What is sent was written when the event
 * came: every attempt sends the same bytes.
 *
 * @module
 */
import { z } from 'zod';
import type { PostFailure } from './post.ts';

const Attempt = z.object({
  atMs: z.number(),
  tookMs: z.number(),
  /** The status of the answer, or why there was none. */
  result: z.union([z.int(), z.string()]),
});

const Head = z.object({
  /** The id of the event, `evt_…`: the same for all receivers. */
  event: z.string(),
  type: z.string(),
  createdMs: z.number(),
  state: z.enum(['waiting', 'delivered', 'failed']),
  /** When it is tried next; nothing when it is not. */
  nextMs: z.number().nullable(),
  /** Attempts since it began to wait. */
  tries: z.int(),
  attempts: z.array(Attempt),
});

export type DeliveryHead = Readonly<z.infer<typeof Head>>;
export type DeliveryAttempt = Readonly<z.infer<typeof Attempt>>;

export interface Delivery extends DeliveryHead {
  readonly body: string;
}

/** Attempts that are remembered of one delivery. */
const maxRemembered = 10;

/** A delivery that nobody tried yet. */
export function newDelivery(event: string, type: string, createdMs: number, body: string): Delivery {
  return { event, type, createdMs, state: 'waiting', nextMs: createdMs, tries: 0, attempts: [], body };
}

/** The delivery after an attempt. Without `nextMs` it was the last one. */
export function attempted(
  delivery: Delivery,
  attempt: DeliveryAttempt,
  outcome: { readonly isDelivered: boolean; readonly nextMs: number | undefined },
): Delivery {
  const { isDelivered, nextMs } = outcome;
  const attempts = [...delivery.attempts, attempt].slice(-maxRemembered);
  const tries = delivery.tries + 1;
  if (isDelivered) return { ...delivery, state: 'delivered', nextMs: null, tries, attempts };
  const state = nextMs === undefined ? 'failed' : 'waiting';
  return { ...delivery, state, nextMs: nextMs ?? null, tries, attempts };
}

/** The delivery when nobody will try it any more. */
export function givenUp(delivery: Delivery): Delivery {
  return { ...delivery, state: 'failed', nextMs: null };
}

/** The delivery as if its event had just come. */
export function renewed(delivery: Delivery, nowMs: number): Delivery {
  return { ...delivery, state: 'waiting', nextMs: nowMs, tries: 0 };
}

/** Why an attempt had no status, as it is remembered. */
export function resultOf(
  result: { readonly status: number } | { readonly failure: PostFailure },
): number | string {
  return 'status' in result ? result.status : result.failure;
}

/** The text of a delivery. The body stands outside of the JSON: it is JSON itself. */
export function deliveryText({ body, ...head }: Delivery): string {
  return `${JSON.stringify(head)}\n${body}`;
}

/** @throws when the text is none of a delivery. */
export function readDelivery(text: string): Delivery {
  const end = text.indexOf('\n');
  return { ...Head.parse(JSON.parse(text.slice(0, end))), body: text.slice(end + 1) };
}
