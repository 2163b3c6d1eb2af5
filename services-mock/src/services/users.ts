/**
 * The users service: who the customers are.
 *
 * @module
 */
import * as z from 'zod';
import { indexBy } from '../data/index-by.ts';
import type { World } from '../data/world.ts';
import { IdList, lookUp } from '../rest/batch.ts';
import { AnyId, pageOf, pageQuery, paginate } from '../rest/page.ts';
import { type Route, route } from '../rest/route.ts';
import { found } from '../rest/service-error.ts';
import { component } from '../schemas/component.ts';
import { User } from '../schemas/user.ts';

const UserPage = component('UserPage', pageOf(User));

/** The routes of the users service. */
export function usersService({ users }: World): readonly Route[] {
  const byId = indexBy(users, ({ id }) => id);
  return [
    route({
      method: 'get',
      path: '/users',
      operationId: 'listUsers',
      summary: 'All users, by id',
      query: pageQuery,
      status: 200,
      answer: UserPage,
      errors: [],
      handle: ({ query }) => paginate(users, query),
    }),
    route({
      method: 'get',
      path: '/users/batch',
      operationId: 'getUsers',
      summary: 'Several users at once',
      query: { ids: IdList },
      status: 200,
      answer: z.array(User),
      errors: [],
      handle: ({ query }) => lookUp(query.ids, (id) => byId.get(id)),
    }),
    route({
      method: 'get',
      path: '/users/:id',
      operationId: 'getUser',
      summary: 'One user',
      params: { id: AnyId },
      status: 200,
      answer: User,
      errors: [404],
      handle: ({ params }) => found(byId.get(params.id), 'user'),
    }),
  ];
}
