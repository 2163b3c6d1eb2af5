/**
 * What a soak says: its figures, and which of them must not be.
 *
 * @module
 */
import { deadlineMs } from './holdings.ts';
import type { HeapSample, SoakReport } from './soak.ts';

/** The heap may grow so much in the second half: some kilobytes per request would be far more. */
const mayGrowBytes = 3_000_000;
/** Timers of the HTTP server and client themselves. */
const mayKeepTimers = 3;
const megabyte = 1_024 * 1_024;

/** Bytes of heap per request over the second half: the slope of the straight line through the samples. */
export function heapSlope(samples: readonly HeapSample[]): number {
  const half = samples.slice(Math.floor(samples.length / 2));
  const mean = (of: (sample: HeapSample) => number): number =>
    half.reduce((sum, sample) => sum + of(sample), 0) / half.length;
  const [meanDone, meanBytes] = [mean(({ done }) => done), mean(({ heapBytes }) => heapBytes)];
  let covariance = 0;
  let variance = 0;
  for (const { done, heapBytes } of half) {
    covariance += (done - meanDone) * (heapBytes - meanBytes);
    variance += (done - meanDone) ** 2;
  }
  return covariance / variance;
}

/**
 * What went wrong, one sentence each.
 *
 * @param mayBeLateMs How long after its deadline an answer may come, beside the longest stalls of both
 * processes. Default 1 500.
 */
export function violations(report: SoakReport, mayBeLateMs = 1_500): string[] {
  const { before, after } = report;
  const grownBytes = heapSlope(report.samples) * (report.requests / 2);
  const found: [isWrong: boolean, what: string][] = [
    [report.wrongCount > 0, `${report.wrongCount} wrong answers: ${report.wrong.join('; ')}`],
    [grownBytes > mayGrowBytes, `the heap grew by ${Math.round(grownBytes)} bytes in the second half`],
    [after.sockets > before.sockets, `${after.sockets} sockets are open, before ${before.sockets}`],
    [after.timers > before.timers + mayKeepTimers, `${after.timers} timers run, before ${before.timers}`],
    [report.leftOpen > 0, `${report.leftOpen} connections to services were never closed`],
    [after.complaints.length > 0, `the process complained: ${after.complaints.slice(0, 5).join('; ')}`],
    [
      report.slowest.ms > deadlineMs + mayBeLateMs + report.stallMs + after.stallMs,
      `an answer took ${Math.round(report.slowest.ms)} ms: ${report.slowest.what}`,
    ],
    [(report.answers[200] ?? 0) < report.requests / 4, 'too few requests were answered 200 to mean anything'],
    [report.exitCode !== 0, `the gateway ended with ${report.exitCode}`],
  ];
  return found.filter(([isWrong]) => isWrong).map(([, what]) => what);
}

/** The figures, for people. */
export function describe(report: SoakReport): string {
  const { before, after, samples } = report;
  const heap = samples.map(({ heapBytes }) => (heapBytes / megabyte).toFixed(1));
  return [
    `requests   ${report.requests} in ${report.seconds.toFixed(0)} s (${(report.requests / report.seconds).toFixed(0)}/s), seed ${report.seed}`,
    `weather    changed ${report.changes} times: ${counts(report.weather)}`,
    `answers    ${counts(report.answers)}; ${report.degraded} degraded; slowest ${report.slowest.ms.toFixed(0)} ms of ${deadlineMs} (${report.slowest.what})`,
    `stalls     gateway ${after.stallMs.toFixed(0)} ms, client ${report.stallMs.toFixed(0)} ms at most`,
    `wrong      ${report.wrongCount}`,
    `heap MB    ${heap.join(' ')}`,
    `slope      ${heapSlope(samples).toFixed(2)} bytes per request in the second half`,
    `sockets    ${before.sockets} before, ${after.sockets} after; ${report.leftOpen} to services left open`,
    `timers     ${before.timers} before, ${after.timers} after`,
    `complaints ${after.complaints.length}`,
    '',
  ].join('\n');
}

function counts(of: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(of).sort(([, a], [, b]) => b - a);
  return sorted.map(([name, count]) => `${name} ${count}`).join(', ');
}
