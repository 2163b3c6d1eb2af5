import { anyone, endpoint, get, type Operation, upstream, type Whole } from 'bffkit';
import { z } from 'zod';
const P = z.object({ id: z.string() });
const catalog = upstream('catalog', { operations: { get: get('/p', { response: P }), many: get('/ps', { response: z.array(P) }) } });
endpoint('GET', '/x', { summary: 'X.', access: anyone(), deadlineMs: 100 }).plan(({ each, derive }) => {
  const ids = derive({}, () => ['a']);
  return {
    items: each(ids, catalog.get, { by: 'id', max: 1, request: () => ({}) }),
    items2: each(ids, catalog.many.whole(), { by: 'id', max: 1, request: () => ({}) }),
  };
});
export const a: Operation<{}, string[]> = null as unknown as Operation<{}, number>;
export const b: Operation<{}, string[]> = null as unknown as Operation<{}, Whole<string[]>>;
export const c: Operation<{}, {a: string}> = null as unknown as Operation<{}, {b: string}>;
