import { get, upstream } from 'bffkit';
import { z } from 'zod';

/** What the web app reads of the notifications service. */
export const notifications = upstream('notifications', {
  operations: {
    list: get('/notifications', {
      query: z.object({ user: z.string(), unread: z.boolean().optional(), limit: z.number().optional() }),
      response: z.object({
        items: z.array(z.object({ id: z.string(), title: z.string(), createdAt: z.string() })),
        next: z.string().nullable(),
        unreadCount: z.number().int(),
      }),
    }),
  },
});
