import { expect, test } from 'vitest';
import { z } from 'zod';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { get, upstream } from '../upstream/operation.ts';
import { recordReads } from './record-reads.ts';

const Part = z.object({ id: z.string() });
const shop = upstream('shop', {
  operations: {
    get: get('/parts/:id', { response: Part }),
    list: get('/parts', { response: z.array(Part), query: z.object({ ids: z.array(z.string()) }) }),
  },
});
const options = { summary: 'Part.', access: anyone(), deadlineMs: 500 } as const;

test('what each request function reads is told by node, what is passed on included', () => {
  const home = endpoint('GET', '/home/:id', options)
    .plan(({ call, each, derive }) => {
      const mine = call(shop.get, ({ principal }) => ({ params: { id: principal?.subject ?? '' } }));
      const part = call(shop.get, { mine }, ({ mine, input }) => ({
        params: { id: mine.id + input.params.id },
      }));
      const ids = derive({ part }, ({ part }) => [part.id]);
      return {
        mine,
        part,
        ids,
        more: each(ids, shop.list, { by: 'id', max: 5, request: (keys) => ({ query: { ids: keys } }) }),
      };
    })
    .respond(Part, ({ part }) => part);
  const scope = { input: { params: { id: '1' } }, principal: { subject: 'ada' }, mine: { id: '2' } };
  expect(recordReads(home, scope)).toEqual({
    mine: ['principal', 'principal.subject'],
    part: ['input', 'input.params', 'input.params.id', 'mine', 'mine.id'],
    more: [],
  });
});

test('an endpoint without a plan has nothing to record', () => {
  const loop = endpoint('GET', '/loop', options).handle(Part, async () => ({ id: '' }));
  expect(() => recordReads(loop, {})).toThrow('recordReads: GET /loop has no plan');
});
