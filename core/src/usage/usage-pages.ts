/**
 * Usage on the admin port, as JSON: of one partner, of all, and by version.
 *
 * @module
 */
import type { Context, Hono } from 'hono';
import type { AdminPages } from '../context/admin-pages.ts';
import type { IdSource } from '../context/ids.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { problemDocument, problemHeaders } from '../problem/problem.ts';
import { rangeOf } from './usage-range.ts';
import type { UsageReport, VersionUse } from './usage-report.ts';
import { type DayRange, daysOfMonth, isMonth, monthOf } from './utc-days.ts';

export interface UsagePagesParts {
  readonly today: () => string;
  readonly ids: IdSource;
  readonly read: (partner: string, range: DayRange) => Promise<UsageReport>;
  readonly partners: (range: DayRange) => Promise<readonly string[]>;
  readonly byVersion: (range: DayRange) => Promise<readonly VersionUse[]>;
}

/** One partner in the list of all. */
export interface PartnerTotal {
  readonly partner: string;
  readonly requests: number;
}

/**
 * `GET /usage?partner=` is what one partner used, without `partner` the total of each; `GET /usage/versions` who
 * called which version. The range is `month=2026-11`, or `from=` and `to=`; default this month so far.
 */
export function usagePages(parts: UsagePagesParts): AdminPages {
  const page =
    (answer: (c: Context, range: DayRange) => Promise<unknown>) =>
    async (c: Context): Promise<Response> => {
      c.header('cache-control', 'no-store');
      try {
        return c.json(await answer(c, rangeIn(c, parts.today())));
      } catch (thrown) {
        const error = GatewayError.from(thrown);
        return c.json(
          problemDocument(error, parts.ids.traceId()),
          error.status as 400,
          problemHeaders(error),
        );
      }
    };
  return {
    pages: ['/usage', '/usage/versions'],
    mount(app: Hono) {
      app.get(
        '/usage/versions',
        page(async (_c, range) => ({ ...range, uses: await parts.byVersion(range) })),
      );
      app.get(
        '/usage',
        page(async (c, range) => {
          const partner = c.req.query('partner');
          if (partner !== undefined) return { partner, ...(await parts.read(partner, range)) };
          const partners: PartnerTotal[] = [];
          for (const name of await parts.partners(range)) {
            const { requests } = await parts.read(name, range);
            if (requests > 0) partners.push({ partner: name, requests });
          }
          return { ...range, partners };
        }),
      );
    },
  };
}

function rangeIn(c: Context, today: string): DayRange {
  const month = c.req.query('month') ?? defaultMonth(c, today);
  if (month !== undefined) {
    if (isMonth(month)) return daysOfMonth(month);
    throw invalid('/query/month', 'must look like 2026-11');
  }
  const [from, to] = [dayIn(c, 'from'), dayIn(c, 'to')];
  return rangeOf({ from, to }, today, '/query');
}

function defaultMonth(c: Context, today: string): string | undefined {
  const hasRange = c.req.query('from') !== undefined || c.req.query('to') !== undefined;
  return hasRange ? undefined : monthOf(today);
}

function dayIn(c: Context, name: string): string | undefined {
  const text = c.req.query(name);
  if (text === undefined) return undefined;
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
  if (!isDay) throw invalid(`/query/${name}`, 'must look like 2026-11-22');
  return text;
}

function invalid(pointer: string, detail: string): GatewayError {
  return new GatewayError('validation-failed', { issues: [{ pointer, detail }] });
}
