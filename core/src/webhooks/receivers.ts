/**
 * What a partner does with its receivers. Every change is an audit fact, without the URL.
 *
 * @module
 */
import type { Clock } from '../context/clock.ts';
import type { EventBus } from '../context/event-bus.ts';
import type { IdSource } from '../context/ids.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { type DeliveryHead, renewed } from './delivery.ts';
import type { EventDocuments } from './event-documents.ts';
import { type Intake, payloadText } from './intake.ts';
import type { Outbox } from './outbox.ts';
import { loggedMember, newestFirst, type ReceiverName, readLogged } from './outbox-entry.ts';
import { type Receiver, withSecret } from './receiver.ts';
import type { ReceiverStore } from './receiver-store.ts';
import { readReceiverUrl } from './receiver-url.ts';
import { newSecret } from './signature.ts';

/** Webhook endpoints of one partner. */
const maxReceivers = 10;
export const pingType = 'webhook.ping';

export interface ReceiverOrder {
  readonly url: string;
  readonly events: readonly string[];
  readonly description?: string | undefined;
  readonly apiVersion?: string | undefined;
}

export interface ReceiverEdit {
  readonly url?: string | undefined;
  readonly events?: readonly string[] | undefined;
  readonly description?: string | null | undefined;
  readonly apiVersion?: string | undefined;
  readonly isEnabled?: boolean | undefined;
}

export interface PageOrder {
  readonly limit: number;
  /** The last of the page before. */
  readonly cursor?: string | undefined;
}

export interface DeliveriesPage {
  readonly items: readonly DeliveryHead[];
  readonly next: string | null;
}

/** A receiver and its secret, when it was just made. */
export interface NewSecret {
  readonly receiver: Receiver;
  readonly secret: string;
}

export interface ReceiversParts {
  readonly store: ReceiverStore;
  readonly outbox: Outbox;
  readonly intake: Intake;
  readonly documents: EventDocuments;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly events: EventBus;
  readonly allowPrivate: boolean;
  readonly tell: (receiver: ReceiverName) => Promise<void>;
}

export class PartnerReceivers {
  readonly #parts: ReceiversParts;

  constructor(parts: ReceiversParts) {
    this.#parts = parts;
  }

  list(partner: string): Promise<readonly Receiver[]> {
    return this.#parts.store.list(partner);
  }

  /** @throws {GatewayError} 404 */
  async get(partner: string, id: string): Promise<Receiver> {
    return found(await this.list(partner), id);
  }

  /**
   * @param pinned The version that the partner is pinned to.
   * @throws {GatewayError} 400 for a URL or a version that cannot be, 409 for one too many.
   */
  async create(partner: string, order: ReceiverOrder, pinned: string | undefined): Promise<NewSecret> {
    const { store, clock, ids } = this.#parts;
    const secret = newSecret();
    const createdMs = clock.wallMs();
    const receiver: Receiver = {
      id: `we_${ids.traceId().slice(0, 24)}`,
      url: this.#urlOf(order.url),
      events: [...new Set(order.events)],
      description: order.description ?? null,
      apiVersion: this.#versionOf(order.apiVersion, pinned),
      createdMs,
      secrets: [{ text: secret, untilMs: null }],
      off: null,
    };
    await store.change(partner, (all) => {
      if (all.length < maxReceivers) return [...all, receiver];
      throw new GatewayError('conflict', {
        detail: `A partner has at most ${maxReceivers} webhook endpoints.`,
      });
    });
    this.#audit(partner, 'webhook.create', receiver.id);
    return { receiver, secret };
  }

  async edit(partner: string, id: string, edit: ReceiverEdit): Promise<Receiver> {
    const { store, clock } = this.#parts;
    const url = edit.url === undefined ? undefined : this.#urlOf(edit.url);
    const apiVersion =
      edit.apiVersion === undefined ? undefined : this.#versionOf(edit.apiVersion, undefined);
    const nowMs = clock.wallMs();
    const all = await store.change(partner, (all) =>
      replaced(all, id, (receiver) => ({
        ...receiver,
        url: url ?? receiver.url,
        events: [...new Set(edit.events ?? receiver.events)],
        description: edit.description === undefined ? receiver.description : edit.description,
        apiVersion: apiVersion === undefined ? receiver.apiVersion : apiVersion,
        off: offAfter(receiver, edit.isEnabled, nowMs),
      })),
    );
    if (edit.isEnabled === true) await this.#parts.outbox.setFailing(id, undefined);
    this.#audit(partner, 'webhook.edit', id);
    return found(all, id);
  }

  async rotate(partner: string, id: string): Promise<NewSecret> {
    const { store, clock } = this.#parts;
    const secret = newSecret();
    const all = await store.change(partner, (all) =>
      replaced(all, id, (receiver) => withSecret(receiver, secret, clock.wallMs())),
    );
    this.#audit(partner, 'webhook.rotate', id);
    return { receiver: found(all, id), secret };
  }

  async delete(partner: string, id: string): Promise<void> {
    const { store, tell } = this.#parts;
    await store.change(partner, (all) => {
      found(all, id);
      return all.filter((each) => each.id !== id);
    });
    this.#audit(partner, 'webhook.delete', id);
    await this.#parts.outbox.forget(id);
    await tell({ partner, id }); // what was being added meanwhile is forgotten too
  }

  /** Sends it an event that says nothing. @throws {GatewayError} 409 for one that is off. */
  async ping(partner: string, id: string): Promise<DeliveryHead> {
    const { intake, clock, ids, outbox } = this.#parts;
    const receiver = await this.#getOn(partner, id);
    const event = `evt_${ids.traceId().slice(0, 27)}`;
    const createdAt = new Date(clock.wallMs()).toISOString();
    const { apiVersion } = receiver;
    const body = payloadText({ id: event, type: pingType, createdAt, apiVersion, data: { endpointId: id } });
    await intake.send({ partner, id }, { id: event, type: pingType, body });
    return known(await outbox.read(id, event)).delivery;
  }

  /** The newest first. */
  async deliveries(partner: string, id: string, { limit, cursor }: PageOrder): Promise<DeliveriesPage> {
    const { outbox } = this.#parts;
    await this.get(partner, id);
    const all = await outbox.all(id);
    const rest = cursor === undefined ? all : all.filter((each) => newestFirst(readLogged(cursor), each) < 0);
    const page = rest.slice(0, limit);
    const last = rest.length > limit ? page.at(-1) : undefined;
    const read = await Promise.all(page.map(({ event }) => outbox.read(id, event)));
    const items = read.flatMap((each) => each?.delivery ?? []);
    return { items, next: last === undefined ? null : loggedMember(last) };
  }

  /** Delivers once more what is over, or now what waits. */
  async redeliver(partner: string, id: string, event: string): Promise<DeliveryHead> {
    const { outbox, clock, tell } = this.#parts;
    await this.#getOn(partner, id);
    const delivery = known(await outbox.read(id, event));
    const next = renewed(delivery.delivery, clock.wallMs());
    if (!(await outbox.renew({ partner, id }, delivery, next)))
      throw new GatewayError('conflict', { detail: 'It is being delivered at this moment.' });
    await tell({ partner, id });
    return next;
  }

  async #getOn(partner: string, id: string): Promise<Receiver> {
    const receiver = await this.get(partner, id);
    if (receiver.off === null) return receiver;
    throw new GatewayError('conflict', { detail: 'The webhook endpoint is switched off.' });
  }

  #urlOf(text: string): string {
    const read = readReceiverUrl(text, this.#parts.allowPrivate);
    if ('url' in read) return read.url.href;
    throw invalid('/body/url', read.fault);
  }

  /** Pins the receiver: its events stay as they are when the partner moves on. */
  #versionOf(wanted: string | undefined, pinned: string | undefined): string | null {
    const { versions } = this.#parts.documents;
    if (wanted !== undefined && !versions.includes(wanted))
      throw invalid('/body/apiVersion', `must be one of ${versions.join(', ')}`);
    if (wanted !== undefined) return wanted;
    return pinned !== undefined && versions.includes(pinned) ? pinned : (versions[0] ?? null);
  }

  #audit(partner: string, action: string, target: string): void {
    const { events, clock } = this.#parts;
    events.emit('audit', { actor: `partner:${partner}`, action, target, atMs: clock.wallMs() });
  }
}

function found(all: readonly Receiver[], id: string): Receiver {
  const receiver = all.find((each) => each.id === id);
  if (receiver === undefined) throw new GatewayError('not-found');
  return receiver;
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new GatewayError('not-found');
  return value;
}

function replaced(
  all: readonly Receiver[],
  id: string,
  edit: (receiver: Receiver) => Receiver,
): readonly Receiver[] {
  const after = edit(found(all, id));
  return all.map((each) => (each.id === id ? after : each));
}

function offAfter({ off }: Receiver, isEnabled: boolean | undefined, nowMs: number): Receiver['off'] {
  if (isEnabled === undefined) return off;
  return isEnabled ? null : (off ?? { reason: 'partner', atMs: nowMs });
}

function invalid(pointer: string, detail: string): GatewayError {
  return new GatewayError('validation-failed', { issues: [{ pointer, detail }] });
}
