/**
 * Usage of partners: every request that counts, once, by key, endpoint, version and day of UTC.
 *
 * Counted in the process and written as increments every second. A write that fails is sent again as it was, with the
 * same turn, and the store adds each turn once: nothing is counted twice. A process that dies loses what it had not
 * written: the last second, or all since the store went away.
 *
 * @module
 */
import type { AdminPages } from '../context/admin-pages.ts';
import { type CancelTimer, type Clock, systemClock } from '../context/clock.ts';
import type { EventBus } from '../context/event-bus.ts';
import { type IdSource, randomIds } from '../context/ids.ts';
import { requireInteger, requireKnown } from '../context/options.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { RecordStore } from '../records/record-store.ts';
import { countedRequest } from './counted-request.ts';
import { UsageBuffer } from './usage-buffer.ts';
import { type UsageEndpointOptions, usageEndpoint } from './usage-endpoint.ts';
import { usagePages } from './usage-pages.ts';
import {
  byVersion,
  type DayCounts,
  reportOf,
  type UsageReport,
  type VersionUse,
  versionUsesOf,
} from './usage-report.ts';
import { UsageStore } from './usage-store.ts';
import { type DayRange, dayOf, daysOf, monthOf } from './utc-days.ts';

export interface UsageMeterOptions {
  /** Where usage is kept; it stays open when the BFF closes. */
  readonly records: RecordStore;
  /** Counted apart from other environments that share the records, such as `live`: 1 to 16 lowercase letters or digits. */
  readonly environment: string;
  /** Days that usage is kept, from 93 to 1 000. Default 400: a year and the month before it. */
  readonly keepDays?: number;
  /** Counters that wait to be written at most, of all partners together: 1 to 1 000 000. Default 50 000. */
  readonly maxWaiting?: number;
  /** For tests. */
  readonly ids?: IdSource;
}

/** What a meter watches. */
export interface MeteredBff {
  readonly name: string;
  readonly events: EventBus;
  readonly clock: Clock;
}

export interface UsageMeter {
  /** Begins to count the requests of a BFF; `defineBff` calls it. @throws {RangeError} when called again. */
  watch(bff: MeteredBff): void;
  /** The endpoint at which a partner reads its own usage, such as `GET /v1/usage`. */
  endpoint(path: string, options?: UsageEndpointOptions): Endpoint;
  /** What one partner used. */
  of(partner: string, range: DayRange): Promise<UsageReport>;
  /** Which keys called which endpoint of which version; the oldest version first. */
  byVersion(range: DayRange): Promise<readonly VersionUse[]>;
  /** Writes what waits. Never rejects: what could not be written waits on. */
  flush(): Promise<void>;
  /** Writes what waits, tries it again for two seconds, and stops counting. */
  close(): Promise<void>;
  readonly admin: AdminPages;
  readonly remembersAlone: readonly string[];
}

const dayMs = 86_400_000;
const flushMs = 1_000;
const reminderMs = 60_000;
const triesAtEnd = 3;
const writeAtOnce = 32;

/**
 * Counts what partners use.
 *
 * @throws {RangeError} at boot for an unknown option or a value out of range.
 */
export function usageMeter(options: UsageMeterOptions): UsageMeter {
  requireKnown('usageMeter', options, ['records', 'environment', 'keepDays', 'maxWaiting', 'ids']);
  const { records, environment, keepDays = 400, maxWaiting = 50_000, ids = randomIds() } = options;
  if (!/^[a-z0-9]{1,16}$/.test(environment)) {
    throw new RangeError(
      `usageMeter: environment must be 1 to 16 lowercase letters or digits, got '${environment}'`,
    );
  }
  requireInteger('usageMeter', 'keepDays', keepDays, 93, 1_000);
  requireInteger('usageMeter', 'maxWaiting', maxWaiting, 1, 1_000_000);
  const buffer = new UsageBuffer(maxWaiting);
  let bff: MeteredBff | undefined;
  let store: UsageStore | undefined;
  let stopWatching = (): void => {};
  let timer: CancelTimer | undefined;
  let flushing: Promise<void> | undefined;
  let lastTurn = 0;
  let toldMs = Number.NEGATIVE_INFINITY;
  const clockOf = (): Clock => bff?.clock ?? systemClock;
  const today = (): string => dayOf(clockOf().wallMs());
  const opened = (): UsageStore => {
    if (store === undefined) throw new RangeError('usageMeter: give it to defineBff as meter');
    return store;
  };

  /** Grows with every batch, also over a restart: the store forgets the lowest first. */
  const nextTurn = (): number => {
    lastTurn = Math.max(lastTurn + 1, Math.floor(clockOf().wallMs()));
    return lastTurn;
  };

  const tell = (error: Error): void => {
    const nowMs = clockOf().monotonicMs();
    if (nowMs - toldMs < reminderMs) return;
    toldMs = nowMs;
    bff?.events.emit('problem', { part: 'usage', error });
  };

  const writeAll = async (): Promise<void> => {
    const batches = buffer.batches(nextTurn);
    const failures: unknown[] = [];
    for (let from = 0; from < batches.length && failures.length === 0; from += writeAtOnce) {
      await Promise.all(
        batches.slice(from, from + writeAtOnce).map(async (batch) => {
          try {
            await opened().write(batch);
            buffer.written(batch);
          } catch (error) {
            failures.push(error);
          }
        }),
      );
    }
    const lost = buffer.takeLost();
    if (lost > 0) {
      tell(new Error(`${lost} requests were not counted: ${maxWaiting} counters wait to be written`));
    }
    const [cause] = failures;
    if (cause !== undefined) tell(new Error(`${buffer.requests} requests wait to be written`, { cause }));
    else if (lost === 0) toldMs = Number.NEGATIVE_INFINITY; // all is well: the next failure is news
  };

  /** One at a time: a batch that is on its way must not be sent beside itself. */
  const flush = async (): Promise<void> => {
    while (flushing !== undefined) await flushing;
    flushing = writeAll();
    try {
      await flushing;
    } finally {
      flushing = undefined;
    }
  };

  const flushLater = (): void => {
    timer ??= clockOf().after(flushMs, () => {
      timer = undefined;
      void flush().then(() => {
        if (!buffer.isEmpty) flushLater();
      });
    });
  };

  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      clockOf().after(flushMs, resolve);
    });

  const read = async (partner: string, range: DayRange): Promise<DayCounts[]> => {
    const days = daysOf(range);
    const found = await opened().read(partner, days);
    return days.map((day, index) => ({ day, counts: found[index] ?? new Map() }));
  };
  const of = async (partner: string, range: DayRange): Promise<UsageReport> =>
    reportOf(range, await read(partner, range));
  const partnersIn = (range: DayRange): Promise<readonly string[]> =>
    opened().partners([...new Set(daysOf(range).map(monthOf))]);
  const versionUses = async (range: DayRange): Promise<readonly VersionUse[]> => {
    const uses: VersionUse[] = [];
    for (const partner of await partnersIn(range)) {
      uses.push(...versionUsesOf(partner, await read(partner, range)));
    }
    return uses.sort(byVersion);
  };

  return {
    watch(watched) {
      if (bff !== undefined) throw new RangeError('usageMeter: one meter counts for one BFF');
      bff = watched;
      const scope = `${watched.name}-${environment}`;
      store = new UsageStore({ records, scope, ttlMs: keepDays * dayMs, by: ids.traceId() });
      stopWatching = watched.events.on('request', (fact) => {
        const request = countedRequest(fact, watched.clock.wallMs());
        if (request === undefined) return;
        buffer.add(request);
        flushLater();
      });
    },
    endpoint: (path, ofEndpoint = {}) => usageEndpoint(path, ofEndpoint, { today, read: of }),
    of,
    byVersion: versionUses,
    flush,
    async close() {
      stopWatching();
      timer?.();
      timer = undefined;
      for (let tries = 0; !buffer.isEmpty && tries < triesAtEnd; tries += 1) {
        if (tries > 0) await pause();
        await flush();
      }
      if (buffer.isEmpty) return;
      toldMs = Number.NEGATIVE_INFINITY;
      tell(new Error(`${buffer.requests} requests were never counted: the records are away`));
    },
    admin: usagePages({ today, ids, read: of, partners: partnersIn, byVersion: versionUses }),
    remembersAlone: records.isLocal === true ? ['usage'] : [],
  };
}
