/**
 * Express 5, with the global `fetch`.
 *
 * @module
 */
import express from 'express';
import type { Payloads } from '../work/payloads.ts';
import { feedOf, homeOf } from '../work/trim.ts';
import { announce, readAssignment } from './gateway.ts';

const { services } = readAssignment();

async function read<Name extends keyof Payloads>(name: Name): Promise<Payloads[Name]> {
  const response = await fetch(services[name]);
  return (await response.json()) as Payloads[Name];
}

const app = express();

app.get('/s1', async (_request, response) => {
  const answer = await fetch(services.product);
  response.type('json').send(await answer.text());
});

app.get('/s2', async (_request, response) => {
  const [profile, orders, products] = await Promise.all([read('profile'), read('orders'), read('products')]);
  response.json(homeOf({ profile, orders, products }));
});

app.get('/s3', async (_request, response) => {
  const [account, purchases, recommendations, reviews, notifications, prices] = await Promise.all([
    read('account'),
    read('purchases'),
    read('recommendations'),
    read('reviews'),
    read('notifications'),
    read('prices'),
  ]);
  response.json(feedOf({ account, purchases, recommendations, reviews, notifications, prices }));
});

const server = app.listen(0, '127.0.0.1', () => announce(server.address()));
