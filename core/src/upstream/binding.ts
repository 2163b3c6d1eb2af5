/**
 * Where a service is and how it is treated: the half of an upstream that comes from configuration.
 * Checked at boot; a contract without a binding refuses to start.
 *
 * @module
 */
import { requireInteger, requireKnown, requireRange } from '../context/options.ts';
import type { UpstreamIdentity } from './identity.ts';
import { type AnyOperation, requireUpstreamName } from './operation.ts';
import {
  type CallPolicy,
  type CallPolicyOptions,
  type ConcurrencyOptions,
  callPolicyOptions,
  type ResolvedConcurrency,
  resolveBreaker,
  resolveConcurrency,
  resolvePolicy,
  tightenPolicy,
} from './policy.ts';
import type { ResolvedBreakerOptions } from './resilience.ts';
import type { RetryBudgetOptions } from './retry-budget.ts';
import { type ResolvedShadowOptions, resolveShadow, type ShadowOptions } from './shadow.ts';
import {
  requireHttps,
  resolveTargetOptions,
  type TargetOptions,
  type TargetSettings,
} from './target-options.ts';
import { resolveUpstreamTls, type UpstreamTls, type UpstreamTlsOptions } from './upstream-tls.ts';

export interface BindingOptions<OperationName extends string = string>
  extends CallPolicyOptions,
    TargetOptions {
  /** Bytes an answer may have. Default 5 MiB. */
  readonly maxAnswerBytes?: number;
  /** How many calls run and wait at once. Default 64 and 64. */
  readonly concurrency?: ConcurrencyOptions;
  /** Retries and hedges together, as a share of the calls of ten seconds. Default 20 %, at least 3 a second. */
  readonly retryBudget?: RetryBudgetOptions;
  /** Sends a share of the GET requests to another place as well; its answers are dropped. Default none. */
  readonly shadow?: ShadowOptions;
  /** How the gateway shows to the service who it is and for whom it asks. Default: it does not. */
  readonly identity?: UpstreamIdentity;
  /** Which authority is believed, and the certificate shown to the service; for https targets. Default as the system. */
  readonly tls?: UpstreamTlsOptions;
  /** Tighter policies by operation name. */
  readonly operations?: { readonly [K in OperationName]?: CallPolicyOptions };
}

/** A bound upstream, as checked data. */
export interface UpstreamBinding {
  readonly name: string;
  readonly targets: TargetSettings;
  readonly maxAnswerBytes: number;
  readonly breaker: ResolvedBreakerOptions;
  readonly policy: CallPolicy;
  readonly concurrency: ResolvedConcurrency;
  readonly retryBudget: Required<RetryBudgetOptions>;
  readonly shadow: ResolvedShadowOptions | undefined;
  readonly identity: UpstreamIdentity | undefined;
  readonly tls: UpstreamTls | undefined;
  readonly operations: ReadonlyMap<string, CallPolicy>;
}

const defaultMaxAnswerBytes = 5 * 1_024 * 1_024;
const targetOptions = ['targets', 'balance', 'health', 'outlier'];
const ownOptions = [
  'identity',
  'maxAnswerBytes',
  'concurrency',
  'retryBudget',
  'shadow',
  'tls',
  'operations',
];

/**
 * Binds a contract to addresses and policies.
 *
 * @throws {RangeError} for an unknown option, an address that is not an http(s) origin, a value out
 * of range, or an operation policy that is looser than the upstream's.
 */
export function bind<const Operations extends Readonly<Record<string, AnyOperation>>>(
  operations: Operations,
  options: BindingOptions<keyof Operations & string>,
): UpstreamBinding;
/** The same by name, for an upstream that only proxy routes use. */
export function bind(name: string, options: BindingOptions<never>): UpstreamBinding;
export function bind(
  operations: string | Readonly<Record<string, AnyOperation>>,
  options: BindingOptions,
): UpstreamBinding {
  if (typeof operations === 'string') {
    requireUpstreamName('bind', operations);
    return resolveBinding(operations, [], options);
  }
  const name = Object.values(operations)[0]?.contract.upstream ?? '';
  return resolveBinding(name, Object.keys(operations), options);
}

/** The same by name, for an upstream whose contract is not at hand. */
export function resolveBinding(
  name: string,
  operationNames: readonly string[],
  options: BindingOptions,
): UpstreamBinding {
  const where = `upstream '${name}'`;
  requireKnown(where, options, [...targetOptions, ...callPolicyOptions, ...ownOptions]);
  const { targets, balance, health, outlier, maxAnswerBytes = defaultMaxAnswerBytes } = options;
  requireInteger(where, 'maxAnswerBytes', maxAnswerBytes, 1, 1_024 ** 3);
  const policy = resolvePolicy(where, options);
  const shadow = options.shadow === undefined ? undefined : resolveShadow(where, options.shadow);
  if (options.tls !== undefined && shadow !== undefined) requireHttps(`${where}: shadow`, [shadow]);
  return {
    name,
    targets: resolveTargetOptions(
      where,
      {
        targets,
        ...(balance === undefined ? {} : { balance }),
        ...(health === undefined ? {} : { health }),
        ...(outlier === undefined ? {} : { outlier }),
      },
      options.tls !== undefined,
    ),
    maxAnswerBytes,
    breaker: resolveBreaker(where, options.breaker),
    policy,
    concurrency: resolveConcurrency(where, options.concurrency),
    retryBudget: resolveBudget(where, options.retryBudget),
    shadow,
    identity: options.identity,
    tls: options.tls === undefined ? undefined : resolveUpstreamTls(where, options.tls),
    operations: new Map(
      Object.entries(options.operations ?? {}).map(([key, operationPolicy]) => {
        requireKnown(`${where}: operations`, { [key]: operationPolicy }, operationNames);
        return [key, tightenPolicy(`${where}, operation '${key}'`, operationPolicy ?? {}, policy)];
      }),
    ),
  };
}

function resolveBudget(where: string, options: RetryBudgetOptions = {}): Required<RetryBudgetOptions> {
  const place = `${where}: retryBudget`;
  requireKnown(place, options, ['share', 'floorPerSecond']);
  const { share = 0.2, floorPerSecond = 3 } = options;
  requireRange(place, 'share', share, 0, 1);
  requireRange(place, 'floorPerSecond', floorPerSecond, 0, 1_000);
  return { share, floorPerSecond };
}
