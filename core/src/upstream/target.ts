/**
 * Where a service can be reached: one address of an upstream, as configuration writes it, as checked
 * data, and with what is known of it at run time.
 *
 * @module
 */
import { requireKnown, requireRange } from '../context/options.ts';
import { hashText } from './hash.ts';

/** Targets of one upstream at most; more is a mistake of the source. */
export const maxTargets = 1_000;

/** What a version may be called: it appears in logs, metrics and policy files. */
export const versionPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/;

/** One address as configuration writes it. */
export type TargetOption =
  | string
  | {
      /** `http://host:port`. */
      readonly url: string;
      /** Its share of the calls beside the others, from 0.001 to 65 535. Default 1. */
      readonly weight?: number;
      /** What runs there, for canary and blue-green: 1 to 32 letters, digits, dots, dashes. */
      readonly version?: string;
    };

/** The addresses of one upstream as configuration writes them. */
export type TargetList = TargetOption | readonly TargetOption[];

/** One checked address. */
export interface Target {
  /** `http://host:port`, normalised; what tells targets apart. */
  readonly origin: string;
  readonly weight: number;
  readonly version?: string;
}

/** What active checks say; `unknown`, before any, counts as healthy. */
export type Health = 'unknown' | 'healthy' | 'unhealthy';

/** What this process knows of one target. Plain mutable fields, because every call touches them. */
export class TargetState {
  /** Replaced when a refreshed list changes its weight or version. */
  target: Target;
  /** Calls under way: whoever sends one adds 1, and takes it off in `finally`. */
  pending = 0;
  /** Its place in the round of {@link roundRobin}. */
  turn = 0;
  /** Failed calls in a row. */
  failures = 0;
  /** Ejections that still count for the length of the next one. */
  ejections = 0;
  /** Monotonic milliseconds; ejected while the clock is before it. */
  ejectedUntilMs = 0;
  health: Health = 'unknown';
  /** Of its origin. */
  readonly hash: number;

  constructor(target: Target) {
    this.target = target;
    this.hash = hashText(target.origin);
  }
}

/**
 * Checks addresses from configuration, a file or a function.
 *
 * @param where Names the owner in errors.
 * @param list A {@link TargetList}; untrusted.
 * @throws {RangeError} for an empty list, more than 1 000 targets, an address that is not an http(s)
 * origin, one that is listed twice, or a weight or version out of range.
 *
 * @example
 * parseTargets('orders', ['http://a:1', { url: 'http://b:1', weight: 3 }])[1]?.weight; // => 3
 */
export function parseTargets(where: string, list: unknown): readonly Target[] {
  if (!Array.isArray(list)) return [parseTarget(where, 'target', list)];
  if (list.length < 1 || list.length > maxTargets) {
    throw new RangeError(`${where}: targets must be from 1 to ${maxTargets} addresses, got ${list.length}`);
  }
  const seen = new Set<string>();
  return list.map((entry: unknown, index) => {
    const target = parseTarget(where, `targets[${index}]`, entry);
    if (seen.has(target.origin)) {
      throw new RangeError(`${where}: targets[${index}] lists ${target.origin} a second time`);
    }
    seen.add(target.origin);
    return target;
  });
}

/** Whether two lists name the same targets with the same weights and versions in the same order. */
export function sameTargets(some: readonly Target[], others: readonly Target[]): boolean {
  return (
    some.length === others.length &&
    some.every((target, index) => {
      const other = others[index];
      return (
        target.origin === other?.origin && target.weight === other.weight && target.version === other.version
      );
    })
  );
}

function parseTarget(where: string, place: string, entry: unknown): Target {
  if (typeof entry !== 'object' || entry === null) {
    return { origin: originOf(where, place, entry), weight: 1 };
  }
  requireKnown(`${where}: ${place}`, entry, ['url', 'weight', 'version']);
  const { url, weight = 1, version }: { url?: unknown; weight?: unknown; version?: unknown } = entry;
  const origin = originOf(where, `${place}.url`, url);
  requireRange(where, `${place}.weight`, weight, 0.001, 65_535);
  if (version === undefined) return { origin, weight: Number(weight) };
  if (typeof version !== 'string' || !versionPattern.test(version)) {
    throw new RangeError(
      `${where}: ${place}.version must be 1 to 32 letters, digits, dots, dashes, got '${String(version)}'`,
    );
  }
  return { origin, weight: Number(weight), version };
}

function originOf(where: string, place: string, text: unknown): string {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin;
  const shown = String(text).includes('@') ? 'one with credentials' : `'${String(text)}'`;
  throw new RangeError(`${where}: ${place} must be an origin such as http://host:8080, got ${shown}`);
}
