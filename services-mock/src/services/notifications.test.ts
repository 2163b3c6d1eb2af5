import { expect, it } from 'vitest';
import type * as z from 'zod';
import { DEFAULT_SEED, worldOf } from '../data/world.ts';
import { createServiceApp } from '../rest/service-app.ts';
import { NotificationPage, notificationsService } from './notifications.ts';

const app = createServiceApp('notifications', notificationsService(worldOf(DEFAULT_SEED)));

it('the filter chooses by read and unread, and the count of unread ones does not depend on it', async () => {
  const [all, unread, read] = [await list(''), await list('&unread=true'), await list('&unread=false')];
  expect(unread.items.every((item) => !item.read)).toBe(true);
  expect(read.items.every((item) => item.read)).toBe(true);
  expect(unread.items.length + read.items.length).toBe(all.items.length);
  expect([all, read].map(({ unreadCount }) => unreadCount)).toEqual(Array(2).fill(unread.items.length));
});

it('marking one as read counts once, however often it is done', async () => {
  const before = await list('&unread=true');
  const url = `/notifications/${before.items[0]?.id}/read`;
  for (const _ of [1, 2]) {
    const response = await app.request(url, { method: 'POST' });
    expect([response.status, await response.text()]).toEqual([204, '']);
  }
  const after = await list('&unread=true');
  expect(after.unreadCount).toBe(before.unreadCount - 1);
  expect(after.items).toEqual(before.items.slice(1));
});

it('one that does not exist cannot be read', async () => {
  expect((await app.request('/notifications/ntf_99999/read', { method: 'POST' })).status).toBe(404);
});

async function list(query: string): Promise<z.infer<typeof NotificationPage>> {
  const response = await app.request(`/notifications?user=usr_0002${query}`);
  return NotificationPage.parse(await response.json());
}
