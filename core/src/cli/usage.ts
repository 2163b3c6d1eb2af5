/**
 * `bffkit usage`: what partners used, through the admin port of a running BFF.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import type { PartnerTotal } from '../usage/usage-pages.ts';
import type { UsageReport } from '../usage/usage-report.ts';
import type { DayRange } from '../usage/utc-days.ts';
import { adminClient } from './admin-client.ts';
import { table } from './table.ts';
import { UsageError } from './usage-error.ts';

/** What the command needs of the world; a test brings its own. */
export interface UsageWorld {
  readonly fetch: typeof globalThis.fetch;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const world: UsageWorld = { fetch: globalThis.fetch, env: process.env };

type PartnerUsage = UsageReport & { readonly partner: string };
type AllUsage = DayRange & { readonly partners: readonly PartnerTotal[] };

/** @param parameters `[--partner PARTNER] [--month 2026-11 | --from DAY --to DAY] [--admin URL] [--json]` */
export async function usageCommand(
  parameters: readonly string[],
  { fetch, env }: UsageWorld = world,
): Promise<string> {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      partner: { type: 'string' },
      month: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      admin: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const { partner, month, from, to } = values;
  if (month !== undefined && (from !== undefined || to !== undefined)) {
    throw new UsageError('usage takes --month, or --from and --to');
  }
  const client = adminClient({
    fetch,
    url: values.admin ?? env.BFFKIT_ADMIN ?? 'http://127.0.0.1:9003',
    actor: 'bffkit-usage',
    token: env.BFFKIT_ADMIN_TOKEN,
    notFound: 'this BFF does not count usage',
  });
  const asked = Object.entries({ partner, month, from, to }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  const answer = await client.read(`/usage${asked.length === 0 ? '' : `?${asked.join('&')}`}`);
  if (values.json) return `${JSON.stringify(answer, null, 2)}\n`;
  return partner === undefined ? showAll(answer as AllUsage) : showOne(answer as PartnerUsage);
}

function showAll({ from, to, partners }: AllUsage): string {
  const rows = partners.map(({ partner, requests }) => [partner, String(requests)]);
  return `${from} to ${to}, days of UTC\n${rows.length === 0 ? 'nobody used anything\n' : table([['partner', 'requests'], ...rows])}`;
}

function showOne({ partner, from, to, requests, days, keys, versions }: PartnerUsage): string {
  const head = `${partner}, ${from} to ${to}, days of UTC: ${requests} requests\n`;
  if (requests === 0) return head;
  const byDay = days.flatMap((day) =>
    day.endpoints.map(({ endpoint, requests }) => [day.date, endpoint, String(requests)]),
  );
  const byKey = keys.map(({ key, requests }) => [key, String(requests)]);
  const byVersion = versions.map(({ version, requests }) => [version ?? 'none', String(requests)]);
  return [
    head,
    table([['day', 'endpoint', 'requests'], ...byDay]),
    table([['key', 'requests'], ...byKey]),
    table([['version', 'requests'], ...byVersion]),
  ].join('\n');
}
