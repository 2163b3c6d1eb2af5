import type { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { DEFAULT_SEED, worldOf } from '../data/world.ts';
import { SERVICE_NAMES, type ServiceName } from '../directory.ts';
import type { OpenApiDocument } from '../rest/openapi.ts';
import { createServiceApp } from '../rest/service-app.ts';
import { SERVICES } from './index.ts';

const world = worldOf(DEFAULT_SEED);

/** One request for each GET of a service. */
const REQUESTS: Readonly<Record<ServiceName, Readonly<Record<string, string>>>> = {
  users: {
    '/users': '/users?limit=100',
    '/users/batch': '/users/batch?ids=usr_0001,usr_0002',
    '/users/{id}': '/users/usr_0001',
  },
  catalog: {
    '/products': '/products?limit=100&category=coffee',
    '/products/batch': '/products/batch?ids=prd_00001,prd_02000',
    '/products/{id}': '/products/prd_00001',
    '/search': '/search?q=oak',
  },
  orders: {
    '/orders': '/orders?customer=usr_0001&limit=100',
    '/orders/{id}': '/orders/ord_000001',
    '/carts/{customerId}': '/carts/usr_0001',
  },
  reviews: {
    '/reviews': '/reviews?product=prd_00003',
    '/summaries/batch': '/summaries/batch?ids=prd_00001,prd_00002',
    '/summaries/{productId}': '/summaries/prd_00001',
  },
  recommendations: {
    '/recommendations/{userId}': '/recommendations/usr_0001?limit=5',
    '/related/{productId}': '/related/prd_00001',
  },
  inventory: { '/stock/batch': '/stock/batch?ids=SKU-00001,SKU-00002', '/stock/{sku}': '/stock/SKU-00001' },
  notifications: { '/notifications': '/notifications?user=usr_0001&unread=true' },
  pricing: {
    '/prices/batch': '/prices/batch?ids=prd_00001,prd_00002&tier=pro',
    '/prices/{productId}': '/prices/prd_00001',
  },
};

describe.each(SERVICE_NAMES)('%s', (service) => {
  const app = createServiceApp(service, SERVICES[service](world));
  const readDocument = () => documentOf(app);

  it('answers every GET the way its own document says', async () => {
    const document = await readDocument();
    const reads = Object.entries(document.paths).filter(([, operations]) => 'get' in operations);
    expect(reads.map(([path]) => path).sort()).toEqual(Object.keys(REQUESTS[service]).sort());
    for (const [path, { get }] of reads) {
      const response = await app.request(REQUESTS[service][path] ?? '');
      expect(response.status, path).toBe(200);
      const schema = get?.responses['200']?.content?.['application/json'].schema;
      validatorOf(schema, document).parse(await response.json());
    }
  });

  it('refuses the way its own document says', async () => {
    const document = await readDocument();
    for (const [path, { get }] of Object.entries(document.paths)) {
      if (get === undefined) continue;
      const schema = get.responses['400']?.content?.['application/json'].schema;
      const response = await app.request(`${REQUESTS[service][path]?.split('?')[0]}?surprise=1`);
      expect(response.status, path).toBe(400);
      validatorOf(schema, document).parse(await response.json());
    }
  });

  it('names each operation once, and every reference in the document leads somewhere', async () => {
    const document = await readDocument();
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const [, name = ''] of JSON.stringify(document).matchAll(
      /"\$ref":"#\/components\/schemas\/(\w+)"/g,
    )) {
      expect(document.components.schemas).toHaveProperty(name);
    }
    expect(JSON.stringify(document)).not.toContain('$defs');
  });

  it('describes its objects to the last field', async () => {
    const { components } = await readDocument();
    for (const [name, schema] of Object.entries(components.schemas)) {
      expect(schema.additionalProperties, name).toBe(false);
      expect([...(schema.required ?? [])].sort(), name).toEqual(Object.keys(schema.properties ?? {}).sort());
    }
  });
});

it('a list in a query is one comma-separated value', async () => {
  const app = createServiceApp('pricing', SERVICES.pricing(world));
  const { get } = (await documentOf(app)).paths['/prices/batch'] ?? {};
  expect(get?.parameters).toMatchObject([
    { name: 'ids', in: 'query', required: true, style: 'form', explode: false, schema: { type: 'array' } },
    { name: 'tier', in: 'query', required: false, schema: { enum: ['basic', 'plus', 'pro'] } },
  ]);
});

/** What a client sees of the document: JSON, and no promise of the code that wrote it. */
async function documentOf(app: Hono): Promise<OpenApiDocument> {
  return JSON.parse(await (await app.request('/openapi.json')).text());
}

/** Reads a schema back from the document, with nothing of the code that wrote it. */
function validatorOf(schema: unknown, { components }: OpenApiDocument): z.ZodType {
  const wrapped = JSON.stringify({ allOf: [schema], $defs: components.schemas });
  return z.fromJSONSchema(JSON.parse(wrapped.replaceAll('#/components/schemas/', '#/$defs/')));
}
