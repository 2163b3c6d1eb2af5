/**
 * Service level objectives of an endpoint: which share of its requests is good. Metrics count them exactly, and
 * `bffkit slo rules` makes alerts of them that speak when the budget burns too fast.
 *
 * @see {@link https://sre.google/workbook/alerting-on-slos/ Google SRE workbook}, alerting on SLOs
 * @module
 */
import { requireKnown, requireRange } from '../context/options.ts';
import type { Endpoint } from './endpoint.ts';

/** What an endpoint promises over 30 days. At least one of both. */
export interface SloOptions {
  /** Percent of requests that do not fail (5xx), 50 to 99.999. What the client did wrong (4xx) does not count. */
  readonly availability?: number;
  readonly latency?: LatencyObjective;
}

/** `p` percent of the good answers take at most `ms`. */
export interface LatencyObjective {
  /** Percent, 50 to 99.999. */
  readonly p: number;
  /** Milliseconds from arrival to answer, below the deadline of the endpoint. */
  readonly ms: number;
}

/** @throws {RangeError} naming the endpoint, the option, the bound and the value. */
export function checkSlo(where: string, { options }: Pick<Endpoint, 'options'>): void {
  const { slo, deadlineMs } = options;
  if (slo === undefined) return;
  requireKnown(`${where}: slo`, slo, ['availability', 'latency']);
  const { availability, latency } = slo;
  if (availability === undefined && latency === undefined) {
    throw new RangeError(`${where}: slo promises nothing; declare availability, latency or both`);
  }
  if (availability !== undefined) requireRange(where, 'slo.availability', availability, 50, 99.999);
  if (latency === undefined) return;
  requireKnown(`${where}: slo.latency`, latency, ['p', 'ms']);
  requireRange(where, 'slo.latency.p', latency.p, 50, 99.999);
  requireRange(where, 'slo.latency.ms', latency.ms, 1, maxDurationMs);
  if (latency.ms >= deadlineMs) {
    throw new RangeError(
      `${where}: slo.latency.ms must be below deadlineMs ${deadlineMs}, after which there is no good answer, got ${latency.ms}`,
    );
  }
}

const maxDurationMs = 30_000;

/** An endpoint's objectives as shares in (0, 1), for whoever counts. */
export interface SloShares {
  readonly method: string;
  readonly route: string;
  readonly availability?: number;
  readonly latency?: { readonly share: number; readonly ms: number };
}

/** The objectives of an endpoint; none where it promises nothing. */
export function sloTargetOf({ method, path, options }: Endpoint): SloShares[] {
  const { slo } = options;
  if (slo === undefined) return [];
  const { availability, latency } = slo;
  return [
    {
      method,
      route: path,
      ...(availability === undefined ? {} : { availability: shareOf(availability) }),
      ...(latency === undefined ? {} : { latency: { share: shareOf(latency.p), ms: latency.ms } }),
    },
  ];
}

/** 99.9 percent is 0.999, not 0.9990000000000001. */
export function shareOf(percent: number): number {
  return Number((percent / 100).toPrecision(12));
}
