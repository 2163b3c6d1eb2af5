/**
 * Webhooks: services tell of events on the admin port, partners hear of them at URLs of their own, signed, in their
 * version, at least once.
 *
 * @see {@link https://www.standardwebhooks.com Standard Webhooks}
 * @module
 */
import type { AdminPages } from '../context/admin-pages.ts';
import type { Clock } from '../context/clock.ts';
import type { EventBus } from '../context/event-bus.ts';
import { type IdSource, randomIds } from '../context/ids.ts';
import { requireInteger, requireKnown } from '../context/options.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { RecordStore } from '../records/record-store.ts';
import { keyRing } from '../records/seal.ts';
import { type Random, systemRandom } from '../upstream/random.ts';
import { attemptDelivery } from './attempt-delivery.ts';
import { type Resolve, systemResolve } from './checked-lookup.ts';
import { Dispatcher } from './dispatcher.ts';
import { type EventVersion, eventDocuments, type WebhookEvent } from './event-documents.ts';
import { openIntake } from './intake.ts';
import { Outbox } from './outbox.ts';
import { openPoster } from './post.ts';
import { receiverEndpoints, type WebhookEndpointsOptions } from './receiver-endpoints.ts';
import { receiverStore } from './receiver-store.ts';
import { PartnerReceivers, pingType } from './receivers.ts';
import { sealedText } from './sealed-text.ts';
import { type WaitingReceiver, webhookPages } from './webhook-pages.ts';

export interface WebhooksOptions {
  /** Where everything is kept; it stays open when the BFF closes. */
  readonly records: RecordStore;
  /** For shared `records`: 1 to 10 keys of 32 bytes as base64. The first seals what is kept, all open. */
  readonly sealKeys?: readonly string[] | undefined;
  /** Kept apart from other environments that share the records, such as `live`: 1 to 16 lowercase letters or digits. */
  readonly environment: string;
  /** The events that partners may hear of, by type, such as `order.updated`. */
  readonly events: Readonly<Record<string, WebhookEvent>>;
  /** Lets receivers be on private networks, and without TLS; refused in the environment `live`. Default false. */
  readonly allowPrivateNetworks?: boolean;
  /** Deliveries that wait for one receiver at most, 1 to 900; one more gives up the oldest. Default 500. */
  readonly maxWaiting?: number;
  /** For tests. */
  readonly ids?: IdSource;
  readonly random?: Random;
  readonly resolve?: Resolve;
}

/** What webhooks are about. */
export interface HookedBff {
  readonly name: string;
  readonly events: EventBus;
  readonly clock: Clock;
  readonly endpoints: readonly Endpoint[];
  /** Newest first; empty where there are none. */
  readonly versions: readonly EventVersion[];
}

export interface Webhooks extends Pick<WebhooksOptions, 'events'> {
  /** Belongs to a BFF from now on; `defineBff` calls it. @throws {RangeError} when called again. */
  watch(bff: HookedBff): void;
  /** The endpoints at which partners manage theirs, such as `/v1/webhook-endpoints` and what is below. */
  endpoints(path: string, options: WebhookEndpointsOptions): Endpoint[];
  /** Takes events from services, and begins to deliver when the BFF is served. */
  readonly admin: AdminPages;
  readonly remembersAlone: readonly string[];
  /** Lets what is under way finish for two seconds. What is not delivered then is left to the next instance. */
  close(): Promise<void>;
}

const finishMs = 2_000;
// biome-ignore format: one list
const known = [
  'records', 'sealKeys', 'environment', 'events', 'allowPrivateNetworks', 'maxWaiting', 'ids', 'random', 'resolve',
];

/**
 * Sends events to partners.
 *
 * @throws {RangeError} at boot for an unknown option, a value out of range, shared records without keys, or private
 * networks in the environment `live`.
 */
export function webhooks(options: WebhooksOptions): Webhooks {
  checkOptions(options);
  const { records, events, ids = randomIds() } = options;
  let opened: Opened | undefined;
  const parts = (): Opened => {
    if (opened === undefined) throw new RangeError('webhooks: give it to defineBff as webhooks');
    return opened;
  };
  return {
    events,
    watch(bff) {
      if (opened !== undefined) throw new RangeError('webhooks: one of them is for one BFF');
      opened = open(options, ids, bff);
    },
    endpoints: (path, ofEndpoints) =>
      receiverEndpoints(path, ofEndpoints, Object.keys(events), () => parts().receivers),
    admin: webhookPages({
      ids,
      accept: (event) => parts().intake.accept(event),
      waiting: () => waitingIn(parts().outbox),
      begin: () => parts().dispatcher.begin(),
    }),
    remembersAlone: records.isLocal === true ? ['webhooks'] : [],
    close: async () => opened?.close(),
  };
}

type Opened = ReturnType<typeof open>;

function open(
  options: WebhooksOptions,
  ids: IdSource,
  { name, events, clock, endpoints, versions }: HookedBff,
) {
  const { records, sealKeys, environment, maxWaiting = 500, resolve = systemResolve } = options;
  const { allowPrivateNetworks: allowPrivate = false, random = systemRandom() } = options;
  const seal = sealKeys === undefined ? undefined : keyRing('webhooks', sealKeys)('webhooks');
  const sealed = sealedText(seal);
  const scope = `${name}-${environment}`;
  const documents = eventDocuments(options.events, endpoints, versions);
  const store = receiverStore(records, sealed, scope);
  const outbox = new Outbox({ records, sealed, scope, maxWaiting });
  const poster = openPoster({ clock, resolve, allowPrivate });
  let isClosed = false;
  const attempt = attemptDelivery({
    poster,
    outbox,
    receivers: store,
    clock,
    random,
    events,
    isClosed: () => isClosed,
  });
  const dispatcher = new Dispatcher({
    records,
    receivers: store,
    outbox,
    attempt,
    clock,
    events,
    ids,
    random,
    channel: `webhooks:${scope}`,
  });
  const tell = dispatcher.tell.bind(dispatcher);
  const intake = openIntake({ records, receivers: store, outbox, documents, clock, events, scope, tell });
  const receivers = new PartnerReceivers({
    store,
    outbox,
    intake,
    documents,
    clock,
    ids,
    events,
    allowPrivate,
    tell,
  });
  return {
    receivers,
    intake,
    outbox,
    dispatcher,
    async close() {
      isClosed = true;
      const finished = dispatcher.close();
      const cut = clock.after(finishMs, () => void poster.close());
      await finished;
      cut();
      await poster.close();
    },
  };
}

async function waitingIn(outbox: Outbox): Promise<WaitingReceiver[]> {
  const found: WaitingReceiver[] = [];
  for (const { partner, id } of await outbox.working()) {
    const due = await outbox.due(id);
    const [first] = due;
    if (first === undefined) continue;
    const nextAttemptAt = new Date(first.dueMs).toISOString();
    found.push({ partner, id, waiting: due.length, nextAttemptAt });
  }
  return found;
}

function checkOptions(options: WebhooksOptions): void {
  requireKnown('webhooks', options, known);
  const { records, sealKeys, environment, events, allowPrivateNetworks, maxWaiting = 500 } = options;
  if (!/^[a-z0-9]{1,16}$/.test(environment)) {
    throw new RangeError(
      `webhooks: environment must be 1 to 16 lowercase letters or digits, got '${environment}'`,
    );
  }
  const types = Object.keys(events);
  const odd = types.find((type) => !/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/.test(type) || type === pingType);
  if (types.length < 1 || odd !== undefined) {
    throw new RangeError(
      `webhooks: events must have types such as order.updated, got ${odd === undefined ? 'none' : `'${odd}'`}`,
    );
  }
  requireInteger('webhooks', 'maxWaiting', maxWaiting, 1, 900);
  if (allowPrivateNetworks === true && environment === 'live') {
    throw new RangeError(
      "webhooks: allowPrivateNetworks must be false in the environment 'live': partners could reach into our network",
    );
  }
  if (records.isLocal !== true && sealKeys === undefined) {
    throw new RangeError(
      'webhooks: sealKeys is missing: secrets and documents are kept sealed in shared records; give 1 to 10 keys of 32 bytes as base64',
    );
  }
}
