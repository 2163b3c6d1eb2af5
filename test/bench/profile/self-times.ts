/**
 * Where the time of a CPU profile went: the time each function used itself, callees left out.
 *
 * @see {@link https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile Profiler.Profile}
 * @module
 */

/** The part of a `.cpuprofile` that is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      /** From 0; -1 where there is no source. */
      readonly lineNumber: number;
    };
  }[];
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

export interface SelfTime {
  readonly name: string;
  /** Shortened path and line. */
  readonly place: string;
  readonly micros: number;
  /** Of the time the process was not idle. */
  readonly share: number;
}

/**
 * Functions by the time they used themselves, most first. Idle time is left out, and so is all but the
 * last `lastMs` milliseconds: start and warm-up say nothing about a request.
 */
export function selfTimes(profile: CpuProfile, lastMs: number): SelfTime[] {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  let untilLast = profile.timeDeltas.reduce((sum, micros) => sum + micros, 0) - lastMs * 1_000;
  const found = new Map<string, { name: string; place: string; micros: number }>();
  let total = 0;
  for (const [index, id] of profile.samples.entries()) {
    const frame = frames.get(id);
    const micros = profile.timeDeltas[index] ?? 0;
    untilLast -= micros;
    if (untilLast > 0 || frame === undefined || frame.functionName === '(idle)') continue;
    const name = frame.functionName === '' ? '(anonymous)' : frame.functionName;
    const place = placeOf(frame.url, frame.lineNumber);
    const key = `${name} ${place}`;
    const entry = found.get(key) ?? { name, place, micros: 0 };
    entry.micros += micros;
    found.set(key, entry);
    total += micros;
  }
  return [...found.values()]
    .map((entry) => ({ ...entry, share: entry.micros / total }))
    .sort((a, b) => b.micros - a.micros);
}

/** The first `count` as a table. */
export function formatSelfTimes(times: readonly SelfTime[], count: number): string {
  const rows = times
    .slice(0, count)
    .map(
      ({ name, place, share }) => `${(share * 100).toFixed(1).padStart(5)} %  ${name.padEnd(36)} ${place}`,
    );
  return `${rows.join('\n')}\n`;
}

function placeOf(url: string, line: number): string {
  if (url === '') return '';
  const path = url.replace(/^file:\/\//, '').replace(/^.*\/node_modules\//, '');
  return `${path.replace(/^.*\/(core|test)\//, '$1/')}:${line + 1}`;
}
