/**
 * What the compiler accepts and refuses of pages and hints: each `@ts-expect-error` stands directly above the line it is about.
 */
import { anyone, endpoint, get, html, type PageHints, renderHead, signedIn, ssr, upstream } from 'bffkit';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';

const User = z.object({ id: z.string(), name: z.string() });
const users = upstream('users', { operations: { get: get('/users/:id', { response: User }) } });
const options = { summary: 'x', access: signedIn(), deadlineMs: 100 } as const;

test('a page sees the values of its plan and its input, never who is signed in', () => {
  endpoint('GET', '/people/:id', options)
    .plan(({ call }) => ({
      user: call(users.get.pick({ name: true }), ({ input }) => ({ params: { id: input.params.id } })),
    }))
    .render((scope) => {
      expectTypeOf(scope.user.name).toBeString();
      expectTypeOf(scope.input.params.id).toBeString();
      // @ts-expect-error a first visit comes without the cookie
      void scope.principal;
      // @ts-expect-error not picked
      void scope.user.id;
      return { meta: { title: scope.user.name }, body: html`<h1>${scope.user.name}</h1>` };
    });
});

test('a page is made of HTML that was made safely', () => {
  const planned = endpoint('GET', '/x', { ...options, access: anyone() }).plan(({ derive }) => ({
    one: derive({}, () => 1),
  }));
  // @ts-expect-error text is no HTML
  planned.render(() => ({ meta: { title: 'x' }, body: '<h1>x</h1>' }));
  // @ts-expect-error a page has a title
  planned.render(() => ({ meta: {}, body: html`x` }));
  // @ts-expect-error an object is no text
  html`${{ name: 'x' }}`;
});

test('hints are typed', () => {
  expectTypeOf(ssr({ meta: { title: 'x' } })).toEqualTypeOf<PageHints>();
  // @ts-expect-error no such use
  ssr({ meta: { title: 'x' }, preload: [{ href: '/x', as: 'picture' }] });
  // @ts-expect-error JSON-LD is JSON
  renderHead({ title: 'x', jsonLd: [{ at: new Date() }] });
});
