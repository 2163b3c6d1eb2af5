/**
 * The keys on the admin port, as JSON. Whoever changes something says who they are in `Bff-Actor`; a web
 * page cannot send that header to another origin without asking first.
 *
 * @module
 */
import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import type { AdminPages } from '../context/admin-pages.ts';
import type { IdSource } from '../context/ids.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { problemDocument, problemHeaders } from '../problem/problem.ts';
import { dayMs, type KeyAdmin, maxOverlapMs } from './key-admin.ts';
import { keyIdForm } from './key-format.ts';
import { keyTerms } from './key-record.ts';

const maxBodyBytes = 16_384;
const maxLifetimeSeconds = (3_650 * dayMs) / 1_000;

const version = z.string().regex(/^\d{4}-\d\d-\d\d$/, 'must be a day such as 2026-06-01');

const Order = z.strictObject({
  ...keyTerms,
  environment: keyTerms.environment.optional(),
  version: version.optional(),
  expiresInSeconds: z.int().min(1).max(maxLifetimeSeconds).optional(),
});

const Rotation = z.strictObject({
  overlapSeconds: z
    .int()
    .min(0)
    .max(maxOverlapMs / 1_000)
    .optional(),
});

const Pin = z.strictObject({ partner: keyTerms.partner, version });

const Nothing = z.strictObject({});

/** `GET` and `POST /keys`, `POST /keys/pin`, `GET /keys/:id`, `POST /keys/:id/rotate` and `/keys/:id/revoke`. */
export function keyPages(keys: KeyAdmin, ids: IdSource): AdminPages {
  const page =
    (status: 200 | 201, answer: (c: Context) => Promise<unknown>) =>
    async (c: Context): Promise<Response> => {
      c.header('cache-control', 'no-store');
      try {
        return c.json(await answer(c), status);
      } catch (thrown) {
        return problem(c, GatewayError.from(thrown), ids.traceId());
      }
    };
  return {
    pages: ['/keys'],
    mount(app: Hono) {
      const limit = bodyLimit({
        maxSize: maxBodyBytes,
        onError: (c) => problem(c, new GatewayError('body-too-large'), ids.traceId()),
      });
      app.get(
        '/keys',
        page(200, (c) => keys.list(partnerOf(c))),
      );
      app.get(
        '/keys/:id',
        page(200, (c) => keys.show(idOf(c))),
      );
      app.post(
        '/keys',
        limit,
        page(201, async (c) => {
          const actor = actorOf(c);
          const { expiresInSeconds, ...order } = await bodyOf(c, Order);
          const expiresInMs = expiresInSeconds === undefined ? undefined : expiresInSeconds * 1_000;
          return keys.create({ ...order, expiresInMs }, actor);
        }),
      );
      app.post(
        '/keys/pin',
        limit,
        page(200, async (c) => {
          const actor = actorOf(c);
          const pin = await bodyOf(c, Pin);
          return keys.pin(pin.partner, pin.version, actor);
        }),
      );
      app.post(
        '/keys/:id/rotate',
        limit,
        page(201, async (c) => {
          const actor = actorOf(c);
          const { overlapSeconds } = await bodyOf(c, Rotation);
          const overlapMs = overlapSeconds === undefined ? undefined : overlapSeconds * 1_000;
          return keys.rotate(idOf(c), { overlapMs }, actor);
        }),
      );
      app.post(
        '/keys/:id/revoke',
        limit,
        page(200, async (c) => {
          const actor = actorOf(c);
          await bodyOf(c, Nothing);
          return keys.revoke(idOf(c), actor);
        }),
      );
    },
  };
}

function problem(c: Context, error: GatewayError, requestId: string): Response {
  return c.json(problemDocument(error, requestId), error.status as 400, problemHeaders(error));
}

function actorOf(c: Context): string {
  const actor = c.req.header('bff-actor') ?? '';
  if (/^[\x21-\x7e]{1,64}$/.test(actor)) return actor;
  const detail = 'Bff-Actor must say who does this, in 1 to 64 visible characters.';
  throw new GatewayError('bad-request-header', { detail });
}

function partnerOf(c: Context): string | undefined {
  const partner = c.req.query('partner');
  if (partner === undefined || keyTerms.partner.safeParse(partner).success) return partner;
  throw new GatewayError('validation-failed', { issues: [{ pointer: '/partner', detail: 'is no partner' }] });
}

function idOf(c: Context): string {
  const id = c.req.param('id') ?? '';
  if (keyIdForm.test(id)) return id;
  throw new GatewayError('not-found', { detail: 'The id of a key is 12 letters or digits.' });
}

/** The body, which may be missing where nothing in it is required. */
async function bodyOf<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  const text = await c.req.text();
  if (text !== '' && !/^application\/json\s*(;|$)/i.test(c.req.header('content-type') ?? '')) {
    throw new GatewayError('unsupported-media-type', { detail: 'The body must be application/json.' });
  }
  const parsed = schema.safeParse(jsonOf(text === '' ? '{}' : text));
  if (parsed.success) return parsed.data;
  throw new GatewayError('validation-failed', {
    issues: parsed.error.issues.map(({ path, message }) => ({
      pointer: `/${path.join('/')}`,
      detail: message,
    })),
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new GatewayError('invalid-json');
  }
}
