/**
 * From counters to what a person or a program reads: sums per day and endpoint, per key, and per version.
 *
 * @module
 */
import { type Counted, readName } from './counted-request.ts';
import type { DayRange } from './utc-days.ts';

/** What one partner used in a range of days of UTC. Days without a request are not in it. */
export interface UsageReport extends DayRange {
  readonly requests: number;
  readonly days: readonly {
    readonly date: string;
    readonly requests: number;
    readonly endpoints: readonly { readonly endpoint: string; readonly requests: number }[];
  }[];
  /** By the ids of API keys. */
  readonly keys: readonly { readonly key: string; readonly requests: number }[];
  /** By versions of the API; `null` where it has none. */
  readonly versions: readonly { readonly version: string | null; readonly requests: number }[];
}

/** That a key called an endpoint of a version. */
export interface VersionUse {
  readonly version: string | null;
  readonly partner: string;
  readonly key: string;
  readonly endpoint: string;
  readonly requests: number;
  /** The last day of the range with such a request. */
  readonly lastDay: string;
}

/** The counters of one day. */
export interface DayCounts {
  readonly day: string;
  readonly counts: ReadonlyMap<string, number>;
}

/** Sums up. */
export function reportOf(range: DayRange, found: readonly DayCounts[]): UsageReport {
  const keys = new Sums();
  const versions = new Sums();
  const days = found.flatMap(({ day, counts }) => {
    const endpoints = new Sums();
    for (const [name, requests] of counts) {
      const { key, version, endpoint } = readName(name);
      endpoints.add(endpoint, requests);
      keys.add(key, requests);
      versions.add(version ?? '', requests);
    }
    if (endpoints.total === 0) return [];
    const list = endpoints.sorted().map(([endpoint, requests]) => ({ endpoint, requests }));
    return [{ date: day, requests: endpoints.total, endpoints: list }];
  });
  return {
    ...range,
    requests: keys.total,
    days,
    keys: keys.sorted().map(([key, requests]) => ({ key, requests })),
    versions: versions
      .sorted()
      .map(([version, requests]) => ({ version: version === '' ? null : version, requests })),
  };
}

/** Who called what of which version; the oldest version first. */
export function versionUsesOf(partner: string, found: readonly DayCounts[]): VersionUse[] {
  const uses = new Map<string, { readonly counted: Counted; requests: number; lastDay: string }>();
  for (const { day, counts } of found) {
    for (const [name, requests] of counts) {
      const use = uses.get(name) ?? { counted: readName(name), requests: 0, lastDay: day };
      use.requests += requests;
      if (day > use.lastDay) use.lastDay = day;
      uses.set(name, use);
    }
  }
  return [...uses.values()].map(({ counted: { version = null, key, endpoint }, requests, lastDay }) => ({
    version,
    partner,
    key,
    endpoint,
    requests,
    lastDay,
  }));
}

/** The oldest version first, then by partner, key and endpoint. */
export function byVersion(one: VersionUse, other: VersionUse): number {
  const text = ({ version, partner, key, endpoint }: VersionUse): string =>
    [version ?? '', partner, key, endpoint].join('\n');
  return text(one) < text(other) ? -1 : 1;
}

class Sums {
  readonly #sums = new Map<string, number>();
  total = 0;

  add(name: string, amount: number): void {
    this.#sums.set(name, (this.#sums.get(name) ?? 0) + amount);
    this.total += amount;
  }

  sorted(): [string, number][] {
    return [...this.#sums].sort(([one], [other]) => (one < other ? -1 : 1));
  }
}
