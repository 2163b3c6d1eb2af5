/**
 * The endpoint at which a partner reads what it used: its own numbers, whatever it asks for.
 *
 * @module
 */
import { z } from 'zod';
import type { Principal } from '../context/principal.ts';
import { type Behaviour, type Endpoint, endpoint } from '../endpoint/endpoint.ts';
import { type Access, signedIn } from '../identity/access.ts';
import { maxDays, rangeOf } from './usage-range.ts';
import { reportOf, type UsageReport } from './usage-report.ts';
import type { DayRange } from './utc-days.ts';

export interface UsageEndpointOptions {
  /** Who may call it. Default every partner that is known. */
  readonly access?: Access<Principal>;
  /** Default 2 000. */
  readonly deadlineMs?: number;
}

export interface UsageEndpointParts {
  readonly today: () => string;
  readonly read: (partner: string, range: DayRange) => Promise<UsageReport>;
}

const requests = z.number().int();
const date = z.iso.date();

const Usage = z.object({
  from: date,
  to: date,
  requests: requests.describe('All that counted, from the first to the last day.'),
  days: z
    .array(
      z.object({
        date: date.describe('A day of UTC.'),
        requests,
        endpoints: z.array(z.object({ endpoint: z.string(), requests })),
      }),
    )
    .describe('The days that have requests, in order.'),
  keys: z.array(z.object({ key: z.string(), requests })).describe('The same by the id of the API key.'),
  versions: z
    .array(z.object({ version: z.string().nullable(), requests }))
    .describe('The same by the version of the API.'),
});

const Query = z.object({
  from: date.describe('First day of UTC. Default the first of the month of `to`.').optional(),
  to: date.describe(`Last day, at most ${maxDays} days from the first. Default today.`).optional(),
});

export function usageEndpoint(
  path: string,
  { access = signedIn(), deadlineMs = 2_000 }: UsageEndpointOptions,
  { today, read }: UsageEndpointParts,
): Endpoint {
  const declared = endpoint('GET', path, {
    summary: 'How many requests counted, by day and endpoint, by key, and by version.',
    access,
    query: Query,
    deadlineMs,
  }).handle(Usage, async ({ input, principal }) => {
    const range = rangeOf(input.query, today(), '/query');
    // Nobody else is counted, and a person may have the name of a partner.
    const report = principal.kind === 'partner' ? await read(principal.subject, range) : reportOf(range, []);
    return {
      ...report,
      days: report.days.map((day) => ({ ...day, endpoints: [...day.endpoints] })),
      keys: [...report.keys],
      versions: [...report.versions],
    };
  });
  return { ...declared, behaviour: { ...declared.behaviour, maxCalls: 0 } as Behaviour };
}
