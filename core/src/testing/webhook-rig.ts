/**
 * A BFF with webhooks, a partner's server that hears them, and a service that tells of events, for tests.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Hono } from 'hono';
import { z } from 'zod';
import type { AuditFact, ProblemFact, WebhookFact } from '../context/events.ts';
import { endpoint } from '../endpoint/endpoint.ts';
import { scopes } from '../identity/access.ts';
import { tokenBucket } from '../limit/declare.ts';
import { memoryRecords } from '../records/memory-records.ts';
import type { RecordStore } from '../records/record-store.ts';
import { type WebhooksOptions, webhooks } from '../webhooks/webhooks.ts';
import { asCaller } from './callers.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';
import { type TestBff, testBff } from './test-bff.ts';

const path = '/v1/webhook-endpoints';

const order = endpoint('GET', '/v1/orders/:id', {
  summary: 'X.',
  access: scopes('orders:read'),
  deadlineMs: 1_000,
}).handle(z.object({ id: z.string(), note: z.string().optional() }), async () => ({ id: '1' }));

export interface Heard {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A partner's server. */
export interface WebhookListener {
  readonly url: string;
  readonly heard: Heard[];
  /** How it answers. Default 204. */
  answer: (response: ServerResponse) => void;
  close(): void;
}

export async function webhookListener(): Promise<WebhookListener> {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk;
    });
    request.on('end', () => {
      heard.push({ headers: request.headers, body });
      self.answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const self: WebhookListener = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`,
    heard,
    answer: (response) => void response.writeHead(204).end(),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return self;
}

/** @returns An `answer` with this status. */
export function answering(code: number, headers: Readonly<Record<string, string>> = {}) {
  return (response: ServerResponse): void => void response.writeHead(code, headers).end();
}

interface Caller {
  readonly subject?: string;
  readonly kind?: 'user' | 'partner';
  readonly scopes?: readonly string[];
  readonly key?: string;
}

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  readonly body: any;
}

export interface WebhookRig {
  readonly clock: ManualClock;
  readonly records: RecordStore;
  readonly bff: TestBff;
  readonly facts: WebhookFact[];
  readonly audits: AuditFact[];
  readonly problems: ProblemFact[];
  ask(method: string, target?: string, body?: unknown, caller?: Caller): Promise<Answer>;
  /** A webhook endpoint of `acme`, with its secret. */
  subscribe(url: string, more?: object): Promise<Answer['body']>;
  /** Tells as a service does. */
  tell(event?: object): Promise<Answer>;
  /** The last delivery to a webhook endpoint. */
  latest(id: string): Promise<Answer['body']>;
}

export interface WebhookRigOptions {
  readonly clock?: ManualClock;
  readonly records?: RecordStore;
  readonly options?: Partial<WebhooksOptions>;
}

export function webhookRig({
  clock = manualClock(),
  records,
  options = {},
}: WebhookRigOptions = {}): WebhookRig {
  const kept = records ?? memoryRecords({ clock });
  const hooks = webhooks({
    records: kept,
    environment: 'test',
    events: { 'order.updated': { summary: 'X.', like: order } },
    allowPrivateNetworks: true,
    random: () => 0,
    ...options,
  });
  const access = { read: scopes('webhooks:read'), write: scopes('webhooks:write') };
  const bff = testBff(
    [order, ...hooks.endpoints(path, access)],
    {},
    { clock, webhooks: hooks, limits: tokenBucket({ capacity: 10_000 }) },
  );
  const [facts, audits, problems] = [[], [], []] as [WebhookFact[], AuditFact[], ProblemFact[]];
  bff.events.on('webhook', (fact) => facts.push(fact));
  bff.events.on('audit', (fact) => audits.push(fact));
  bff.events.on('problem', (fact) => problems.push(fact));
  const admin = new Hono();
  for (const part of bff.admin) part.mount(admin);

  const ask: WebhookRig['ask'] = async (method, target = path, body = undefined, caller = {}) => {
    const { key = randomUUID(), ...who } = caller;
    const principal = {
      subject: 'acme',
      kind: 'partner',
      scopes: ['webhooks:read', 'webhooks:write'],
      ...who,
    } as const;
    const response = await bff.app.request(target, {
      method,
      headers: {
        ...asCaller(principal),
        ...(method === 'POST' ? { 'idempotency-key': key } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
  return {
    clock,
    records: kept,
    bff,
    facts,
    audits,
    problems,
    ask,
    async subscribe(url, more = {}) {
      const { status, body } = await ask('POST', path, { url, events: ['order.updated'], ...more });
      if (status !== 201) throw new Error(JSON.stringify(body));
      return body;
    },
    async tell(event = {}) {
      const response = await admin.request('/webhooks/events', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...serviceEvent(), ...event }),
      });
      return { status: response.status, body: await response.json() };
    },
    async latest(id) {
      const { body } = await ask('GET', `${path}/${id}/deliveries?limit=1`);
      return body.items[0];
    },
  };
}

function serviceEvent(): object {
  return {
    id: randomUUID(),
    type: 'order.updated',
    occurredAt: '2026-11-01T00:00:00+01:00',
    owner: 'acme',
    data: { id: 'ord_1', margin: 0.4 },
  };
}
