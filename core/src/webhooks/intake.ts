/**
 * Events of services on their way into the outbox: written for every receiver that wants them, in its version, and
 * only then acknowledged. The same event twice is one: its deliveries have names that follow from its id, and when all
 * of them are there a mark says so.
 *
 * @module
 */
import { hash } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../context/clock.ts';
import type { EventBus } from '../context/event-bus.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import type { RecordStore } from '../records/record-store.ts';
import { newDelivery } from './delivery.ts';
import type { EventDocuments } from './event-documents.ts';
import type { Outbox } from './outbox.ts';
import type { ReceiverName } from './outbox-entry.ts';
import type { Receiver } from './receiver.ts';
import type { ReceiverStore } from './receiver-store.ts';

/** Bytes that one delivery may have. */
export const maxPayloadBytes = 262_144;
const markTtlMs = 7 * 86_400_000;
const name = z.string().regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 visible characters');

/** An event as a service tells of it. */
export const ServiceEvent = z.strictObject({
  /** Its name at the service: told again, it is the same event. */
  id: name,
  type: name,
  occurredAt: z.iso.datetime({ offset: true }),
  /** The partner that it is about. */
  owner: name,
  /** The document as the service has it. */
  data: z.unknown(),
});

export type ServiceEvent = Readonly<z.infer<typeof ServiceEvent>>;

/** What became of an event. */
export interface Accepted {
  readonly id: string;
  /** How many receivers will hear of it. */
  readonly receivers: number;
  readonly isRepeat: boolean;
}

export interface IntakeParts {
  readonly records: RecordStore;
  readonly receivers: ReceiverStore;
  readonly outbox: Outbox;
  readonly documents: EventDocuments;
  readonly clock: Clock;
  readonly events: EventBus;
  readonly scope: string;
  /** Hears that something is due. */
  readonly tell: (receiver: ReceiverName) => Promise<void>;
}

export interface Intake {
  /**
   * Resolves when the event is stored.
   *
   * @throws {GatewayError} 400 for data that is not what partners were promised, 413, and 503 when it is not sure.
   */
  accept(event: ServiceEvent): Promise<Accepted>;
  /** Sends one receiver an event of its own. @returns Its id. */
  send(
    receiver: ReceiverName,
    event: { readonly id: string; readonly type: string; readonly body: string },
  ): Promise<void>;
}

/** What a partner gets. */
export function payloadText(payload: {
  readonly id: string;
  readonly type: string;
  readonly createdAt: string;
  readonly apiVersion: string | null;
  readonly data: unknown;
}): string {
  return JSON.stringify(payload);
}

export function openIntake(parts: IntakeParts): Intake {
  const { records, receivers, outbox, documents, clock, events, scope } = parts;

  const send: Intake['send'] = async (receiver, { id, type, body }) => {
    const dropped = await outbox.add(receiver, newDelivery(id, type, clock.wallMs(), body));
    if (dropped !== undefined)
      events.emit('webhook', { event: dropped.type, outcome: 'dropped', durationMs: 0 });
    await parts.tell(receiver);
  };

  return {
    send,
    async accept({ id: given, type, occurredAt, owner, data }) {
      const document = documents.check(type, data);
      const digest = hash('sha256', JSON.stringify([scope, owner, given]), 'base64url').slice(0, 27);
      const id = `evt_${digest}`;
      const mark = `webhook-event:${scope}:{${digest}}`;
      if ((await records.get(mark)) !== undefined) return { id, receivers: 0, isRepeat: true };
      const createdAt = new Date(occurredAt).toISOString();
      const wanting = (await receivers.list(owner)).filter(
        (each) => each.off === null && each.events.includes(type),
      );
      const bodies = wanting.map(({ apiVersion }) => {
        const written = documents.inVersion(type, document, apiVersion);
        return payloadText({ id, type, createdAt, apiVersion, data: written });
      });
      requireSizes(bodies);
      await Promise.all(
        wanting.map((receiver: Receiver, index) =>
          send({ partner: owner, id: receiver.id }, { id, type, body: bodies[index] ?? '' }),
        ),
      );
      await records.set(mark, '1', { ttlMs: markTtlMs });
      return { id, receivers: wanting.length, isRepeat: false };
    },
  };
}

function requireSizes(bodies: readonly string[]): void {
  if (bodies.every((body) => Buffer.byteLength(body) <= maxPayloadBytes)) return;
  throw new GatewayError('body-too-large', {
    detail: `What a partner gets may have at most ${maxPayloadBytes} bytes.`,
  });
}
