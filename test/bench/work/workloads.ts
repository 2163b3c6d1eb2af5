/**
 * The three jobs, as data: which services a request reads and what the client must get.
 *
 * @module
 */
import { buildPayloads, type ServiceName } from './payloads.ts';
import { feedOf, homeOf } from './trim.ts';

export interface Workload {
  readonly name: string;
  readonly summary: string;
  /** Path of the job on every gateway but GraphQL. */
  readonly path: string;
  /** Requests under way at any time. Default `concurrency` of the laboratory. */
  readonly connections?: number;
  /** What the client must get, whoever answers. */
  readonly expected: unknown;
  /** Bytes of the services' answers, and of the answer they become. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** All workloads, in their order. */
export function allWorkloads(): readonly Workload[] {
  const payloads = buildPayloads();
  const workload = (
    name: string,
    summary: string,
    services: readonly ServiceName[],
    expected: unknown,
  ): Workload => ({
    name,
    summary,
    path: `/${name.toLowerCase()}`,
    expected,
    bytesIn: services.reduce((sum, service) => sum + jsonBytes(payloads[service]), 0),
    bytesOut: jsonBytes(expected),
  });
  return [
    workload('S1', 'pass one answer through', ['product'], payloads.product),
    workload(
      'S2',
      'fan out to 3 services, keep a few fields',
      ['profile', 'orders', 'products'],
      homeOf(payloads),
    ),
    workload(
      'S3',
      'fan out to 6 services, merge, drop half the fields',
      ['account', 'purchases', 'recommendations', 'reviews', 'notifications', 'prices'],
      feedOf(payloads),
    ),
  ];
}

/** Bytes of a value as JSON. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
