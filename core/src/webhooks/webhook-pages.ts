/**
 * Webhooks on the admin port: services tell of events here, operators see what waits. Not for the public.
 *
 * @module
 */
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { AdminPages } from '../context/admin-pages.ts';
import type { IdSource } from '../context/ids.ts';
import { readJsonBody } from '../ingress/body.ts';
import { inboundOf } from '../ingress/inbound.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { problemDocument, problemHeaders } from '../problem/problem.ts';
import { type Accepted, maxPayloadBytes, ServiceEvent } from './intake.ts';

/** A receiver with something due. Its URL is the partner's business. */
export interface WaitingReceiver {
  readonly partner: string;
  readonly id: string;
  readonly waiting: number;
  /** Of the earliest attempt. */
  readonly nextAttemptAt: string;
}

export interface WebhookPagesParts {
  readonly ids: IdSource;
  readonly accept: (event: ServiceEvent) => Promise<Accepted>;
  readonly waiting: () => Promise<readonly WaitingReceiver[]>;
  /** Called when the BFF is served. */
  readonly begin: () => void;
}

/** The event, and what services have in it for themselves. */
const maxEventBytes = 2 * maxPayloadBytes;

/** `POST /webhooks/events` takes an event: 202 when it is stored. `GET /webhooks` is what waits. */
export function webhookPages({ ids, accept, waiting, begin }: WebhookPagesParts): AdminPages {
  const page =
    (status: 200 | 202, answer: (c: Context) => Promise<unknown>) =>
    async (c: Context): Promise<Response> => {
      c.header('cache-control', 'no-store');
      try {
        return c.json(await answer(c), status);
      } catch (thrown) {
        const error = GatewayError.from(thrown);
        return c.json(problemDocument(error, ids.traceId()), error.status as 400, problemHeaders(error));
      }
    };
  return {
    pages: ['/webhooks'],
    mount(app: Hono) {
      begin();
      app.get(
        '/webhooks',
        page(200, async () => ({ receivers: await waiting() })),
      );
      app.post(
        '/webhooks/events',
        page(202, async (c) => accept(eventIn(await readJsonBody(inboundOf(c), maxEventBytes)))),
      );
    },
  };
}

const compiled = z.compile(ServiceEvent);

function eventIn(body: unknown): ServiceEvent {
  const parsed = compiled.safeParse(body);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => ({
    pointer: ['', ...path.map(String)].join('/'),
    detail: message,
  }));
  throw new GatewayError('validation-failed', { issues });
}
