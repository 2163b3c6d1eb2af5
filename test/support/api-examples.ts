/**
 * The examples in the documents of the partner API: asked of the running shop, with what differs from run to run
 * replaced by what it could be.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { z } from 'zod';
import { loadBffs } from './bff-package.ts';
import { everServed } from './compat-shop.ts';
import { type ExampleRequest, exampleRequests } from './example-requests.ts';
import { readFacts } from './sample-values.ts';
import { openShop, partnerCustomer, partnerKey, type Shop, type ShopAnswer } from './shop.ts';
import { packageOf } from './shop-requests.ts';

/** One file: by endpoint. */
export const Examples = z.record(
  z.string(),
  z.strictObject({
    parameters: z.record(z.string(), z.string()).optional(),
    body: z.json().optional(),
    answer: z.json(),
  }),
);
export type Examples = z.output<typeof Examples>;

/** Where the partner BFF has them, one file per version. */
export const exampleFolder = new URL('../../bffs/partner/openapi/examples/', import.meta.url);

/** Asks what there is to ask in `version`. */
export async function recordExamples(version: string): Promise<Examples> {
  const partner = packageOf(await loadBffs(), 'partner');
  const known = new Set(partner.graph.endpoints.map(({ method, path }) => `${method} ${path}`));
  const shop = await openShop([
    {
      ...partner,
      create: (env) => partner.create({ ...env, PARTNER_WEBHOOKS_PRIVATE: 'true' }, { versions: everServed }),
    },
  ]);
  const receiver = await openReceiver();
  try {
    const facts = await readFacts(shop.services.urls, partnerCustomer);
    const answers = new Map<string, unknown>();
    const idOf = (endpoint: string): string => Identified.parse(answers.get(endpoint)).id;
    const examples: [string, { parameters?: unknown; body?: unknown; answer: unknown }][] = [];
    for (const requestOf of exampleRequests(facts, { version, hook: receiver.url, idOf })) {
      const request = requestOf();
      if (!known.has(request.endpoint)) continue;
      const answer = await ask(shop, version, request);
      answers.set(request.endpoint, answer);
      const { endpoint, until: _until, ...asked } = request;
      examples.push([endpoint, { ...asked, answer }]);
    }
    const settle = settling();
    return Examples.parse(Object.fromEntries(examples.map(([name, example]) => [name, settle(example)])));
  } finally {
    await shop.close();
    await receiver.close();
  }
}

const Identified = z.looseObject({ id: z.string() });

async function ask(
  shop: Shop,
  version: string,
  { endpoint, parameters = {}, body, until }: ExampleRequest,
): Promise<unknown> {
  const [method = '', path = ''] = endpoint.split(' ');
  const rest = { ...parameters };
  const target = path.replaceAll(/:([A-Za-z]+)/g, (_, name: string) => {
    const value = rest[name] ?? '';
    delete rest[name];
    return value;
  });
  const query = new URLSearchParams(rest).toString();
  const init = {
    method,
    credential: partnerKey,
    headers: {
      'api-version': version,
      ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  const asking = (): Promise<ShopAnswer> =>
    shop.ask('partner', query === '' ? target : `${target}?${query}`, init);
  const { status, text, body: answer } = await askUntil(until, asking);
  if (status >= 300) throw new Error(`${endpoint} of ${version} is answered ${status} ${text}`);
  return answer;
}

/** Asks until the answer says `until`, for five seconds at most. */
async function askUntil(until: RegExp | undefined, asking: () => Promise<ShopAnswer>): Promise<ShopAnswer> {
  const giveUpMs = performance.now() + 5_000;
  for (;;) {
    const answer = await asking();
    if (until === undefined || until.test(answer.text)) return answer;
    if (performance.now() > giveUpMs) throw new Error(`${until} is never answered: ${answer.text}`);
  }
}

/** Takes every webhook. */
async function openReceiver(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((_request, response) => response.writeHead(204).end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/orders`,
    async close() {
      server.closeAllConnections();
      await promisify(server.close.bind(server))();
    },
  };
}

const instant = /^\d{4}-\d\d-\d\dT/;
const secret = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';

/** Replaces what differs from run to run; the same id becomes the same one everywhere. */
function settling(): (value: unknown) => unknown {
  const ids = new Map<string, string>();
  const idFor = (id: string): string => {
    const [, prefix = ''] = /^([a-z]+)_/.exec(id) ?? [];
    const found =
      ids.get(id) ??
      `${prefix}_example${[...ids.keys()].filter((one) => one.startsWith(`${prefix}_`)).length + 1}`;
    ids.set(id, found);
    return found;
  };
  const settleText = (name: string, text: string): string => {
    if (name === 'next') return 'b3BhcXVlOiBwYXNzIGl0IG9uIGFzIGl0IGlz';
    if (name === 'secret') return secret;
    if (name === 'url' && text.startsWith('http://127.0.0.1:')) return 'https://hooks.example.com/orders';
    if (name === 'from') return '2026-11-01';
    if (name === 'to' || name === 'date') return '2026-11-02';
    if (instant.test(text)) return '2026-11-02T09:30:00.000Z';
    return /^(?:ord|we|evt)_/.test(text) ? idFor(text) : text;
  };
  return function settle(value: unknown, name = ''): unknown {
    if (typeof value === 'string') return settleText(name, value);
    if (Array.isArray(value)) return value.map((item: unknown) => settle(item, name));
    if (name === 'durationMs') return 42;
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, settle(member, key)]));
  } as (value: unknown) => unknown;
}
