import { anyone, endpoint, html, type Preload, type SafeHtml } from 'bffkit';
import { z } from 'zod';
import { productMeta } from '../endpoints/product-meta.ts';
import { catalog } from '../upstreams/catalog.ts';
import { Id } from '../upstreams/id.ts';
import { inventory } from '../upstreams/inventory.ts';
import { keptProduct } from '../upstreams/kept.ts';
import { pricing } from '../upstreams/pricing.ts';
import { reviews } from '../upstreams/reviews.ts';
import { shell } from './shell.ts';

const modules = ['app.js', 'api.js', 'progressive.js', 'dom.js', 'parts.js', 'views.js'];

/** What every screen loads. Browsers hear of it before the services are asked. */
const assets: readonly Preload[] = [
  { href: '/app.css', as: 'style' },
  ...modules.map((name): Preload => ({ href: `/${name}`, rel: 'modulepreload' })),
];

/**
 * The product as everybody may see it, ready to read without a script. Who is signed in and what it costs them
 * the script asks: this request may come from another site, and then without the session's cookie.
 */
export const productPage = endpoint('GET', '/products/:id', {
  summary: 'The page of a product.',
  access: anyone(),
  params: z.object({ id: Id }),
  deadlineMs: 1_000,
  earlyHints: assets,
})
  .plan(({ call, optional }) => {
    const item = call(
      catalog.get.pick({
        id: true,
        sku: true,
        title: true,
        subtitle: true,
        description: true,
        brand: true,
        categoryPath: true,
        attributes: true,
        rating: true,
        price: true,
        seo: true,
      }),
      ({ input }) => ({ params: { id: input.params.id } }),
      { cache: keptProduct },
    );
    const price = optional(
      pricing.get.pick({ list: true, now: true, promotion: true }),
      ({ input }) => ({ params: { productId: input.params.id } }),
      { timeoutMs: 250 },
    );
    const stock = optional(
      inventory.get.pick({ status: true }),
      { item },
      ({ item }) => ({ params: { sku: item.sku } }),
      { timeoutMs: 250 },
    );
    const latest = optional(
      reviews.list,
      ({ input }) => ({ query: { product: input.params.id, limit: 5 } }),
      { timeoutMs: 250, fallback: () => ({ items: [] }) },
    );
    return { item, price, stock, latest };
  })
  .render(
    ({ item, price, stock, latest }) => {
      const now = price.ok ? price.value.now : item.price;
      return {
        meta: productMeta(item, now),
        ...shell(html`<article class="product">
  <div class="picture"></div>
  <div class="details">
    <p class="eyebrow">${item.categoryPath.join(' / ')}</p>
    <h1>${item.title}</h1>
    <p class="lead">${item.subtitle}</p>
    <p class="soft">${item.rating.average.toFixed(1)} of 5 stars · ${item.rating.count} reviews</p>
    <p class="now"><b>${money(now)}</b>${price.ok && price.value.promotion !== null && html` <em class="pill good">${price.value.promotion}</em>`}</p>
    <p>${availability(stock.ok ? stock.value.status : undefined)}</p>
    <p class="text">${item.description}</p>
    <dl class="facts">${item.attributes.map(({ name, value }) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
  </div>
</article>
<section><h2>Reviews</h2>
<ul class="reviews">${latest.items.map(
          ({ author, title, body, rating }) =>
            html`<li><div><span class="soft">${rating} of 5</span> <b>${title}</b></div><p>${body}</p><small>${author}</small></li>`,
        )}</ul>
</section>`),
      };
    },
    {
      failed: ({ status }) => ({
        meta: { title: 'Acme', robots: 'noindex' },
        ...shell(
          status === 404 || status === 400
            ? blank('Not found', 'There is nothing at this address any more.')
            : blank('This did not work', 'A part of the shop does not answer. Try again in a moment.'),
        ),
      }),
    },
  );

function blank(title: string, text: string): SafeHtml {
  return html`<section class="blank"><h1>${title}</h1><p>${text}</p><div class="actions"><a class="button second" href="/">Back home</a></div></section>`;
}

function money({ amount, currency }: { readonly amount: number; readonly currency: string }): string {
  return new Intl.NumberFormat('en-IE', { style: 'currency', currency }).format(amount / 100);
}

function availability(status: 'in_stock' | 'low' | 'out_of_stock' | undefined): string {
  if (status === undefined) return 'Availability cannot be shown right now.';
  return { in_stock: 'In stock', low: 'Only a few left', out_of_stock: 'Out of stock' }[status];
}
