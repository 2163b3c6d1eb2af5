import { get, upstream } from 'bffkit';
import { z } from 'zod';

/** What the web app reads of the notifications service. */
export const notifications = upstream('notifications', {
  operations: {
    list: get('/notifications', {
      query: z.object({ user: z.string(), unread: z.boolean().optional(), limit: z.number().optional() }),
      response: z.object({ unreadCount: z.number().int() }),
    }),
  },
});
