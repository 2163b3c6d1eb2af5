/**
 * Drift on purpose: a few operations of a BFF, and changes to be made in a copy of the document that
 * describes their service.
 *
 * @module
 */
import { startServices } from '@acme/services-mock';
import { get, post, upstream } from 'bffkit';
import { z } from 'zod';
import { contractDifferences, describeDifference } from './contract-diff.ts';
import type { OpenApiDocument } from './open-api.ts';
import { documentOf, readDocuments } from './service-documents.ts';

const Order = z.object({
  id: z.string(),
  status: z.enum(['placed', 'paid', 'shipped', 'delivered', 'cancelled']),
  reference: z.string().nullable(),
  lines: z.array(z.object({ title: z.string(), quantity: z.number().int() })),
  total: z.object({ amount: z.number().int(), currency: z.string() }),
  updatedAt: z.string().optional(),
});

const NewOrder = z.object({
  customerId: z.string(),
  lines: z.array(z.object({ sku: z.string(), quantity: z.number() })),
  reference: z.string().optional(),
});

/** What a BFF might declare; it agrees with the documents as they are. */
export const operations = {
  ...upstream('orders', {
    operations: {
      list: get('/orders', {
        query: z.object({ customer: z.string(), limit: z.number().optional() }),
        response: z.object({ items: z.array(Order), next: z.string().nullable() }),
      }),
      find: get('/orders/:order', { response: Order, passes: [404] }),
      place: post('/orders', {
        body: NewOrder,
        response: Order,
        passes: [422],
        forwardRequestHeaders: ['idempotency-key'],
      }),
    },
  }),
  ...upstream('pricing', {
    operations: {
      prices: get('/prices/batch', {
        query: z.object({ ids: z.array(z.string()), tier: z.enum(['basic', 'pro']).optional() }),
        response: z.array(z.object({ productId: z.string(), discountPercent: z.number() })),
      }),
    },
  }),
  ...upstream('notifications', {
    operations: { markRead: post('/notifications/:id/read', { passes: [404] }) },
  }),
};

export type OperationName = keyof typeof operations;

/** Changes a document. Throws when what it should change is not there: such a change proves nothing. */
export type Change = (document: OpenApiDocument) => void;

/** Sets a value, such as `components schemas Order properties id type`. */
export function set(place: string, value: unknown): Change {
  return function setValue(document) {
    const { bag, key } = placeIn(document, place);
    bag[key] = value;
  };
}

/** Removes a value. */
export function drop(place: string): Change {
  return function dropValue(document) {
    const { bag, key } = existing(document, place);
    delete bag[key];
  };
}

/** Gives a value another key. */
export function rename(place: string, to: string): Change {
  return function renameValue(document) {
    const { bag, key } = existing(document, place);
    bag[to] = bag[key];
    delete bag[key];
  };
}

/** Makes several changes. */
export function all(...changes: readonly Change[]): Change {
  return function changeAll(document) {
    for (const change of changes) change(document);
  };
}

/** Reads the documents of the services, and returns what the comparison says after a change. */
export async function openDrift(): Promise<(name: OperationName, change: Change) => string[]> {
  const services = await startServices({ ports: 'free' });
  const documents = await readDocuments(services.urls);
  await services.close();
  return function reported(name, change) {
    const { contract } = operations[name];
    const document = structuredClone(documentOf(documents, contract.upstream));
    change(document);
    return contractDifferences(contract, document).map((difference) => describeDifference('web', difference));
  };
}

interface PlaceIn {
  readonly bag: Record<string, unknown>;
  readonly key: string;
}

function existing(document: OpenApiDocument, place: string): PlaceIn {
  const found = placeIn(document, place);
  if (!Object.hasOwn(found.bag, found.key)) throw new Error(`the document has no ${place}`);
  return found;
}

function placeIn(document: unknown, place: string): PlaceIn {
  const steps = place.split(' ');
  const key = steps.pop() ?? '';
  const bag = steps.reduce((part, step) => (part as PlaceIn['bag'] | undefined)?.[step], document);
  if (typeof bag !== 'object' || bag === null) throw new Error(`the document has no ${place}`);
  return { bag: bag as PlaceIn['bag'], key };
}
