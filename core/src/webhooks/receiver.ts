/**
 * A receiver: where a partner wants to hear of events, as plain data.
 *
 * @module
 */
import { z } from 'zod';

const Secret = z.object({
  text: z.string(),
  /** When it ends; nothing for the one that holds. */
  untilMs: z.number().nullable(),
});

const Receiver = z.object({
  id: z.string(),
  url: z.string(),
  /** The types it wants to hear of. */
  events: z.array(z.string()),
  description: z.string().nullable(),
  /** The version of the API that its events are written in; nothing where there are none. */
  apiVersion: z.string().nullable(),
  createdMs: z.number(),
  /** The newest first. */
  secrets: z.array(Secret),
  /** Why it gets nothing: it said that it is gone, it failed for days, or the partner wants it so. */
  off: z.object({ reason: z.enum(['gone', 'failing', 'partner']), atMs: z.number() }).nullable(),
});

export type Receiver = Readonly<z.infer<typeof Receiver>>;

export const Receivers: z.ZodType<Receiver[]> = z.array(Receiver);

/** A replaced secret signs for this long beside the new one. */
const secretOverlapMs = 86_400_000;

/** The secrets that sign at this moment. */
export function secretsAt({ secrets }: Receiver, nowMs: number): string[] {
  return secrets.filter(({ untilMs }) => untilMs === null || nowMs < untilMs).map(({ text }) => text);
}

/** The receiver with a new secret; the one before it signs for a day more, older ones end. */
export function withSecret(receiver: Receiver, text: string, nowMs: number): Receiver {
  const [current] = receiver.secrets;
  const before = current === undefined ? [] : [{ ...current, untilMs: nowMs + secretOverlapMs }];
  return { ...receiver, secrets: [{ text, untilMs: null }, ...before] };
}
