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
import { parseTargets, type Target, type TargetList } from './target.ts';

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

/**
 * Checks the options.
 *
 * @param isSecure Whether every target must be reached by https.
 * @throws {RangeError} for an unknown option, a value out of range, or addresses that are refused.
 */
export function resolveTargetOptions(
  where: string,
  options: TargetOptions,
  isSecure = false,
): TargetSettings {
  requireKnown(where, options, ['targets', 'balance', 'health', 'outlier']);
  const { targets, balance = 'least-pending', health, outlier } = options;
  if (!balanceNames.includes(balance)) {
    throw new RangeError(
      `${where}: balance must be one of ${balanceNames.join(', ')}, got '${String(balance)}'`,
    );
  }
  return {
    discovery: discoveryOf(where, targets, isSecure),
    balance,
    health: health === undefined ? undefined : resolveHealth(where, health),
    outlier: outlier === false ? undefined : resolveOutlier(where, outlier),
  };
}

function discoveryOf(where: string, targets: TargetList | Discovery, isSecure: boolean): Discovery {
  if (isDiscovery(targets)) return isSecure ? httpsOnly(where, targets) : targets;
  const parsed = parseTargets(where, targets);
  if (isSecure) requireHttps(where, parsed);
  return staticTargets(parsed);
}

/** A list with a target that is not https counts as refused: the last good one stays. */
function httpsOnly(where: string, source: Discovery): Discovery {
  return {
    start(onTargets, parts) {
      const onList = (targets: readonly Target[]): void => {
        const refusal = plainTarget(where, targets);
        if (refusal === undefined) onTargets(targets);
        else parts.onProblem(refusal);
      };
      return source.start(onList, parts);
    },
  };
}

/** @throws {RangeError} when a target is not https. */
export function requireHttps(where: string, targets: readonly Origin[]): void {
  const refusal = plainTarget(where, targets);
  if (refusal !== undefined) throw refusal;
}

type Origin = Pick<Target, 'origin'>;

function plainTarget(where: string, targets: readonly Origin[]): RangeError | undefined {
  const plain = targets.find(({ origin }) => !origin.startsWith('https:'));
  if (plain === undefined) return undefined;
  return new RangeError(`${where}: tls needs https:// targets, got '${plain.origin}'`);
}

function isDiscovery(targets: TargetList | Discovery): targets is Discovery {
  return (
    typeof targets === 'object' &&
    targets !== null &&
    'start' in targets &&
    typeof targets.start === 'function'
  );
}
