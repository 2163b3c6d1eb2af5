/**
 * What the compiler refuses of a typed client: each `@ts-expect-error` stands directly above the line it is about.
 */
import { type Client, createClient } from 'bffkit/client';
import { expectTypeOf, test } from 'vitest';
import type { PartnerApi } from '../clients/generated/partner.gen.ts';

const never: typeof fetch = () => Promise.reject(new Error('only types are of interest'));
const api: Client<PartnerApi> = createClient<PartnerApi>('http://bff.test', { fetch: never });

test('paths, methods, parameters, bodies and options are known', async () => {
  // @ts-expect-error there is no such path
  await api.get('/v1/ordres');
  // @ts-expect-error the path is there, the method is not
  await api.delete('/v1/orders/:id', { param: { id: 'ord_1' } });
  // @ts-expect-error a parameter is missing
  await api.get('/v1/orders/:id');
  // @ts-expect-error a parameter has another name
  await api.get('/v1/orders/:id', { param: { order: 'ord_1' } });
  // @ts-expect-error the query has another type
  await api.get('/v1/products', { query: { limit: '1' } });
  // @ts-expect-error the body is missing
  await api.post('/v1/orders');
  // @ts-expect-error a line has no quantity
  await api.post('/v1/orders', { json: { lines: [{ sku: 'SKU-1' }] } });
  // @ts-expect-error a read is never done by key
  await api.get('/v1/products', { once: true });
  const answer = await api.get('/v1/products');
  // @ts-expect-error whether it is good was not asked
  answer.value;
});

test('a problem has the codes of its endpoint, and any that is added later', async () => {
  const answer = await api.get('/v1/orders/:id', { param: { id: 'ord_1' } });
  if (answer.ok) expectTypeOf(answer.value.total.amount).toBeNumber();
  else expectTypeOf<'not-found'>().toExtend<typeof answer.error.code>();
});
