/**
 * The method: contenders take turns (A B C, A B C, …) behind the same upstream; what counts is the CPU
 * time of the gateway's process divided by the requests it served. Before and after, every contender
 * must give the answer the workload expects.
 *
 * @module
 */
import { isDeepStrictEqual } from 'node:util';
import { type Contender, takesPart, unwrap } from './contenders/index.ts';
import type { Gateway, Laboratory } from './lab/laboratory.ts';
import { busyMs, type Cores } from './lab/machine.ts';
import { median } from './statistics.ts';
import type { Workload } from './work/workloads.ts';

export interface MeasureSettings {
  readonly rounds: number;
  /** Requests that let V8 settle, once per contender, and the milliseconds they may take at most. */
  readonly warmUpRequests: number;
  readonly warmUpMs: number;
  /** Milliseconds of load per contender and round. */
  readonly sliceMs: number;
}

/** One contender in one round. */
export interface Slice {
  readonly cpuMicros: number;
  /** Bytes of one answer's body, encoded. */
  readonly bodyBytes: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Share of the time in which the gateway's process used its core. Near 1, unless something else is the bottleneck. */
  readonly gatewayShare: number;
  /** The same for the upstream and the load generator together, which share one core. */
  readonly loadShare: number;
  /** What other programs took of the gateway's core and of the other; 0 when nothing is pinned. */
  readonly strangersShare: number;
  readonly loadStrangersShare: number;
}

/** One contender in one workload: medians over its rounds. */
export interface ContenderResult extends Slice {
  readonly name: string;
  readonly label: string;
  /** CPU time in terms of the first contender's in the same round: median, least and most. */
  readonly ratio: number;
  readonly ratioMin: number;
  readonly ratioMax: number;
  readonly slices: readonly Slice[];
}

export interface WorkloadResult {
  readonly workload: Workload;
  readonly contenders: readonly ContenderResult[];
}

/** Requests that open connections again before each slice, uncounted. */
const leadInRequests = 128;

/** Measures one workload; ratios refer to the first contender. `progress` hears one line per step. */
export async function measureWorkload(
  laboratory: Laboratory,
  workload: Workload,
  options: {
    readonly contenders: readonly Contender[];
    readonly settings: MeasureSettings;
    readonly progress: (line: string) => void;
  },
): Promise<WorkloadResult> {
  const { settings, progress } = options;
  const gateways: Gateway[] = [];
  try {
    for (const contender of options.contenders) {
      if (takesPart(contender, workload)) gateways.push(await laboratory.startGateway(contender));
    }
    await requireEqualAnswers(laboratory, workload, gateways);
    for (const gateway of gateways) {
      progress(`${workload.name} warm-up ${gateway.contender.name}`);
      await laboratory.aim(gateway, workload);
      await laboratory.load({ count: settings.warmUpRequests, durationMs: settings.warmUpMs });
    }
    const slices = new Map(gateways.map((gateway) => [gateway, [] as Slice[]]));
    for (let round = 1; round <= settings.rounds; round += 1) {
      progress(`${workload.name} round ${round} of ${settings.rounds}`);
      for (const [gateway, ofGateway] of slices) {
        ofGateway.push(await measureSlice(laboratory, gateway, { workload, sliceMs: settings.sliceMs }));
      }
    }
    await requireEqualAnswers(laboratory, workload, gateways);
    return { workload, contenders: summarise(slices) };
  } finally {
    await Promise.all(gateways.map((gateway) => gateway.process.stop()));
  }
}

async function measureSlice(
  laboratory: Laboratory,
  gateway: Gateway,
  { workload, sliceMs }: { readonly workload: Workload; readonly sliceMs: number },
): Promise<Slice> {
  await laboratory.aim(gateway, workload);
  await laboratory.load({ count: leadInRequests });
  const { cores } = laboratory;
  const busyBefore = busyMs(cores);
  const upstreamBefore = await laboratory.upstreamCpuMicros();
  const before = await gateway.process.ask<number>('cpu');
  const load = await laboratory.load({ durationMs: sliceMs });
  const gatewayMicros = (await gateway.process.ask<number>('cpu')) - before;
  const upstreamMicros = (await laboratory.upstreamCpuMicros()) - upstreamBefore;
  const busyAfter = busyMs(cores);
  if (load.odd > 0) {
    throw new Error(
      `${gateway.contender.name} gave ${load.odd} odd answers of ${load.requests} in ${workload.name}: ${load.oddExample}`,
    );
  }
  const wallMicros = load.seconds * 1_000_000;
  const loadMicros = upstreamMicros + load.cpuMicros;
  const strangers = (core: keyof Cores, ownMicros: number): number =>
    Math.max(0, (busyAfter[core] - busyBefore[core]) * 1_000 - ownMicros) / wallMicros;
  return {
    cpuMicros: gatewayMicros / load.requests,
    bodyBytes: load.bodyBytes,
    requestsPerSecond: load.requests / load.seconds,
    p50Ms: load.p50Ms,
    p99Ms: load.p99Ms,
    gatewayShare: gatewayMicros / wallMicros,
    loadShare: loadMicros / wallMicros,
    strangersShare: strangers('gateway', gatewayMicros),
    loadStrangersShare: strangers('load', loadMicros),
  };
}

/** @throws {Error} naming the contender whose answer is not what the workload expects. */
export async function requireEqualAnswers(
  laboratory: Laboratory,
  workload: Workload,
  gateways: readonly Gateway[],
): Promise<void> {
  for (const gateway of gateways) {
    const answer = unwrap(gateway.contender, await laboratory.askOnce(gateway, workload));
    if (isDeepStrictEqual(answer, workload.expected)) continue;
    const text = JSON.stringify(answer).slice(0, 300);
    throw new Error(
      `${gateway.contender.name} does not give the expected answer of ${workload.name}: ${text}`,
    );
  }
}

function summarise(slices: ReadonlyMap<Gateway, readonly Slice[]>): ContenderResult[] {
  const all = [...slices].map(([{ contender }, ofContender]) => ({ contender, slices: ofContender }));
  const base = all[0]?.slices ?? [];
  return all.map(({ contender, slices: own }) => {
    const ratios = own.map(({ cpuMicros }, round) => cpuMicros / (base[round]?.cpuMicros ?? Number.NaN));
    const middle = (field: keyof Slice): number => median(own.map((slice) => slice[field]));
    return {
      name: contender.name,
      label: contender.label,
      cpuMicros: middle('cpuMicros'),
      bodyBytes: middle('bodyBytes'),
      ratio: median(ratios),
      ratioMin: Math.min(...ratios),
      ratioMax: Math.max(...ratios),
      requestsPerSecond: middle('requestsPerSecond'),
      p50Ms: middle('p50Ms'),
      p99Ms: middle('p99Ms'),
      gatewayShare: middle('gatewayShare'),
      loadShare: middle('loadShare'),
      strangersShare: middle('strangersShare'),
      loadStrangersShare: middle('loadStrangersShare'),
      slices: own,
    };
  });
}
