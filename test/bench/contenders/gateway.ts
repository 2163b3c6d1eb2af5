/**
 * What every gateway process has in common: where its services are, and the answers its measurer
 * asks for.
 *
 * @module
 */
import type { AddressInfo } from 'node:net';
import { answerParent, cpuMicros, memory } from '../lab/child.ts';
import type { CurveServices } from '../work/curves.ts';
import type { ServiceName } from '../work/payloads.ts';

/** What a gateway process is told. */
export interface Assignment {
  /** The URL of each service's answer. */
  readonly services: Readonly<Record<ServiceName, string>>;
  readonly issuer: string;
  readonly curves: CurveServices;
  /** Which of several gateways this process is. */
  readonly variant?: string | undefined;
}

/** What a gateway process says when it listens. */
export interface GatewayFacts {
  readonly port: number;
}

/** Reads the assignment of this process. */
export function readAssignment(): Assignment {
  return JSON.parse(process.env.BENCH_ASSIGNMENT ?? 'null') as Assignment;
}

/**
 * Tells the measurer that this gateway listens; from now on it says what it has used: `cpu` or `memory`.
 *
 * @param cpu Of all its processes, where there are several.
 */
export function announce(
  address: AddressInfo | string | null,
  cpu: () => number | Promise<number> = cpuMicros,
): void {
  const { port } = address as AddressInfo;
  const facts: GatewayFacts = { port };
  answerParent(facts, (ask) => (ask === 'memory' ? memory() : cpu()));
}
