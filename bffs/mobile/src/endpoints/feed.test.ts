import { asCaller, type FakeUpstream, requireBudget, testBff } from 'bffkit/testing';
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
  next: expect.any(String),
};

async function ask(changed: Readonly<Record<string, FakeUpstream>> = {}, cursor?: string, headers = ada) {
  const bff = testBff([feed], { ...shop, ...changed });
  const query = cursor === undefined ? '' : `?cursor=${cursor}`;
  const response = await bff.app.request(`/v1/feed${query}`, { headers });
  const asked = bff.requests.map(({ upstream, target }) => `${upstream} ${target}`);
  return { response, body: await response.json(), asked };
}

const fromStart = {
  orders: 'orders /orders?customer=usr_1&limit=5',
  news: 'notifications /notifications?user=usr_1&limit=5',
};
const goingOn = { orders: `${fromStart.orders}&cursor=orders-2`, news: `${fromStart.news}&cursor=news-2` };
const nextAsks = [goingOn.orders, goingOn.news];
const ended: FakeUpstream = () => ({ body: { items: [], next: null, unreadCount: 0 } });

/** The cursor that the first page of such a shop gives. */
async function cursorAfter(changed: Readonly<Record<string, FakeUpstream>>, headers = ada): Promise<string> {
  return String((await ask(changed, undefined, headers)).body.next);
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
      { ...firstPage, items: newsCards },
      [fromStart.orders, goingOn.news],
    ],
    [
      'notifications, which the next page asks for again',
      'notifications',
      'news',
      { ...firstPage, items: [orderCard] },
      [goingOn.orders, fromStart.news],
    ],
    ['recommendations', 'recommendations', 'suggested', { ...firstPage, suggestions: [] }, nextAsks],
    ['the catalog', 'catalog', 'products', { ...firstPage, suggestions: [] }, nextAsks],
    [
      'ratings',
      'reviews',
      'ratings',
      { ...firstPage, suggestions: [{ ...kettle, rating: null }, bulb] },
      nextAsks,
    ],
    [
      'prices, at the list price',
      'pricing',
      'prices',
      { ...firstPage, suggestions: [{ ...kettle, price: eur(300) }, bulb] },
      nextAsks,
    ],
  ])('survives without %s', async (_what, upstream, node, expected, next) => {
    const { response, body } = await ask({ [upstream]: down });
    expect(response.status).toBe(200);
    expect(body).toEqual(expected);
    expect(response.headers.get('bff-degraded')).toBe(node);
    expect((await ask({}, body.next)).asked).toEqual(next);
  });

  test('survives without six of the seven', async () => {
    const { users } = shop;
    const allDown = Object.fromEntries(Object.keys(shop).map((name) => [name, down]));
    const { response, body } = await ask({ ...allDown, users: users ?? down });
    expect(response.status).toBe(200);
    expect(body).toEqual({ name: 'Ada', items: [], suggestions: [], next: expect.any(String) });
    expect((await ask({}, body.next)).asked).toEqual([fromStart.orders, fromStart.news]);
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
    const { body, asked } = await ask({}, await cursorAfter({}));
    expect(body).toEqual({ ...firstPage, name: null, suggestions: [] });
    expect(asked).toEqual(nextAsks);
  });

  test('survives without the profile', async () => {
    const { response } = await ask({ users: down }, await cursorAfter({}));
    expect(response.status).toBe(200);
  });

  test('asks a source that has ended no more', async () => {
    const { body, asked } = await ask({}, await cursorAfter({ orders: ended }));
    expect(body).toMatchObject({ items: newsCards });
    expect(asked).toEqual([goingOn.news]);
    expect((await ask({}, body.next)).asked).toEqual([goingOn.news]);
  });

  test('keeps the position of a source that fails', async () => {
    const { body } = await ask({ orders: down }, await cursorAfter({}));
    expect(body).toMatchObject({ items: newsCards });
    expect((await ask({}, body.next)).asked).toEqual(nextAsks);
  });

  test('is the last when both sources have ended', async () => {
    const { body } = await ask({ orders: ended, notifications: ended }, await cursorAfter({}));
    expect(body).toEqual({ name: null, items: [], suggestions: [], next: null });
  });
});

test('stays within its budget when every part is as long as it gets', async () => {
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
  requireBudget(feed, await response.text());
});

test.each([
  ['no cursor at all', () => 'cursor-2'],
  ['empty', () => ''],
  ['of another caller', () => cursorAfter({}, asCaller('usr_2', 'profile:read', 'orders:read'))],
])('refuses a cursor that is %s without asking a service', async (_what, cursor) => {
  const { response, body, asked } = await ask({}, await cursor());
  expect(response.status).toBe(400);
  expect(body).toMatchObject({ code: 'invalid-cursor', errors: [{ pointer: '/query/cursor' }] });
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
