/**
 * What configuration may say about the targets of an upstream, and the same checked.
 *
 * @module
 */
import { requireKnown } from '../context/options.ts';
import { type BalanceName, balanceNames } from './balance.ts';
import { type Discovery, staticTargets } from './discovery.ts';
import { type HealthOptions, type ResolvedHealthOptions, resolveHealth } from './health.ts';
import { type OutlierOptions, type ResolvedOutlierOptions, resolveOutlier } from './outlier.ts';
import { parseTargets, type TargetList } from './target.ts';

/** What can be set about the targets of an upstream. */
export interface TargetOptions {
  /** The addresses, or where to find them. */
  readonly targets: TargetList | Discovery;
  /** Default `least-pending`. */
  readonly balance?: BalanceName;
  /** Active checks. Default none. */
  readonly health?: HealthOptions;
  /** When failing targets are left alone; `false` for never. Default as in {@link OutlierOptions}. */
  readonly outlier?: OutlierOptions | false;
}

/** The same, checked. */
export interface TargetSettings {
  readonly discovery: Discovery;
  readonly balance: BalanceName;
  readonly health: ResolvedHealthOptions | undefined;
  readonly outlier: ResolvedOutlierOptions | undefined;
}

/** @throws {RangeError} for an unknown option, a value out of range, or addresses that are refused. */
export function resolveTargetOptions(where: string, options: TargetOptions): TargetSettings {
  requireKnown(where, options, ['targets', 'balance', 'health', 'outlier']);
  const { targets, balance = 'least-pending', health, outlier } = options;
  if (!balanceNames.includes(balance)) {
    throw new RangeError(
      `${where}: balance must be one of ${balanceNames.join(', ')}, got '${String(balance)}'`,
    );
  }
  return {
    discovery: isDiscovery(targets) ? targets : staticTargets(parseTargets(where, targets)),
    balance,
    health: health === undefined ? undefined : resolveHealth(where, health),
    outlier: outlier === false ? undefined : resolveOutlier(where, outlier),
  };
}

function isDiscovery(targets: TargetList | Discovery): targets is Discovery {
  return (
    typeof targets === 'object' &&
    targets !== null &&
    'start' in targets &&
    typeof targets.start === 'function'
  );
}
