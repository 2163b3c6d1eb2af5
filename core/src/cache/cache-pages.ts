/**
 * Purging by hand, on the admin port: `POST /cache/purge` with `tag`. `Bff-Actor` says who does it; a web page
 * cannot send that header to another origin without asking first.
 *
 * @module
 */
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import type { AdminPages } from '../context/admin-pages.ts';
import type { Clock } from '../context/clock.ts';
import type { EventBus } from '../context/event-bus.ts';
import type { IdSource } from '../context/ids.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { problemDocument, problemHeaders } from '../problem/problem.ts';
import { tagForm } from './cache-options.ts';

const maxBodyBytes = 4_096;
const Order = z.strictObject({ tag: z.string().regex(tagForm, 'must be 1 to 128 letters, digits or _.:@-') });

interface PagesWorld {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly events: EventBus;
}

/** @param cache Ends the answers with a tag. */
export function cachePages(
  cache: { purge(tag: string): Promise<void> },
  { clock, ids, events }: PagesWorld,
): AdminPages {
  const refuse = (c: Context, error: GatewayError): Response =>
    c.json(problemDocument(error, ids.traceId()), error.status as 400, problemHeaders(error));
  const purge = async (c: Context): Promise<Response> => {
    const actor = actorOf(c);
    const { tag } = await orderOf(c);
    await cache.purge(tag);
    events.emit('audit', { actor, action: 'cache.purge', target: tag, atMs: clock.wallMs() });
    return c.json({ tag });
  };
  return {
    pages: [],
    everywhere: ['/cache/purge'],
    mount(app) {
      const limit = bodyLimit({
        maxSize: maxBodyBytes,
        onError: (c) => refuse(c, new GatewayError('body-too-large')),
      });
      app.post('/cache/purge', limit, async (c) => {
        c.header('cache-control', 'no-store');
        try {
          return await purge(c);
        } catch (thrown) {
          return refuse(c, GatewayError.from(thrown));
        }
      });
    },
  };
}

function actorOf(c: Context): string {
  const actor = c.req.header('bff-actor') ?? '';
  if (/^[\x21-\x7e]{1,64}$/.test(actor)) return actor;
  const detail = 'Bff-Actor must say who does this, in 1 to 64 visible characters.';
  throw new GatewayError('bad-request-header', { detail });
}

async function orderOf(c: Context): Promise<z.infer<typeof Order>> {
  if (!/^application\/json\s*(;|$)/i.test(c.req.header('content-type') ?? '')) {
    throw new GatewayError('unsupported-media-type', { detail: 'The body must be application/json.' });
  }
  const body: unknown = await c.req.json().catch((cause: unknown) => {
    throw new GatewayError('invalid-json', { cause });
  });
  const order = Order.safeParse(body);
  if (order.success) return order.data;
  throw new GatewayError('validation-failed', {
    issues: order.error.issues.map(({ path, message }) => ({
      pointer: `/${path.join('/')}`,
      detail: message,
    })),
  });
}
