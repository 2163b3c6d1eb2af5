import { endpoint, pageOf, pageQuery, scopes } from 'bffkit';
import { z } from 'zod';
import { notifications } from '../upstreams/notifications.ts';

const NotificationPage = pageOf(
  z.object({
    id: z.string(),
    kind: z.string(),
    title: z.string(),
    body: z.string(),
    link: z.string(),
    read: z.boolean(),
    createdAt: z.string(),
  }),
).extend({ unread: z.number().int() });

export const notificationList = endpoint('GET', '/v1/notifications', {
  summary: 'What the shop has told the caller, newest first, and how much of it is unread.',
  access: scopes('profile:read'),
  query: z.object(pageQuery()),
  deadlineMs: 600,
  budget: { bytes: 12_288 },
  fields: true,
})
  .plan(({ call }) => ({
    page: call(notifications.list, ({ principal, input }) => ({
      query: { user: principal.subject, ...input.query },
    })),
  }))
  .respond(NotificationPage, ({ page }) => ({ ...page, unread: page.unreadCount }));
