/**
 * Hono on its Node server, with the global `fetch`.
 *
 * @module
 */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Payloads } from '../work/payloads.ts';
import { feedOf, homeOf } from '../work/trim.ts';
import { announce, readAssignment } from './gateway.ts';

const { services } = readAssignment();

async function read<Name extends keyof Payloads>(name: Name): Promise<Payloads[Name]> {
  const response = await fetch(services[name]);
  return (await response.json()) as Payloads[Name];
}

const app = new Hono();

app.get('/s1', () => fetch(services.product));

app.get('/s2', async (c) => {
  const [profile, orders, products] = await Promise.all([read('profile'), read('orders'), read('products')]);
  return c.json(homeOf({ profile, orders, products }));
});

app.get('/s3', async (c) => {
  const [account, purchases, recommendations, reviews, notifications, prices] = await Promise.all([
    read('account'),
    read('purchases'),
    read('recommendations'),
    read('reviews'),
    read('notifications'),
    read('prices'),
  ]);
  return c.json(feedOf({ account, purchases, recommendations, reviews, notifications, prices }));
});

serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, announce);
