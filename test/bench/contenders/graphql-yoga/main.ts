/**
 * GraphQL Yoga on Node's own server; each resolver reads one service with `undici.request`.
 *
 * @module
 */
import { createServer } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';
import { request } from 'undici';
import type { Payloads } from '../../work/payloads.ts';
import { dispatcher } from '../agent.ts';
import { announce, readAssignment } from '../gateway.ts';
import { typeDefs } from './schema.ts';

const { services } = readAssignment();

async function read(name: keyof Payloads): Promise<unknown> {
  const { body } = await request(services[name], { dispatcher });
  return body.json();
}

const yoga = createYoga({
  logging: false,
  schema: createSchema({
    typeDefs,
    resolvers: {
      Query: {
        profile: () => read('profile'),
        orders: () => read('orders'),
        products: () => read('products'),
        account: () => read('account'),
        purchases: () => read('purchases'),
        recommendations: () => read('recommendations'),
        reviews: () => read('reviews'),
        notifications: () => read('notifications'),
        prices: () => read('prices'),
      },
    },
  }),
});

const server = createServer((incoming, response) => void yoga(incoming, response));
server.listen(0, '127.0.0.1', () => announce(server.address()));
