/**
 * The admin ports that are asked for decision records: where they are, what each says of itself, and which of them
 * has a record.
 *
 * @module
 */
import type { DecisionRecord } from '../explain/decision-record.ts';
import type { ExplainedRequests } from '../explain/record-pages.ts';
import { type AdminClient, adminClient } from './admin-client.ts';
import { UsageError } from './usage-error.ts';

/** What asking needs of the world. */
export interface AdminWorld {
  readonly fetch: typeof globalThis.fetch;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Who works here. */
  readonly user: () => string;
}

/** One instance: its admin port, and what it says of itself. */
export interface Instance {
  readonly client: AdminClient;
  readonly about: ExplainedRequests;
}

/** `npm start` and new BFFs have their admin port so far above the public one. */
const adminOffset = 5_000;

/** Asks each admin port who it is; a wrong address or token shows here. */
export function openInstances(urls: readonly string[], world: AdminWorld): Promise<Instance[]> {
  return Promise.all(
    urls.map(async (address) => {
      const actor =
        world
          .user()
          .replaceAll(/[^\x21-\x7e]/g, '_')
          .slice(0, 64) || 'unknown';
      const client = adminClient({
        fetch: world.fetch,
        url: address,
        actor,
        token: world.env.BFFKIT_ADMIN_TOKEN || undefined,
        notFound: `${address} explains no requests: it is no admin port, or one of an older version`,
      });
      return { client, about: (await client.read('/requests')) as ExplainedRequests };
    }),
  );
}

/**
 * Those that were given, else the one that belongs to a URL of this machine.
 *
 * @throws {UsageError} when nobody says where one is.
 */
export function addresses(
  given: readonly string[],
  url: URL | undefined,
  { env }: Pick<AdminWorld, 'env'>,
): readonly string[] {
  if (given.length > 0) return given;
  if (env.BFFKIT_ADMIN !== undefined && env.BFFKIT_ADMIN !== '') return [env.BFFKIT_ADMIN];
  const port = Number(url?.port);
  if (url !== undefined && port > 0 && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname)) {
    return [`http://127.0.0.1:${port + adminOffset}`];
  }
  throw new UsageError('explain needs --admin URL, or BFFKIT_ADMIN');
}

/** Several processes behind one admin port each keep their own. */
export async function findRecord(
  id: string,
  instances: readonly Instance[],
): Promise<DecisionRecord | undefined> {
  for (const { client } of instances) {
    for (const place of ['', ...(await workersOf(client))]) {
      const { requests } = (await client.read(`${place}/requests`)) as ExplainedRequests;
      if (requests.some(({ requestId }) => requestId === id)) {
        return clean(await client.read(`${place}/requests/${encodeURIComponent(id)}`)) as DecisionRecord;
      }
    }
  }
  return undefined;
}

async function workersOf(client: AdminClient): Promise<string[]> {
  const { workers = [] } = ((await client.read('/readyz?verbose').catch(() => ({}))) ?? {}) as {
    readonly workers?: readonly { readonly worker?: unknown }[];
  };
  return workers.flatMap(({ worker }) => (typeof worker === 'number' ? [`/workers/${worker}`] : []));
}

/** What came over the wire moves no cursor and rings no bell. */
function clean(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_key, part: unknown) =>
    typeof part === 'string' ? part.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?') : part,
  );
}
