/**
 * Curves as tables: a line for each point, and what all gateways cost there.
 *
 * @module
 */
import type { WorkloadResult } from './measure.ts';
import { type BenchResult, formatMethod, warnings } from './report.ts';
import { formatKilobytes, formatRange, formatTable } from './table.ts';
import type { Curve } from './work/curves.ts';

/** A curve and what was measured at its points. */
export interface CurveResult {
  readonly curve: Curve;
  readonly points: readonly { readonly at: number; readonly result: WorkloadResult }[];
}

/** Tables, warnings and the line that says how it was measured. */
export function formatCurves(curves: readonly CurveResult[], result: BenchResult): string {
  return `${curves.map(formatCurve).join('\n')}\n${formatMethod(result)}\n${reading}\n`;
}

const reading = [
  'µs: CPU time of the gateway process per request, median over rounds.',
  'ratio: bffkit with everything on in terms of node:http + undici without a feature, in the same round.',
  'Fewer requests are under way where answers are large: 4 MB of them at most, but 4 requests.',
].join(' ');

function formatCurve({ curve: { name, summary, unit }, points }: CurveResult): string {
  const labels = points[0]?.result.contenders.map(({ label }) => `${label} µs`) ?? [];
  const rows = points.map(({ at, result }) => rowOf(at, result));
  const table = formatTable([unit, 'in', 'out', ...labels, 'ratio', 'min–max'], rows);
  const warned = points.flatMap(({ result }) => warnings(result)).join('');
  return `${name}: ${summary}\n\n${table}${warned}`;
}

function rowOf(at: number, { workload, contenders }: WorkloadResult): string[] {
  const last = contenders.at(-1);
  return [
    String(at),
    formatKilobytes(workload.bytesIn),
    formatKilobytes(workload.bytesOut),
    ...contenders.map(({ cpuMicros }) => cpuMicros.toFixed(0)),
    last?.ratio.toFixed(2) ?? '',
    last === undefined ? '' : formatRange(last.ratioMin, last.ratioMax),
  ];
}
