/**
 * The search for leaks finds them: on what the services themselves answer it must not come back empty.
 */
import { type Services, startServices } from '@acme/services-mock';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { internalFields, leaksOf } from '../support/leaks.ts';
import { readFacts, type ShopFacts } from '../support/sample-values.ts';

let services: Services;
let facts: ShopFacts;
beforeAll(async () => {
  services = await startServices({ ports: 'free' });
  facts = await readFacts(services.urls);
});
afterAll(() => services.close());

const targets: Readonly<Record<string, (facts: ShopFacts) => string>> = {
  users: ({ customer }) => `/users/${customer}`,
  catalog: ({ product }) => `/products/${product}`,
  orders: ({ order }) => `/orders/${order}`,
  reviews: ({ product }) => `/reviews?product=${product}`,
  recommendations: ({ customer }) => `/recommendations/${customer}`,
  pricing: ({ product }) => `/prices/${product}`,
};

test.each(Object.entries(internalFields))(
  '%s has %j, and headers that give it away',
  async (service, fields) => {
    const urls: Readonly<Record<string, string>> = services.urls;
    const response = await fetch(`${urls[service]}${targets[service]?.(facts)}`);
    const found = leaksOf(response.headers, await response.text());
    expect(found.filter((leak) => leak.startsWith('header'))).toEqual([
      'header server',
      'header x-internal-host',
      'header x-powered-by',
    ]);
    expect(found.flatMap((leak) => leak.match(/^body.*\.(\w+)$/)?.[1] ?? [])).toEqual(fields.toSorted());
  },
);

test('an answer without any of it is clean', () => {
  expect(leaksOf(new Headers({ 'content-type': 'application/json' }), '{"items":[{"id":"ord_1"}]}')).toEqual(
    [],
  );
});
