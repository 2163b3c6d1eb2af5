/**
 * Fastify, with `undici.request`.
 *
 * @module
 */
import Fastify from 'fastify';
import { request } from 'undici';
import type { Payloads } from '../work/payloads.ts';
import { feedOf, homeOf } from '../work/trim.ts';
import { dispatcher } from './agent.ts';
import { announce, readAssignment } from './gateway.ts';

const { services } = readAssignment();

async function read<Name extends keyof Payloads>(name: Name): Promise<Payloads[Name]> {
  const { body } = await request(services[name], { dispatcher });
  return (await body.json()) as Payloads[Name];
}

const fastify = Fastify();

fastify.get('/s1', async (_request, reply) => {
  const { body } = await request(services.product, { dispatcher });
  return reply.type('application/json').send(await body.text());
});

fastify.get('/s2', async () => {
  const [profile, orders, products] = await Promise.all([read('profile'), read('orders'), read('products')]);
  return homeOf({ profile, orders, products });
});

fastify.get('/s3', async () => {
  const [account, purchases, recommendations, reviews, notifications, prices] = await Promise.all([
    read('account'),
    read('purchases'),
    read('recommendations'),
    read('reviews'),
    read('notifications'),
    read('prices'),
  ]);
  return feedOf({ account, purchases, recommendations, reviews, notifications, prices });
});

await fastify.listen({ port: 0, host: '127.0.0.1' });
announce(fastify.server.address());
