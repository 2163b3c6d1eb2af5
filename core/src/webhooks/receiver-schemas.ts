/**
 * What partners read and write of webhook endpoints and deliveries.
 *
 * @module
 */
import { z } from 'zod';
import { openEnum } from '../endpoint/open-enum.ts';
import { pageOf, pageQuery } from '../endpoint/page.ts';
import type { DeliveryHead } from './delivery.ts';
import type { Receiver } from './receiver.ts';

const maxDescription = 200;

const members = {
  url: z
    .string()
    .min(1)
    .max(2_048)
    .describe('An https URL on the Internet; port 443, or one from 1024. Redirects are not followed.'),
  description: z.string().min(1).max(maxDescription),
  apiVersion: z.string().regex(/^\d{4}-\d\d-\d\d$/, 'must look like 2026-06-01'),
};

/** ISO 8601 in UTC. */
function moment(): z.ZodString {
  return z.string().meta({ format: 'date-time', description: 'ISO 8601 in UTC.' });
}

function eventList(types: readonly string[]): z.ZodArray<z.ZodEnum<Record<string, string>>> {
  return z.array(z.enum(types)).min(1).max(types.length).describe('The events to hear of.');
}

export function newReceiver(types: readonly string[]) {
  return z.strictObject({
    url: members.url,
    events: eventList(types),
    description: members.description.optional(),
    apiVersion: members.apiVersion
      .optional()
      .describe('The version that `data` is written in. Default the one the partner is pinned to.'),
  });
}

export function receiverChange(types: readonly string[]) {
  return z.strictObject({
    url: members.url.optional(),
    events: eventList(types).optional(),
    description: members.description.nullable().optional(),
    apiVersion: members.apiVersion.optional(),
    isEnabled: z
      .boolean()
      .optional()
      .describe('Switches it off, or on again. What happens meanwhile is not sent later.'),
  });
}

const shown = {
  id: z.string().describe('The id of the webhook endpoint. It never changes.'),
  url: z.string().describe('Where events are sent.'),
  events: z.array(z.string()).describe('The types it hears of.'),
  description: z.string().nullable(),
  apiVersion: z.string().nullable().describe('The version that `data` is written in.'),
  createdAt: moment(),
  isEnabled: z.boolean().describe('Whether events are sent to it.'),
  disabledAt: moment().nullable(),
  disabledReason: openEnum(
    ['gone', 'failing', 'partner'],
    '`gone`: it answered 410. `failing`: for five days. `partner`: by a request.',
  ).nullable(),
};

export const ReceiverDocument = z
  .object(shown)
  .meta({ id: 'WebhookEndpoint', description: 'Where a partner hears of what happens.' });

export const ReceiverWithSecret = z
  .object({ ...shown, secret: z.string().describe('Verifies signatures. Shown this once.') })
  .meta({ id: 'NewWebhookEndpoint', description: 'A webhook endpoint and its new secret.' });

export const ReceiverList = z.object({ items: z.array(ReceiverDocument), next: z.string().nullable() });

export const Deleted = z.object({ id: z.string(), isDeleted: z.boolean() });

export const DeliveryDocument = z
  .object({
    id: z.string().describe('The `webhook-id` of all its attempts. It never changes.'),
    type: z.string().describe('The type of the event.'),
    createdAt: moment(),
    status: openEnum(['waiting', 'delivered', 'failed'], 'What became of it.'),
    nextAttemptAt: moment().nullable(),
    attempts: z
      .array(
        z.object({
          at: moment(),
          durationMs: z.number().int(),
          status: z.number().int().nullable().describe('Of the answer.'),
          failure: openEnum(
            ['timeout', 'connection', 'tls', 'address-refused'],
            'Why there was no answer.',
          ).nullable(),
        }),
      )
      .describe('The last ten, the oldest first.'),
  })
  .meta({ id: 'WebhookDelivery', description: 'One event on its way to one webhook endpoint.' });

export const DeliveryPage = pageOf(DeliveryDocument);

export const DeliveryQuery = z.object(pageQuery({ maxLimit: 50 }));

export function receiverDocument(receiver: Receiver): z.input<typeof ReceiverDocument> {
  const { id, url, events, description, apiVersion, createdMs, off } = receiver;
  return {
    id,
    url,
    events: [...events],
    description,
    apiVersion,
    createdAt: new Date(createdMs).toISOString(),
    isEnabled: off === null,
    disabledAt: off === null ? null : new Date(off.atMs).toISOString(),
    disabledReason: off?.reason ?? null,
  };
}

export function deliveryDocument(head: DeliveryHead): z.input<typeof DeliveryDocument> {
  const { event, type, createdMs, state, nextMs, attempts } = head;
  return {
    id: event,
    type,
    createdAt: new Date(createdMs).toISOString(),
    status: state,
    nextAttemptAt: nextMs === null ? null : new Date(nextMs).toISOString(),
    attempts: attempts.map(({ atMs, tookMs, result }) => ({
      at: new Date(atMs).toISOString(),
      durationMs: tookMs,
      status: typeof result === 'number' ? result : null,
      failure: typeof result === 'number' ? null : result,
    })),
  };
}
