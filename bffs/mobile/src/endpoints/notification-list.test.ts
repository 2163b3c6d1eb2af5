import { asCaller, type FakeUpstream, testBff } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { notificationList } from './notification-list.ts';

const ada = asCaller('usr_1', 'profile:read');
const notification = {
  id: 'ntf_1',
  kind: 'order',
  title: 'Delivered',
  body: 'Your parcel has arrived.',
  link: '/orders/ord_1',
  read: false,
  createdAt: '2026-10-01T08:00:00Z',
};
const shop: Readonly<Record<string, FakeUpstream>> = {
  notifications: () => ({
    body: { items: [{ ...notification, userId: 'usr_1' }], next: 'cursor-2', unreadCount: 3 },
  }),
};

async function ask(changed: Readonly<Record<string, FakeUpstream>> = {}, query = '', headers = ada) {
  const bff = testBff([notificationList], { ...shop, ...changed });
  const response = await bff.app.request(`/v1/notifications${query}`, { headers });
  const asked = bff.requests.map(({ upstream, target }) => `${upstream} ${target}`);
  return { response, body: await response.json(), asked };
}

test('lists the caller’s own notifications and counts the unread ones', async () => {
  const { response, body, asked } = await ask();
  expect(response.status).toBe(200);
  expect(body).toEqual({ items: [notification], next: expect.any(String), unread: 3 });
  expect(asked).toEqual(['notifications /notifications?user=usr_1&limit=20']);
});

test('hands limit and cursor to the notifications service', async () => {
  const { body } = await ask();
  const { asked } = await ask({}, `?limit=50&cursor=${body.next}`);
  expect(asked).toEqual(['notifications /notifications?user=usr_1&limit=50&cursor=cursor-2']);
});

test('does not survive without the notifications', async () => {
  const { response } = await ask({ notifications: () => ({ status: 503 }) });
  expect(response.status).toBe(502);
});

test.each(['?limit=0', '?limit=51', '?cursor=', '?cursor=cursor-2', '?user=usr_2'])(
  'refuses the query "%s" without asking a service',
  async (query) => {
    const { response, asked } = await ask({}, query);
    expect(response.status).toBe(400);
    expect(asked).toEqual([]);
  },
);

test.each([
  ['nobody', {}, 401],
  ['a caller without the scope profile:read', asCaller('usr_1', 'orders:read'), 403],
])('refuses %s without asking a service', async (_who, headers, status) => {
  const { response, asked } = await ask({}, '', headers);
  expect(response.status).toBe(status);
  expect(asked).toEqual([]);
});
