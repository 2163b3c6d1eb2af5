/**
 * Metrics of the process that serves: how late its event loop is and how busy, what memory it holds, what garbage
 * collection costs, how many clients are connected, and what it is.
 *
 * @see {@link https://nodejs.org/api/perf_hooks.html Node, performance measurement}
 * @module
 */
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { constants, monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { counterTally, type Reading, readAtScrape, type TallyPlace } from './tally.ts';

/** What only the server knows; asked at every scrape. */
export interface ServerGauges {
  /** Open connections of clients. */
  connections(): number;
}

const resolutionMs = 20;
const nanosPerSecond = 1e9;
const microsPerSecond = 1e6;

/** Begins to watch the process; returns how to stop. */
export function watchProcess(registers: TallyPlace, server: ServerGauges): () => void {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  const collections = watchCollections(registers);
  const version = ownVersion();
  const gauge = (name: string, help: string, value: () => number): void =>
    readAtScrape({ name, help, type: 'gauge', labelNames: [], registers }, () => [[[], value()]]);

  gauge('bff_open_connections', 'Open connections of clients.', () => server.connections());
  gauge('bff_process_resident_memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss());
  gauge('bff_process_heap_used_bytes', 'Used memory of the heap.', () => getHeapStatistics().used_heap_size);
  gauge('bff_process_heap_limit_bytes', 'What the heap may have.', () => getHeapStatistics().heap_size_limit);
  readAtScrape(
    {
      name: 'bff_process_start_time_seconds',
      help: 'When the process began, in seconds since 1970.',
      type: 'gauge',
      labelNames: [],
      registers,
    },
    () => [[[], Math.round(performance.timeOrigin / 1_000)]],
  );
  readAtScrape(
    {
      name: 'bff_build_info',
      help: 'What runs: the versions of bffkit and Node.',
      type: 'gauge',
      labelNames: ['version', 'node'],
      registers,
    },
    () => [[[version, process.version], 1]],
  );
  readAtScrape(
    {
      name: 'bff_event_loop_delay_seconds',
      help: 'How late the event loop was since the last scrape.',
      type: 'gauge',
      labelNames: ['quantile'],
      registers,
    },
    () => {
      const late = (percent: number): number =>
        Math.max(0, delays.percentile(percent) / nanosPerSecond - resolutionMs / 1_000);
      const readings: Reading[] = [
        [['0.5'], late(50)],
        [['0.99'], late(99)],
      ];
      delays.reset();
      return readings;
    },
  );
  readAtScrape(
    {
      name: 'bff_event_loop_active_seconds_total',
      help: 'Time in which the event loop was busy: its rate is the utilisation.',
      type: 'counter',
      labelNames: [],
      registers,
    },
    () => [[[], performance.eventLoopUtilization().active / 1_000]],
  );
  readAtScrape(
    {
      name: 'bff_process_cpu_seconds_total',
      help: 'Time of processors.',
      type: 'counter',
      labelNames: ['mode'],
      registers,
    },
    () => {
      const { user, system } = process.cpuUsage();
      return [
        [['user'], user / microsPerSecond],
        [['system'], system / microsPerSecond],
      ];
    },
  );
  return function stopWatching() {
    delays.disable();
    collections.disconnect();
  };
}

const collectionKinds: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weakcb',
};

/** What Node says of a collection; its types do not know `detail`. */
interface Collection {
  readonly duration: number;
  readonly detail?: { readonly kind?: number };
}

function watchCollections(registers: TallyPlace): PerformanceObserver {
  const seconds = counterTally({
    name: 'bff_process_gc_seconds_total',
    help: 'Time of garbage collection, by kind.',
    labelNames: ['kind'],
    registers,
  });
  for (const kind of Object.values(collectionKinds)) seconds(kind);
  const observer = new PerformanceObserver((list) => {
    for (const { detail, duration } of list.getEntries() as readonly Collection[]) {
      const { kind = 0 } = detail ?? {};
      const name = collectionKinds[kind];
      if (name !== undefined) seconds(name).value += duration / 1_000;
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return observer;
}

/** That of the package this file is part of. */
function ownVersion(): string {
  const manifest = findPackageJSON('..', import.meta.url);
  return manifest === undefined
    ? 'unknown'
    : (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
