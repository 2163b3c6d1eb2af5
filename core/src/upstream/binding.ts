/**
 * Where a service is and how it is treated: the half of an upstream that comes from configuration.
 * Checked at boot; a contract without a binding refuses to start.
 *
 * @module
 */
import { maxDeadlineMs } from '../context/deadline.ts';
import { requireInteger, requireKnown, requireRange } from '../context/options.ts';
import type { AnyOperation } from './operation.ts';
import { type BreakerOptions, defaultBreaker, type ResolvedBreakerOptions } from './resilience.ts';

/** What may be set for a whole upstream and, tighter, for one of its operations. */
export interface CallPolicyOptions {
  /** Milliseconds one call may take, body included. Default: what the request's deadline leaves. */
  readonly timeoutMs?: number;
  /** For an operation: a breaker of its own. */
  readonly breaker?: BreakerOptions;
}

export interface BindingOptions<OperationName extends string = string> extends CallPolicyOptions {
  /** The service's address, `http://host:port`. */
  readonly target: string;
  /** Bytes an answer may have after decompression. Default 5 MiB. */
  readonly maxAnswerBytes?: number;
  /** Connections at most. Default 64. */
  readonly connections?: number;
  /** Tighter policies by operation name. */
  readonly operations?: { readonly [K in OperationName]?: CallPolicyOptions };
}

export interface CallPolicy {
  readonly timeoutMs: number;
  /** Set when the policy has its own breaker. */
  readonly breaker: ResolvedBreakerOptions | undefined;
}

/** A bound upstream, as checked data. */
export interface UpstreamBinding {
  readonly name: string;
  readonly origin: string;
  readonly maxAnswerBytes: number;
  readonly connections: number;
  readonly breaker: ResolvedBreakerOptions;
  readonly timeoutMs: number;
  readonly operations: ReadonlyMap<string, CallPolicy>;
}

const defaultMaxAnswerBytes = 5 * 1_024 * 1_024;

/**
 * Binds a contract to an address and policies.
 *
 * @throws {RangeError} for an unknown option, an address that is not an http(s) origin, a value out
 * of range, or an operation policy that is looser than the upstream's.
 */
export function bind<const Operations extends Readonly<Record<string, AnyOperation>>>(
  operations: Operations,
  options: BindingOptions<keyof Operations & string>,
): UpstreamBinding {
  const name = Object.values(operations)[0]?.contract.upstream ?? '';
  const where = `upstream '${name}'`;
  requireKnown(where, options, [
    'target',
    'timeoutMs',
    'breaker',
    'maxAnswerBytes',
    'connections',
    'operations',
  ]);
  const timeoutMs = options.timeoutMs ?? maxDeadlineMs;
  const maxAnswerBytes = options.maxAnswerBytes ?? defaultMaxAnswerBytes;
  const connections = options.connections ?? 64;
  requireRange(where, 'timeoutMs', timeoutMs, 1, maxDeadlineMs);
  requireInteger(where, 'maxAnswerBytes', maxAnswerBytes, 1, 1_024 ** 3);
  requireInteger(where, 'connections', connections, 1, 10_000);
  return {
    name,
    origin: originOf(where, options.target),
    maxAnswerBytes,
    connections,
    breaker: resolveBreaker(where, options.breaker),
    timeoutMs,
    operations: new Map(
      Object.entries(options.operations ?? {}).map(([key, policy]) => {
        requireKnown(`${where}: operations`, { [key]: policy }, Object.keys(operations));
        return [key, resolvePolicy(`${where}, operation '${key}'`, policy ?? {}, timeoutMs)];
      }),
    ),
  };
}

function resolvePolicy(where: string, policy: CallPolicyOptions, upstreamTimeoutMs: number): CallPolicy {
  requireKnown(where, policy, ['timeoutMs', 'breaker']);
  const timeoutMs = policy.timeoutMs ?? upstreamTimeoutMs;
  requireRange(where, 'timeoutMs', timeoutMs, 1, upstreamTimeoutMs);
  return {
    timeoutMs,
    breaker: policy.breaker === undefined ? undefined : resolveBreaker(where, policy.breaker),
  };
}

function resolveBreaker(where: string, options: BreakerOptions = {}): ResolvedBreakerOptions {
  requireKnown(`${where}: breaker`, options, Object.keys(defaultBreaker));
  const resolved = { ...defaultBreaker, ...options };
  requireInteger(`${where}: breaker`, 'failureThreshold', resolved.failureThreshold, 1, 1_000);
  requireRange(`${where}: breaker`, 'failureRateThreshold', resolved.failureRateThreshold, 0.01, 0.99);
  requireInteger(`${where}: breaker`, 'windowSize', resolved.windowSize, 1, 10_000);
  requireRange(`${where}: breaker`, 'openMs', resolved.openMs, 1, 3_600_000);
  requireInteger(`${where}: breaker`, 'halfOpenProbes', resolved.halfOpenProbes, 1, 100);
  requireInteger(`${where}: breaker`, 'successThreshold', resolved.successThreshold, 1, 100);
  return resolved;
}

function originOf(where: string, target: string): string {
  const url = URL.parse(target);
  if (url === null || !/^https?:$/.test(url.protocol) || `${url.pathname}${url.search}${url.hash}` !== '/') {
    throw new RangeError(`${where}: target must be an origin such as http://host:8080, got '${target}'`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new RangeError(`${where}: target must not carry a user or a password`);
  }
  return url.origin;
}
