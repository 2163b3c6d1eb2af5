/**
 * The result as tables for people and as data for machines.
 *
 * @module
 */
import { concurrency } from './lab/laboratory.ts';
import type { MachineFacts } from './lab/machine.ts';
import type { ContenderResult, MeasureSettings, WorkloadResult } from './measure.ts';
import { formatKilobytes, formatRange, formatTable } from './table.ts';

/** Everything one run came to. */
export interface BenchResult {
  readonly machine: MachineFacts;
  readonly settings: MeasureSettings;
  readonly workloads: readonly WorkloadResult[];
}

/** Below this the gateway was waiting for somebody. */
const minGatewayShare = 0.85;
const columns = [
  'contender',
  'CPU µs',
  'ratio',
  'min–max',
  'bytes',
  'req/s',
  'p50 ms',
  'p99 ms',
  'gateway CPU',
];

/** Tables, warnings and the line that says how it was measured. */
export function formatReport(result: BenchResult): string {
  const tables = result.workloads.map(
    (workload) =>
      `${title(workload)}\n\n${formatTable(columns, workload.contenders.map(rowOf))}\n${warnings(workload).join('')}`,
  );
  return `${tables.join('\n')}\n${formatMethod(result)}\n${reading}\n`;
}

/** The line that says how it was measured. */
export function formatMethod({ machine, settings }: BenchResult): string {
  const pinning = machine.pinned
    ? 'gateway on core 1, load and upstream on core 0'
    : 'NOT pinned to cores (no taskset or a single core): ratios are less reliable';
  const how = [
    `${machine.cpu}, ${machine.cores} cores`,
    `Node ${machine.node}`,
    pinning,
    `${settings.rounds} rounds of ${settings.sliceMs} ms each`,
    `concurrency ${concurrency}`,
    `warm-up ${settings.warmUpRequests} requests`,
  ];
  return how.join(' · ');
}

const reading = [
  'CPU µs: CPU time of the gateway process per request, median over rounds.',
  'ratio: the same in terms of the first line, in the same round, median over rounds.',
].join(' ');

/** The same as JSON. */
export function jsonReport(result: BenchResult): string {
  const workloads = result.workloads.map((of) => {
    const { name, summary, bytesIn, bytesOut } = of.workload;
    return { name, summary, bytesIn, bytesOut, contenders: of.contenders, warnings: warnings(of) };
  });
  return `${JSON.stringify({ ...result, concurrency, workloads }, undefined, 2)}\n`;
}

function title({ workload: { name, summary, bytesIn, bytesOut } }: WorkloadResult): string {
  return `${name}: ${summary} (${formatKilobytes(bytesIn)} in, ${formatKilobytes(bytesOut)} out)`;
}

function rowOf(result: ContenderResult): string[] {
  return [
    result.label,
    result.cpuMicros.toFixed(0),
    result.ratio.toFixed(2),
    formatRange(result.ratioMin, result.ratioMax),
    result.bodyBytes.toFixed(0),
    result.requestsPerSecond.toFixed(0),
    result.p50Ms.toFixed(1),
    result.p99Ms.toFixed(1),
    percent(result.gatewayShare),
  ];
}

/** One warning per workload, when a gateway had to wait: who took the time, as far as can be told. */
export function warnings({ workload, contenders }: WorkloadResult): string[] {
  const starved = contenders.filter(({ gatewayShare }) => gatewayShare < minGatewayShare);
  if (starved.length === 0) return [];
  const mean = (field: 'loadShare' | 'strangersShare' | 'loadStrangersShare'): string =>
    percent(starved.reduce((sum, result) => sum + result[field], 0) / starved.length);
  const who = starved.map(({ label, gatewayShare }) => `${label} ${percent(gatewayShare)}`).join(', ');
  return [
    `warning: ${workload.name}: these gateways used less of their core than they could: ${who}. Meanwhile other ` +
      `programs took ${mean('strangersShare')} of it; of the other core the upstream and the load generator ` +
      `used ${mean('loadShare')} and other programs ${mean('loadStrangersShare')}. Ratios are noisy, req/s and ms too low.\n`,
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
