import { get, upstream } from 'bffkit';
import { z } from 'zod';

const Notification = z.object({
  id: z.string(),
  kind: z.enum(['order', 'promo', 'review', 'system']),
  title: z.string(),
  body: z.string(),
  link: z.string(),
  read: z.boolean(),
  createdAt: z.string(),
});

/** What the phone apps read of the notifications service. */
export const notifications = upstream('notifications', {
  operations: {
    list: get('/notifications', {
      query: z.object({ user: z.string(), limit: z.number(), cursor: z.string().optional() }),
      response: z.object({
        items: z.array(Notification),
        next: z.string().nullable(),
        unreadCount: z.number().int(),
      }),
      passes: [400],
    }),
  },
});
