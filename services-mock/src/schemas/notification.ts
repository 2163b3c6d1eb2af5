/**
 * A message to a customer, as the notifications service sends it.
 *
 * @module
 */
import * as z from 'zod';
import { NotificationId, Timestamp, UserId } from './common.ts';
import { component, type Immutable } from './component.ts';

/** `link` is a path inside the shop. */
export const Notification = component(
  'Notification',
  z.strictObject({
    id: NotificationId,
    userId: UserId,
    kind: z.enum(['order', 'promo', 'review', 'system']),
    title: z.string(),
    body: z.string(),
    link: z.string().startsWith('/'),
    read: z.boolean(),
    createdAt: Timestamp,
  }),
);
export type Notification = Immutable<z.infer<typeof Notification>>;
