import { encodeCursor } from 'bffkit';
import { asCaller, type FakeUpstream, testBff } from 'bffkit/testing';
import { describe, expect, test } from 'vitest';
import { feed } from './feed.ts';

const ada = asCaller('usr_1', 'profile:read', 'orders:read');
const eur = (amount: number) => ({ amount, currency: 'EUR' });
const down: FakeUpstream = () => ({ status: 503 });

const shop: Readonly<Record<string, FakeUpstream>> = {
  users: () => ({ body: { name: 'Ada', tier: 'pro', passwordHash: 'never to be seen' } }),
  orders: () => ({
    body: {
      items: [
        {
          id: 'ord_1',
          status: 'paid',
          placedAt: '2026-10-20T08:00:00Z',
          total: eur(900),
          lines: [{ title: 'Lamp' }],
          fraudScore: 0.9,
        },
      ],
      next: 'orders-2',
    },
  }),
  notifications: () => ({
    body: {
      items: [
        {
          id: 'ntf_2',
          userId: 'usr_1',
          title: 'Payment received',
          body: 'Thank you.',
          link: '/orders/ord_1',
          read: false,
          createdAt: '2026-10-21T08:00:00.500Z',
        },
        {
          id: 'ntf_1',
          userId: 'usr_1',
          title: 'New terms',
          body: 'From December on.',
          link: '/terms',
          read: true,
          createdAt: '2026-09-01T08:00:00Z',
        },
      ],
      next: 'news-2',
      unreadCount: 1,
    },
  }),
  recommendations: () => ({
    body: {
      items: [
        { productId: 'prd_2', score: 0.9, reason: 'It sells well' },
        { productId: 'prd_gone', score: 0.8, reason: 'It sold well' },
        { productId: 'prd_1', score: 0.7, reason: 'You like lamps' },
      ],
    },
  }),
  catalog: () => ({
    body: [
      { id: 'prd_1', title: 'Bulb', price: eur(50), images: [], internalCost: eur(1) },
      { id: 'prd_2', title: 'Kettle', price: eur(300), images: [{ url: 'https://img/2' }] },
    ],
  }),
  reviews: () => ({ body: [{ productId: 'prd_2', average: 4.5, count: 12, histogram: { 5: 12 } }] }),
  pricing: () => ({ body: [{ productId: 'prd_2', now: eur(279), marginPercent: 60 }] }),
};

const orderCard = {
  type: 'order',
  id: 'ord_1',
  at: '2026-10-20T08:00:00Z',
  status: 'paid',
  title: 'Lamp',
  total: eur(900),
};
const newsCards = [
  {
    type: 'news',
    id: 'ntf_2',
    at: '2026-10-21T08:00:00.500Z',
    title: 'Payment received',
    body: 'Thank you.',
    link: '/orders/ord_1',
    read: false,
  },
  {
    type: 'news',
    id: 'ntf_1',
    at: '2026-09-01T08:00:00Z',
    title: 'New terms',
    body: 'From December on.',
    link: '/terms',
    read: true,
  },
] as const;
const kettle = {
  id: 'prd_2',
  title: 'Kettle',
  imageUrl: 'https://img/2',
  reason: 'It sells well',
  price: eur(279),
  rating: { average: 4.5, count: 12 },
};
const bulb = {
  id: 'prd_1',
  title: 'Bulb',
  imageUrl: null,
  reason: 'You like lamps',
  price: eur(50),
  rating: null,
};
const firstPage = {
  name: 'Ada',
  items: [newsCards[0], orderCard, newsCards[1]],
  suggestions: [kettle, bulb],
  next: encodeCursor({ orders: 'orders-2', news: 'news-2' }),
};

async function ask(changed: Readonly<Record<string, FakeUpstream>> = {}, cursor?: string, headers = ada) {
  const bff = testBff([feed], { ...shop, ...changed });
  const query = cursor === undefined ? '' : `?cursor=${cursor}`;
  const response = await bff.app.request(`/v1/feed${query}`, { headers });
  const asked = bff.requests.map(({ upstream, target }) => `${upstream} ${target}`);
  return { response, body: await response.json(), asked };
}

describe('the first page', () => {
  test('joins seven services: cards newest first, suggestions in the order they were recommended', async () => {
    const { response, body, asked } = await ask();
    expect(response.status).toBe(200);
    expect(body).toEqual(firstPage);
    expect(response.headers.get('bff-degraded')).toBeNull();
    expect(asked.toSorted()).toEqual([
      'catalog /products/batch?ids=prd_2,prd_gone,prd_1',
      'notifications /notifications?user=usr_1&limit=5',
      'orders /orders?customer=usr_1&limit=5',
      'pricing /prices/batch?ids=prd_2,prd_gone,prd_1&tier=pro',
      'recommendations /recommendations/usr_1?limit=6',
      'reviews /summaries/batch?ids=prd_2,prd_gone,prd_1',
      'users /users/usr_1',
    ]);
  });

  test.each([
    [
      'orders, which the next page asks for again',
      'orders',
      'ordered',
      { ...firstPage, items: newsCards, next: encodeCursor({ news: 'news-2' }) },
    ],
    [
      'notifications, which the next page asks for again',
      'notifications',
      'news',
      { ...firstPage, items: [orderCard], next: encodeCursor({ orders: 'orders-2' }) },
    ],
    ['recommendations', 'recommendations', 'suggested', { ...firstPage, suggestions: [] }],
    ['the catalog', 'catalog', 'products', { ...firstPage, suggestions: [] }],
    ['ratings', 'reviews', 'ratings', { ...firstPage, suggestions: [{ ...kettle, rating: null }, bulb] }],
    [
      'prices, at the list price',
      'pricing',
      'prices',
      { ...firstPage, suggestions: [{ ...kettle, price: eur(300) }, bulb] },
    ],
  ])('survives without %s', async (_what, upstream, node, expected) => {
    const { response, body } = await ask({ [upstream]: down });
    expect(response.status).toBe(200);
    expect(body).toEqual(expected);
    expect(response.headers.get('bff-degraded')).toBe(node);
  });

  test('survives without six of the seven', async () => {
    const { users } = shop;
    const bff = testBff([feed], {
      ...Object.fromEntries(Object.keys(shop).map((name) => [name, down])),
      users: users ?? down,
    });
    const response = await bff.app.request('/v1/feed', { headers: ada });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      name: 'Ada',
      items: [],
      suggestions: [],
      next: encodeCursor({}),
    });
  });

  test.each([
    ['is not found for a caller the shop does not know', 404, 404],
    ['does not survive without the profile', 503, 502],
  ])('%s', async (_sentence, upstreamStatus, status) => {
    const { response } = await ask({ users: () => ({ status: upstreamStatus }) });
    expect(response.status).toBe(status);
  });

  test('asks for nothing about suggestions when there are none', async () => {
    const { body, asked } = await ask({ recommendations: () => ({ body: { items: [] } }) });
    expect(body).toEqual({ ...firstPage, suggestions: [] });
    expect(asked.filter((line) => /^(catalog|reviews|pricing) /.test(line))).toEqual([]);
  });
});

describe('a further page', () => {
  test('asks the paged sources only, each from its own position', async () => {
    const { body, asked } = await ask({}, firstPage.next);
    expect(body).toEqual({ ...firstPage, name: null, suggestions: [] });
    expect(asked).toEqual([
      'orders /orders?customer=usr_1&limit=5&cursor=orders-2',
      'notifications /notifications?user=usr_1&limit=5&cursor=news-2',
    ]);
  });

  test('survives without the profile', async () => {
    const { response } = await ask({ users: down }, firstPage.next);
    expect(response.status).toBe(200);
  });

  test('asks a source that has ended no more', async () => {
    const { body, asked } = await ask({}, encodeCursor({ orders: null, news: 'news-2' }));
    expect(body).toMatchObject({ items: newsCards, next: encodeCursor({ orders: null, news: 'news-2' }) });
    expect(asked).toEqual(['notifications /notifications?user=usr_1&limit=5&cursor=news-2']);
  });

  test('keeps the position of a source that fails', async () => {
    const { body } = await ask({ orders: down }, encodeCursor({ orders: 'orders-2', news: 'news-2' }));
    expect(body).toMatchObject({
      items: newsCards,
      next: encodeCursor({ orders: 'orders-2', news: 'news-2' }),
    });
  });

  test('is the last when both sources have ended', async () => {
    const end = { items: [], next: null, unreadCount: 0 };
    const { body } = await ask(
      { orders: () => ({ body: end }), notifications: () => ({ body: end }) },
      firstPage.next,
    );
    expect(body).toEqual({ name: null, items: [], suggestions: [], next: null });
  });
});

test('stays within 4 KB when every part is as long as it gets', async () => {
  const long = 'x'.repeat(100);
  const bff = testBff([feed], {
    ...shop,
    orders: () => ({
      body: {
        items: Array(5).fill({
          id: 'ord_000001',
          status: 'delivered',
          placedAt: '2026-10-20T08:00:00.000Z',
          total: eur(90_000),
          lines: [{ title: long.slice(0, 60) }],
        }),
        next: 'x'.repeat(80),
      },
    }),
    notifications: () => ({
      body: {
        items: Array(5).fill({
          id: 'ntf_00001',
          title: long.slice(0, 60),
          body: long,
          link: '/orders/ord_000001',
          read: false,
          createdAt: '2026-10-20T08:00:00.000Z',
        }),
        next: 'x'.repeat(80),
        unreadCount: 99,
      },
    }),
  });
  const response = await bff.app.request('/v1/feed', { headers: ada });
  expect((await response.text()).length).toBeLessThan(4_096);
});

test.each([
  ['no cursor at all', 'cursor-2'],
  ['of another list', encodeCursor('orders-2')],
  ['with an unknown source', encodeCursor({ orders: null, friends: 'x' })],
  ['with a position of another type', encodeCursor({ orders: 5 })],
  ['with a position too long to be one', encodeCursor({ orders: 'x'.repeat(301) })],
  ['empty', ''],
])('refuses a cursor that is %s without asking a service', async (_what, cursor) => {
  const { response, body, asked } = await ask({}, cursor);
  expect(response.status).toBe(400);
  expect(body).toMatchObject({ errors: [{ pointer: '/query/cursor' }] });
  expect(asked).toEqual([]);
});

test.each([
  ['nobody', {}, 401],
  ['a caller without the scope orders:read', asCaller('usr_1', 'profile:read'), 403],
  ['a caller without the scope profile:read', asCaller('usr_1', 'orders:read'), 403],
])('refuses %s without asking a service', async (_who, headers, status) => {
  const { response, asked } = await ask({}, undefined, headers);
  expect(response.status).toBe(status);
  expect(asked).toEqual([]);
});
