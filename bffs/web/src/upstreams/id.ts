import { z } from 'zod';

/** The form of every id of the shop. What has another form is refused without asking a service. */
export const Id = z.string().regex(/^[A-Za-z0-9_-]{1,40}$/, 'must be 1 to 40 letters, digits, - or _');
