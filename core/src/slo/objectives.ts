/**
 * The service level objectives of a BFF, one by one: an endpoint has one for its availability, one for its latency,
 * or both.
 *
 * @module
 */
import { type SloOptions, shareOf } from '../endpoint/slo.ts';
import type { BffGraph } from '../graph.ts';

export interface Objective {
  readonly bff: string;
  readonly owner: string;
  readonly method: string;
  readonly path: string;
  readonly sli: 'availability' | 'latency';
  /** The share of requests that must be good, in (0, 1). */
  readonly objective: number;
  /** The share that may be bad. */
  readonly budget: number;
  /** The promise in words. */
  readonly promise: string;
}

/** Days over which a budget is counted. */
export const periodDays = 30;

/** All objectives of a BFF, in the order of its endpoints. */
export function objectivesOf({
  name,
  owner,
  endpoints,
}: Pick<BffGraph, 'name' | 'owner' | 'endpoints'>): Objective[] {
  return endpoints.flatMap(({ method, path, slo = {} }) =>
    promisesOf(slo).map(({ sli, percent, promise }) => ({
      bff: name,
      owner,
      method,
      path,
      sli,
      objective: shareOf(percent),
      budget: Number((1 - shareOf(percent)).toPrecision(10)),
      promise,
    })),
  );
}

interface Promised {
  readonly sli: Objective['sli'];
  readonly percent: number;
  readonly promise: string;
}

function promisesOf({ availability, latency }: SloOptions): Promised[] {
  const promised: Promised[] = [];
  if (availability !== undefined) {
    promised.push({ sli: 'availability', percent: availability, promise: `${availability} % do not fail` });
  }
  if (latency !== undefined) {
    const { p, ms } = latency;
    promised.push({ sli: 'latency', percent: p, promise: `${p} % take at most ${ms} ms` });
  }
  return promised;
}

/** How an objective is called in labels: unique within its BFF. */
export function sloName({ method, path, sli }: Pick<Objective, 'method' | 'path' | 'sli'>): string {
  return `${method} ${path} ${sli}`;
}
