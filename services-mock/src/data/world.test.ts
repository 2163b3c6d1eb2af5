import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { Notification } from '../schemas/notification.ts';
import { Order } from '../schemas/order.ts';
import { Product } from '../schemas/product.ts';
import { Recommendations } from '../schemas/recommendation.ts';
import { Review } from '../schemas/review.ts';
import { Stock } from '../schemas/stock.ts';
import { User } from '../schemas/user.ts';
import { ACCOUNTS } from './accounts.ts';
import { indexBy } from './index-by.ts';
import { summarise } from './review-summary.ts';
import { buildWorld, DEFAULT_SEED, type World, worldOf } from './world.ts';

const world = worldOf(DEFAULT_SEED);
const users = indexBy(world.users, ({ id }) => id);
const products = indexBy(world.products, ({ id }) => id);
const orders = indexBy(world.orders, ({ id }) => id);

const hashOf = (made: World): string => createHash('sha256').update(JSON.stringify(made)).digest('hex');

describe('the world', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(hashOf(buildWorld(DEFAULT_SEED))).toBe(hashOf(world));
    expect(hashOf(buildWorld(DEFAULT_SEED + 1))).not.toBe(hashOf(world));
  });

  it('has the sizes of a small company', () => {
    expect(world.users).toHaveLength(500);
    expect(world.products).toHaveLength(2_000);
    expect(world.orders).toHaveLength(5_000);
    expect(world.reviews).toHaveLength(6_000);
    expect(world.notifications.length / world.users.length).toBeGreaterThan(8);
  });

  it('is made of what the schemas promise', () => {
    z.array(User).parse(world.users);
    z.array(Product).parse(world.products);
    z.array(Order).parse(world.orders);
    z.array(Review).parse(world.reviews);
    z.array(Recommendations).parse(world.recommendations);
    z.array(Stock).parse(world.stock);
    z.array(Notification).parse(world.notifications);
  });

  it('gives every id and every title once', () => {
    for (const list of [world.users, world.products, world.orders, world.reviews, world.notifications]) {
      expect(new Set(list.map(({ id }) => id)).size).toBe(list.length);
    }
    expect(new Set(world.products.map(({ title }) => title)).size).toBe(world.products.length);
  });
});

describe('no id dangles', () => {
  it('in orders: customers and products exist, lines and total agree', () => {
    for (const order of world.orders) {
      expect(users.has(order.customerId)).toBe(true);
      expect(order.productIds).toEqual(order.lines.map(({ productId }) => productId));
      for (const line of order.lines) {
        expect(products.get(line.productId)).toMatchObject({ sku: line.sku, title: line.title });
      }
      const sum = order.lines.reduce(
        (total, { quantity, unitPrice }) => total + quantity * unitPrice.amount,
        0,
      );
      expect(order.total.amount).toBe(sum);
    }
  });

  it('in reviews: authors and products exist, and ratings are what the reviews say', () => {
    for (const { userId, productId } of world.reviews) {
      expect([users.has(userId), products.has(productId)]).toEqual([true, true]);
    }
    const byProduct = Map.groupBy(world.reviews, ({ productId }) => productId);
    for (const { id, rating } of world.products) {
      const { average, count, histogram } = summarise(id, byProduct.get(id) ?? []);
      expect(rating).toEqual({ average, count });
      expect(Object.values(histogram).reduce((sum, times) => sum + times, 0)).toBe(count);
    }
  });

  it('in recommendations: one list per user, of products that exist, once each and best first', () => {
    expect(world.recommendations.map(({ userId }) => userId)).toEqual([...users.keys()]);
    for (const { items } of world.recommendations) {
      expect(items.every(({ productId }) => products.has(productId))).toBe(true);
      expect(new Set(items.map(({ productId }) => productId)).size).toBe(items.length);
      expect(items.map(({ score }) => score)).toEqual(items.map(({ score }) => score).sort((a, b) => b - a));
    }
  });

  it('in stock: one entry per sku, whose warehouses add up', () => {
    expect(world.stock.map(({ sku }) => sku)).toEqual(world.products.map(({ sku }) => sku));
    for (const { available, warehouses } of world.stock) {
      expect(warehouses.reduce((sum, warehouse) => sum + warehouse.available, 0)).toBe(available);
    }
  });

  it('in promotions and notifications: products and orders they speak of exist', () => {
    expect(world.promotions.every(({ productId }) => products.has(productId))).toBe(true);
    for (const { userId, kind, link } of world.notifications) {
      expect(users.has(userId)).toBe(true);
      if (kind === 'order') expect(orders.get(link.replace('/orders/', ''))?.customerId).toBe(userId);
      if (kind === 'review') expect(products.has(link.slice('/p/'.length, -'#reviews'.length))).toBe(true);
    }
  });
});

it('nothing happens before its cause: products, then orders, then reviews', () => {
  const created = new Map(world.products.map(({ id, createdAt }) => [id, createdAt]));
  for (const { placedAt, updatedAt, productIds } of world.orders) {
    expect(updatedAt >= placedAt).toBe(true);
    expect(productIds.every((id) => (created.get(id) ?? placedAt) < placedAt)).toBe(true);
  }
  expect(world.reviews.every(({ productId, createdAt }) => (created.get(productId) ?? '') < createdAt)).toBe(
    true,
  );
});

it('lists are newest first', () => {
  for (const dates of [
    world.orders.map(({ placedAt }) => placedAt),
    world.reviews.map(({ createdAt }) => createdAt),
    world.notifications.map(({ createdAt }) => createdAt),
  ]) {
    expect(dates).toEqual([...dates].sort().reverse());
  }
});

it.each(ACCOUNTS)('$login has a full account', ({ userId, name, tier }) => {
  expect(users.get(userId)).toMatchObject({ name, tier });
  expect(world.orders.filter(({ customerId }) => customerId === userId).length).toBeGreaterThanOrEqual(12);
  expect(world.notifications.some((item) => item.userId === userId && !item.read)).toBe(true);
  expect(world.recommendations.find((item) => item.userId === userId)?.items.length).toBeGreaterThan(10);
});

it('some users are new and have no orders yet', () => {
  const customers = new Set(world.orders.map(({ customerId }) => customerId));
  expect(world.users.filter(({ id }) => !customers.has(id)).length).toBeGreaterThan(0);
});
