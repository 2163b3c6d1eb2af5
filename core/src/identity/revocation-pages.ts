/**
 * Revoking a token by hand, on the admin port: `POST /revocations` with `issuer`, `jti` and `expiresAt`,
 * an ISO 8601 date or the number of the token's `exp`. `Bff-Actor` says who does it, as for partner keys.
 *
 * @module
 */
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import * as z from 'zod';
import type { AdminPages } from '../context/admin-pages.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import type { Revocation } from './revocation.ts';

const maxBytes = 8_192;
const text = z
  .string()
  .min(1)
  .max(1_024)
  .regex(/^\P{Cc}+$/u);
const Order = z.strictObject({
  issuer: text,
  jti: text,
  expiresAt: z.union([
    z.iso.datetime({ offset: true }).transform((date) => Date.parse(date)),
    z
      .int()
      .min(0)
      .max(1e11)
      .transform((seconds) => seconds * 1_000),
  ]),
});

/** @param revoke Refuses the token; the second argument is who does it. */
export function revocationPages(
  revoke: (revocation: Revocation, actor: string) => Promise<void>,
): AdminPages {
  const onPost = async (c: Context): Promise<Response> => {
    // A page in the operator's browser cannot send this type across origins without asking first.
    if (!/^application\/json\s*(;|$)/i.test(c.req.header('content-type') ?? '')) {
      return c.json({ error: 'the body must be application/json' }, 415);
    }
    const actor = c.req.header('bff-actor') ?? '';
    if (!/^[\x21-\x7e]{1,64}$/.test(actor)) {
      return c.json({ error: 'Bff-Actor must say who does this, in 1 to 64 visible characters' }, 400);
    }
    const order = Order.safeParse(await c.req.json().catch(() => undefined));
    if (!order.success) {
      return c.json(
        { error: 'issuer, jti and expiresAt are required', issues: z.flattenError(order.error) },
        400,
      );
    }
    const { issuer, jti, expiresAt: expiresMs } = order.data;
    try {
      await revoke({ issuer, jti, expiresMs }, actor);
    } catch (error) {
      const { code, status } = GatewayError.from(error);
      if (code !== 'dependency-unavailable') throw error;
      return c.json({ error: 'the records cannot be written now; try again' }, status as 503, {
        'retry-after': '1',
      });
    }
    return c.json({ issuer, jti, revokedUntil: new Date(expiresMs).toISOString() });
  };
  return {
    pages: ['/revocations'],
    everywhere: ['/revocations'],
    mount(app) {
      app.post('/revocations', bodyLimit({ maxSize: maxBytes, onError: tooLarge }), onPost);
    },
  };
}

function tooLarge(c: Context): Response {
  return c.json({ error: `the body must have at most ${maxBytes} bytes` }, 413);
}
