/**
 * The notifications service: what the shop has told its customers, and what they have read of it.
 *
 * @module
 */
import * as z from 'zod';
import { indexBy } from '../data/index-by.ts';
import type { World } from '../data/world.ts';
import { AnyId, pageOf, pageQuery, paginate } from '../rest/page.ts';
import { type Route, route } from '../rest/route.ts';
import { found } from '../rest/service-error.ts';
import { component } from '../schemas/component.ts';
import { Notification } from '../schemas/notification.ts';

/** `unreadCount` counts all unread ones of the user, whatever the filter. */
export const NotificationPage = component(
  'NotificationPage',
  z.strictObject({ ...pageOf(Notification).shape, unreadCount: z.int().nonnegative() }),
);

const Flag = z
  .enum(['true', 'false'])
  .transform((word) => word === 'true')
  .pipe(z.boolean());

/** The routes of the notifications service. */
export function notificationsService({ notifications }: World): readonly Route[] {
  const byId = indexBy(notifications, ({ id }) => id);
  const byUser = Map.groupBy(notifications, ({ userId }) => userId);
  const readSince = new Set<string>();

  function current(notification: Notification): Notification {
    return readSince.has(notification.id) ? { ...notification, read: true } : notification;
  }

  return [
    route({
      method: 'get',
      path: '/notifications',
      operationId: 'listNotifications',
      summary: 'The notifications of a user, newest first',
      query: { ...pageQuery, user: AnyId, unread: Flag.optional() },
      status: 200,
      answer: NotificationPage,
      errors: [],
      handle: ({ query }) => {
        const all = (byUser.get(query.user) ?? []).map(current);
        const page = paginate(all, query, ({ read }) => query.unread === undefined || read !== query.unread);
        return { ...page, unreadCount: all.filter(({ read }) => !read).length };
      },
    }),
    route({
      method: 'post',
      path: '/notifications/:id/read',
      operationId: 'markNotificationRead',
      summary: 'Mark a notification as read; doing so again changes nothing',
      params: { id: AnyId },
      status: 204,
      errors: [404],
      handle: ({ params }) => {
        readSince.add(found(byId.get(params.id), 'notification').id);
      },
    }),
  ];
}
