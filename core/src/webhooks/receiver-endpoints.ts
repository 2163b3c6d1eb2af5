/**
 * The endpoints at which a partner manages its webhook endpoints: its own ones only, whatever it asks for.
 *
 * @module
 */
import { z } from 'zod';
import type { Principal } from '../context/principal.ts';
import { type Behaviour, type Endpoint, endpoint } from '../endpoint/endpoint.ts';
import type { Access } from '../identity/access.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import {
  Deleted,
  DeliveryDocument,
  DeliveryPage,
  DeliveryQuery,
  deliveryDocument,
  newReceiver,
  ReceiverDocument,
  ReceiverList,
  ReceiverWithSecret,
  receiverChange,
  receiverDocument,
} from './receiver-schemas.ts';
import type { PartnerReceivers } from './receivers.ts';

export interface WebhookEndpointsOptions {
  /** Who may read. */
  readonly read: Access<Principal>;
  /** Who may change. */
  readonly write: Access<Principal>;
  /** Default 2 000. */
  readonly deadlineMs?: number;
}

/**
 * @param types The types of events there are.
 * @param receivers Gives them when the BFF has begun.
 */
export function receiverEndpoints(
  path: string,
  { read, write, deadlineMs = 2_000 }: WebhookEndpointsOptions,
  types: readonly string[],
  receivers: () => PartnerReceivers,
): Endpoint[] {
  const one = `${path}/:id` as const;
  const reading = { access: read, deadlineMs };
  const writing = { access: write, deadlineMs };
  const params = z.object({
    id: z
      .string()
      .regex(/^we_[a-z0-9]{1,40}$/, 'must look like we_1f…')
      .describe('The id of the webhook endpoint.'),
  });
  const deliveryParams = params.extend({
    delivery: z
      .string()
      .regex(/^evt_[A-Za-z0-9_-]{1,60}$/, 'must look like evt_1f…')
      .describe('The id of the delivery.'),
  });
  return [
    endpoint('GET', path, { ...reading, summary: 'The webhook endpoints of the partner.' }).handle(
      ReceiverList,
      async ({ principal }) => {
        const all = await receivers().list(partnerOf(principal));
        return { items: all.map(receiverDocument), next: null };
      },
    ),
    endpoint('POST', path, {
      ...writing,
      summary: 'Adds a webhook endpoint. Its secret is shown in this answer only.',
      body: newReceiver(types),
      status: 201,
      idempotency: 'required',
    }).handle(ReceiverWithSecret, async ({ principal, input }) => {
      const partner = partnerOf(principal);
      const { receiver, secret } = await receivers().create(partner, input.body, principal.version);
      return { ...receiverDocument(receiver), secret };
    }),
    endpoint('GET', one, { ...reading, params, summary: 'One webhook endpoint.' }).handle(
      ReceiverDocument,
      async ({ principal, input }) =>
        receiverDocument(await receivers().get(partnerOf(principal), input.params.id)),
    ),
    endpoint('PATCH', one, {
      ...writing,
      params,
      summary: 'Changes a webhook endpoint, or switches it off or on.',
      body: receiverChange(types),
    }).handle(ReceiverDocument, async ({ principal, input }) =>
      receiverDocument(await receivers().edit(partnerOf(principal), input.params.id, input.body)),
    ),
    endpoint('DELETE', one, {
      ...writing,
      params,
      summary: 'Removes a webhook endpoint and all that waits for it.',
    }).handle(Deleted, async ({ principal, input }) => {
      await receivers().delete(partnerOf(principal), input.params.id);
      return { id: input.params.id, isDeleted: true };
    }),
    endpoint('POST', `${one}/rotate-secret`, {
      ...writing,
      params,
      summary: 'Gives it a new secret, shown in this answer only; the old one signs too for 24 hours.',
      idempotency: 'required',
    }).handle(ReceiverWithSecret, async ({ principal, input }) => {
      const { receiver, secret } = await receivers().rotate(partnerOf(principal), input.params.id);
      return { ...receiverDocument(receiver), secret };
    }),
    endpoint('POST', `${one}/ping`, {
      ...writing,
      params,
      summary: 'Sends it a `webhook.ping`.',
      status: 202,
      idempotency: 'optional',
    }).handle(DeliveryDocument, async ({ principal, input }) =>
      deliveryDocument(await receivers().ping(partnerOf(principal), input.params.id)),
    ),
    endpoint('GET', `${one}/deliveries`, {
      ...reading,
      params,
      query: DeliveryQuery,
      summary: 'What was sent to it lately, and what waits, the newest first.',
    }).handle(DeliveryPage, async ({ principal, input }) => {
      const { id } = input.params;
      const { items, next } = await receivers().deliveries(partnerOf(principal), id, input.query);
      return { items: items.map(deliveryDocument), next };
    }),
    endpoint('POST', `${one}/deliveries/:delivery/redeliver`, {
      ...writing,
      params: deliveryParams,
      summary: 'Delivers one event once more, now.',
      status: 202,
      idempotency: 'optional',
    }).handle(DeliveryDocument, async ({ principal, input }) => {
      const { id, delivery } = input.params;
      return deliveryDocument(await receivers().redeliver(partnerOf(principal), id, delivery));
    }),
  ].map(withoutCalls);
}

/** A person may have the name of a partner, and is none. */
function partnerOf({ kind, subject }: Principal): string {
  if (kind === 'partner') return subject;
  throw new GatewayError('insufficient-scope', { detail: 'Webhook endpoints are those of API keys.' });
}

function withoutCalls(declared: Endpoint): Endpoint {
  return { ...declared, behaviour: { ...declared.behaviour, maxCalls: 0 } as Behaviour };
}
