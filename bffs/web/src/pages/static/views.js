/** The screens. Each asks the BFF one question and shows the answer. */
import { ask, follow } from './api.js';
import { h, say } from './dom.js';
import { art, blank, card, day, degraded, money, nothing, skeleton, stars } from './parts.js';

/** Where signing in leads back to. */
export function loginUrl() {
  return `/bff/login?returnTo=${encodeURIComponent(location.pathname + location.search)}`;
}

export const welcome = {
  title: 'Acme',
  render: () => [
    h(
      'section',
      { class: 'hero' },
      h(
        'div',
        {},
        h('p', { class: 'eyebrow' }, 'The Acme shop'),
        h('h1', {}, 'Everything you ordered, and what comes next.'),
        h(
          'p',
          { class: 'lead' },
          'Sign in for your orders, messages and recommendations. Five services answer as one screen, and your browser holds nothing but a cookie.',
        ),
        h(
          'div',
          { class: 'actions' },
          h('a', { class: 'button', href: loginUrl() }, 'Sign in'),
          h('a', { class: 'button second', href: '/search?q=oak' }, 'Look around first'),
        ),
        h(
          'p',
          { class: 'hint' },
          'Demo customers: ',
          h('code', {}, 'ada'),
          ', ',
          h('code', {}, 'grace'),
          ' and ',
          h('code', {}, 'linus'),
          '. The password is the name.',
        ),
      ),
      h(
        'div',
        { class: 'shelf', 'aria-hidden': 'true' },
        ['prd_00007', 'prd_00021', 'prd_00015', 'prd_00012'].map(art),
      ),
    ),
  ],
};

export const home = {
  title: 'Home – Acme',
  waiting: () => [
    ...skeleton('heading'),
    h('section', {}, h('h2', {}, 'Latest orders'), h('div', { class: 'rows' }, skeleton('wait', 4))),
    h('section', {}, h('h2', {}, 'Picked for you'), h('div', { class: 'grid' }, skeleton('tile', 4))),
  ],
  load: (signal, _params, onUpdate) => follow('/api/home?orders=5', { signal, onUpdate }),
  render: ({ body, missing, pending }, { again }) => {
    const lost = (node) => missing.includes(node);
    const comes = (...nodes) => nodes.some((node) => pending.includes(node));
    const unread =
      body.unread === null
        ? undefined
        : body.unread === 0
          ? 'No new messages'
          : `${body.unread} new ${body.unread === 1 ? 'message' : 'messages'}`;
    return [
      degraded(missing, again),
      h(
        'div',
        { class: 'greeting' },
        h('h1', {}, body.greeting),
        h(
          'p',
          {},
          h('em', { class: 'pill' }, `${body.tier} member`),
          unread === undefined
            ? undefined
            : h('span', { class: body.unread > 0 ? 'unread' : 'soft' }, unread),
        ),
      ),
      h(
        'section',
        {},
        h('h2', {}, 'Latest orders'),
        comes('recent')
          ? h('div', { class: 'rows' }, skeleton('wait', 4))
          : body.orders.length > 0
            ? h('ul', { class: 'rows' }, body.orders.map(orderRow))
            : nothing(
                lost('recent')
                  ? 'Your orders cannot be shown right now.'
                  : 'You have not ordered anything yet.',
              ),
      ),
      h(
        'section',
        {},
        h('h2', {}, 'Picked for you'),
        comes('suggestions', 'products')
          ? h('div', { class: 'grid' }, skeleton('tile', 4))
          : body.recommended.length > 0
            ? h('div', { class: 'grid' }, body.recommended.map(card))
            : nothing(
                lost('suggestions') || lost('products')
                  ? 'Recommendations cannot be shown right now.'
                  : 'Nothing yet. Look at a few products first.',
              ),
      ),
    ];
  },
};

function orderRow({ id, status, placedAt, total, titles }) {
  const [first, ...others] = titles;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return h(
    'li',
    { class: 'row' },
    h(
      'div',
      { class: 'what' },
      h(
        'b',
        {},
        first === undefined ? `Order ${id}` : first,
        more === '' ? undefined : h('span', { class: 'soft' }, more),
      ),
      h('small', {}, `${day(placedAt)} · ${id}`),
    ),
    h('em', { class: `pill ${tones[status] ?? ''}` }, status),
    h('span', { class: 'number' }, money(total)),
  );
}

const tones = {
  delivered: 'good',
  shipped: 'good',
  cancelled: 'bad',
  in_stock: 'good',
  low: 'warn',
  out_of_stock: 'bad',
};

export const product = {
  title: 'Product – Acme',
  waiting: () => [
    h(
      'div',
      { class: 'product' },
      skeleton('picture'),
      h('div', {}, skeleton('heading'), skeleton('line', 4)),
    ),
  ],
  load: (signal, { id }) => ask(`/api/products/${encodeURIComponent(id)}`, { signal }),
  titleOf: ({ body }) => `${body.title} – Acme`,
  render: ({ body, missing }, { again, user }) => {
    const { price, stock } = body;
    const isLess = price.now.amount < price.list.amount;
    return [
      degraded(missing, again),
      h(
        'article',
        { class: 'product' },
        h('div', { class: 'picture' }, art(body.id)),
        h(
          'div',
          { class: 'details' },
          h('p', { class: 'eyebrow' }, body.categoryPath.join(' / ')),
          h('h1', {}, body.title),
          h('p', { class: 'lead' }, body.subtitle),
          stars(body.rating),
          h(
            'p',
            { class: 'now' },
            h('b', {}, money(price.now)),
            isLess ? h('s', {}, money(price.list)) : undefined,
            price.promotion ? h('em', { class: 'pill good' }, price.promotion) : undefined,
          ),
          h('p', {}, availability(stock)),
          buy(body, user),
          h('p', { class: 'text' }, body.description),
          h(
            'dl',
            { class: 'facts' },
            body.attributes.map(({ name, value }) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
          ),
        ),
      ),
      h(
        'section',
        {},
        h('h2', {}, 'Reviews'),
        body.reviews.length > 0
          ? h('ul', { class: 'reviews' }, body.reviews.map(reviewItem))
          : nothing(
              missing.includes('latest')
                ? 'Reviews cannot be shown right now.'
                : 'Nobody has reviewed this yet.',
            ),
      ),
      body.related.length > 0
        ? h(
            'section',
            {},
            h('h2', {}, 'You may also like'),
            h('div', { class: 'grid' }, body.related.map(card)),
          )
        : undefined,
    ];
  },
};

function availability(stock) {
  if (stock === null) return h('span', { class: 'soft' }, 'Availability cannot be shown right now.');
  const words = { in_stock: 'In stock', low: `Only ${stock.available} left`, out_of_stock: 'Out of stock' };
  const back = stock.restockAt === null ? '' : ` – back on ${day(stock.restockAt)}`;
  return h(
    'em',
    { class: `pill ${tones[stock.status] ?? ''}` },
    (words[stock.status] ?? stock.status) + (stock.status === 'out_of_stock' ? back : ''),
  );
}

function buy({ id, title, stock }, user) {
  if (user === undefined) return h('p', {}, h('a', { class: 'button', href: loginUrl() }, 'Sign in to buy'));
  const note = h('span', { class: 'soft', role: 'status' });
  const button = h(
    'button',
    { class: 'button', type: 'button', disabled: stock?.status === 'out_of_stock', onclick: add },
    'Add to cart',
  );
  async function add() {
    button.disabled = true;
    note.textContent = 'Adding …';
    try {
      const { body } = await ask('/api/cart/items', { method: 'POST', body: { productId: id, quantity: 1 } });
      const count = body.items.reduce((sum, { quantity }) => sum + quantity, 0);
      note.textContent = `In your cart: ${count} ${count === 1 ? 'item' : 'items'}.`;
      say(`${title} is in your cart.`);
    } catch (failure) {
      note.textContent = failure.status === 401 ? 'Please sign in again.' : failure.message;
    }
    button.disabled = false;
  }
  return h('p', { class: 'actions' }, button, note);
}

function reviewItem({ author, rating, title, body, verified, createdAt }) {
  return h(
    'li',
    {},
    h('div', {}, stars({ average: rating }), h('b', {}, title)),
    h('p', {}, body),
    h('small', {}, `${author} · ${day(createdAt)}${verified ? ' · verified purchase' : ''}`),
  );
}

export const search = {
  title: 'Search – Acme',
  waiting: () => [...skeleton('heading'), h('div', { class: 'grid' }, skeleton('tile', 8))],
  load: (signal, { q }) => ask(`/api/search?q=${encodeURIComponent(q)}&limit=24`, { signal }),
  render: ({ body, missing }, { again, params }) =>
    body.items.length === 0
      ? [
          blank(
            `Nothing found for “${params.q}”`,
            'Try a shorter word, such as lamp, oak or tent.',
            h('a', { class: 'button second', href: '/' }, 'Back home'),
          ),
        ]
      : [
          degraded(missing, again),
          h(
            'div',
            { class: 'greeting' },
            h('h1', {}, `Results for “${params.q}”`),
            h('p', { class: 'soft' }, `${body.total} ${body.total === 1 ? 'product' : 'products'}`),
          ),
          h('div', { class: 'grid' }, body.items.map(card)),
        ],
};
