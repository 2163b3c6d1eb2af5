import type { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { DEFAULT_SEED, worldOf } from '../data/world.ts';
import { createServiceApp } from '../rest/service-app.ts';
import { catalogService } from './catalog.ts';
import { notificationsService } from './notifications.ts';
import { ordersService } from './orders.ts';
import { reviewsService } from './reviews.ts';
import { usersService } from './users.ts';

const world = worldOf(DEFAULT_SEED);
const apps = {
  users: createServiceApp('users', usersService(world)),
  catalog: createServiceApp('catalog', catalogService(world)),
  orders: createServiceApp('orders', ordersService(world)),
  reviews: createServiceApp('reviews', reviewsService(world)),
  notifications: createServiceApp('notifications', notificationsService(world)),
};
const idsOf = (items: readonly { readonly id: string }[]): readonly string[] => items.map(({ id }) => id);

describe('walking the pages meets every item exactly once, in order', () => {
  it('of all users', async () => {
    expect(await walk(apps.users, '/users?limit=99')).toEqual(idsOf(world.users));
  });

  it('of all products, and of a category', async () => {
    expect(await walk(apps.catalog, '/products?limit=100')).toEqual(idsOf(world.products));
    const coffee = world.products.filter(({ category }) => category === 'coffee');
    expect(await walk(apps.catalog, '/products?category=coffee')).toEqual(idsOf(coffee));
  });

  it.each(['usr_0001', 'usr_0002', 'usr_0500'])('of the orders of %s', async (customer) => {
    const own = world.orders.filter(({ customerId }) => customerId === customer);
    expect(await walk(apps.orders, `/orders?customer=${customer}&limit=4`)).toEqual(idsOf(own));
  });

  it('of the reviews of a product', async () => {
    const own = world.reviews.filter(({ productId }) => productId === 'prd_00003');
    expect(await walk(apps.reviews, '/reviews?product=prd_00003&limit=3')).toEqual(idsOf(own));
  });

  it('of the unread notifications of a user', async () => {
    const own = world.notifications.filter(({ userId, read }) => userId === 'usr_0001' && !read);
    expect(await walk(apps.notifications, '/notifications?user=usr_0001&unread=true&limit=1')).toEqual(
      idsOf(own),
    );
  });

  it('of the hits of a search, whose total counts them', async () => {
    const { total } = await readPage(apps.catalog, '/search?q=oak&limit=7');
    const walked = await walk(apps.catalog, '/search?q=oak&limit=7');
    expect(new Set(walked).size).toBe(walked.length);
    expect(total).toBe(walked.length);
  });
});

it('an item that leaves the filter while somebody pages hides no other', async () => {
  const app = createServiceApp('notifications', notificationsService(world));
  const url = '/notifications?user=usr_0001&unread=true&limit=1';
  const unread = await walk(app, url);
  const { items, next } = await readPage(app, url);
  await app.request(`/notifications/${items[0]?.id}/read`, { method: 'POST' });
  expect(await walk(app, url, next)).toEqual(unread.slice(1));
});

it('a new order in front of the list does not repeat an old one', async () => {
  const app = createServiceApp('orders', ordersService(world));
  const before = await walk(app, '/orders?customer=usr_0003');
  const { next } = await readPage(app, '/orders?customer=usr_0003&limit=5');
  const body = JSON.stringify({ customerId: 'usr_0003', lines: [{ sku: 'SKU-00001', quantity: 1 }] });
  await app.request('/orders', { method: 'POST', body, headers: { 'Content-Type': 'application/json' } });
  expect(await walk(app, '/orders?customer=usr_0003&limit=5', next)).toEqual(before.slice(5));
});

it.each(['nonsense', 'b3JkXzAwMDAwMA'])('refuses the cursor %s, which no page gave', async (cursor) => {
  const response = await apps.orders.request(`/orders?customer=usr_0001&cursor=${cursor}`);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { code: 'invalid_cursor' } });
});

const AnyPage = z.looseObject({
  items: z.array(z.looseObject({ id: z.string() })),
  next: z.string().nullable(),
  total: z.int().optional(),
});

async function readPage(app: Hono, url: string): Promise<z.infer<typeof AnyPage>> {
  return AnyPage.parse(await (await app.request(url)).json());
}

async function walk(app: Hono, url: string, cursor: string | null = null): Promise<readonly string[]> {
  const { items, next } = await readPage(app, cursor === null ? url : `${url}&cursor=${cursor}`);
  return [...idsOf(items), ...(next === null ? [] : await walk(app, url, next))];
}
