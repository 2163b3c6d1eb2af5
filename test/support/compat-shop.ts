/**
 * The partner API as clients of each version met it: what they asked when the version was new, and what they got.
 * Recorded once per version by `test/partner-compat/record.ts` and never changed afterwards.
 *
 * @module
 */
import { versions } from '@acme/bff-partner/versions';
import { mintToken, startServices } from '@acme/services-mock';
import type { VersionsOptions } from 'bffkit';
import { serve } from 'bffkit/node';
import { z } from 'zod';
import { envOf, loadBffs } from './bff-package.ts';
import { readFacts, type ShopFacts } from './sample-values.ts';

/** One request of a client, and what it got. */
export const Recorded = z.strictObject({
  name: z.string(),
  request: z.strictObject({
    method: z.string(),
    target: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.json().optional(),
  }),
  answer: z.strictObject({
    status: z.int(),
    headers: z.record(z.string(), z.string()),
    body: z.json(),
  }),
});
export type Recorded = z.output<typeof Recorded>;
export type RecordedRequest = Recorded['request'];

export interface CompatShop {
  readonly facts: ShopFacts;
  /** Asks as a client of `version` would. */
  ask(version: string, request: RecordedRequest): Promise<Recorded['answer']>;
  close(): Promise<void>;
}

/** Headers that clients read. */
const kept = ['api-version', 'content-type'];
/** What differs from run to run: a client must not depend on it. */
const volatile = /^(requestId|request_id|next|placedAt|updatedAt|validUntil)$/;

/** Sunsets are for the calendar; what was recorded holds for ever. */
export const everServed: VersionsOptions = {
  ...versions,
  dated: versions.dated.map(({ version, changes }) => ({ version, changes })),
};

/** Starts the services and the partner BFF, with all versions served. */
export async function openCompatShop(): Promise<CompatShop> {
  const services = await startServices({ ports: 'free' });
  const partner = (await loadBffs()).find(({ name }) => name === 'partner');
  if (partner === undefined) throw new Error('there is no BFF partner');
  const scope = [...new Set(partner.graph.endpoints.flatMap(({ access }) => access.scopes))].join(' ');
  const token = await mintToken(services.issuer, { user: 'usr_0001', audience: 'partner', scope });
  const bff = await serve(partner.create(envOf(services.urls), { versions: everServed }), {
    port: 0,
    adminPort: 0,
    hostname: '127.0.0.1',
    graceMs: 0,
    signals: false,
    logger: { info() {}, warn() {}, error() {} },
  });
  return {
    facts: await readFacts(services.urls),
    async ask(version, { method, target, headers, body }) {
      const answer = await fetch(bff.url + target, {
        method,
        headers: { ...headers, authorization: `Bearer ${token}`, 'api-version': version },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const read = await answer.json();
      return {
        status: answer.status,
        headers: Object.fromEntries(kept.map((name) => [name, answer.headers.get(name) ?? ''])),
        body: z.json().parse(settled(read, method === 'POST')),
      };
    },
    async close() {
      await bff.close();
      await services.close();
    },
  };
}

/** Names the kind of what differs from run to run instead of its value. */
function settled(value: unknown, isNew: boolean): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => settled(item, isNew));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]: [string, unknown]) => {
      const differs = volatile.test(name) || (isNew && name === 'id');
      return [name, differs && typeof member === 'string' ? '(a text)' : settled(member, isNew)];
    }),
  );
}
