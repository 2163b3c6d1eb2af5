/**
 * Which version of an upstream serves a request: canary and blue-green. Rules are asked in order, then
 * the weights; whoever was on a side stays there while a share grows.
 *
 * @see {@link https://martinfowler.com/bliki/CanaryRelease.html Canary release}
 * @see {@link https://gateway-api.sigs.k8s.io/guides/traffic-splitting/ Gateway API, traffic splitting}
 * @module
 */
import { hashPair, hashText, rendezvousBid, unit } from './hash.ts';

/** All that is named must hold. */
export interface TrafficMatch {
  /** A header of the client's request with exactly this value. Anyone can send it. */
  readonly header?: { readonly name: string; readonly value: string } | undefined;
  /** A cookie with exactly this value. */
  readonly cookie?: { readonly name: string; readonly value: string } | undefined;
  /** This share of the subjects, from 0 to 100, always the same ones. */
  readonly percentage?: number | undefined;
}

export interface TrafficRule {
  /** Default: every request. */
  readonly match?: TrafficMatch | undefined;
  readonly version: string;
}

/** How the requests to one upstream are split, as a policy file writes it. */
export interface TrafficPolicy {
  /** The first that matches decides. */
  readonly rules?: readonly TrafficRule[] | undefined;
  /** What no rule decides is shared by these weights, by version. */
  readonly weights?: Readonly<Record<string, number>> | undefined;
}

/** What of a request decides. */
export interface TrafficFacts {
  /** A header of the client's request, by lowercase name. */
  header(name: string): string | undefined;
  /** What stays on its side: the caller, else its address, else something random. */
  readonly subject: string;
}

interface Side {
  readonly version: string;
  readonly hash: number;
  readonly weight: number;
}

interface CompiledRule {
  readonly header: { readonly name: string; readonly value: string } | undefined;
  readonly cookie: { readonly name: string; readonly value: string } | undefined;
  /** In `[0, 1]`. */
  readonly share: number;
  readonly hash: number;
  readonly version: string;
}

/** A compiled {@link TrafficPolicy}. */
export interface TrafficRules {
  readonly rules: readonly CompiledRule[];
  readonly sides: readonly Side[];
}

/**
 * Compiles the policy of one upstream.
 *
 * @param upstream Its name: splits of different upstreams are independent of each other.
 */
export function compileTraffic(upstream: string, policy: TrafficPolicy): TrafficRules {
  return {
    rules: (policy.rules ?? []).map(({ match = {}, version }) => ({
      header: match.header && { name: match.header.name.toLowerCase(), value: match.header.value },
      cookie: match.cookie,
      share: (match.percentage ?? 100) / 100,
      hash: hashText(`rule ${upstream} ${version}`),
      version,
    })),
    sides: Object.entries(policy.weights ?? {})
      .filter(([, weight]) => weight > 0)
      .map(([version, weight]) => ({ version, weight, hash: hashText(`side ${upstream} ${version}`) })),
  };
}

/**
 * The version that serves a request, or `undefined` when the policy does not say. The same for the
 * same facts, in every process.
 *
 * @example
 * const orders = compileTraffic('orders', { weights: { v1: 100, v2: 0 } });
 * versionFor(orders, { subject: 'usr_1', header: () => undefined }); // => 'v1'
 */
export function versionFor({ rules, sides }: TrafficRules, facts: TrafficFacts): string | undefined {
  for (const rule of rules) if (matches(rule, facts)) return rule.version;
  const [first] = sides;
  if (first === undefined || sides.length === 1) return first?.version;
  const subject = hashText(facts.subject);
  let best = first;
  let bestBid = 0;
  for (const side of sides) {
    const bid = rendezvousBid(hashPair(subject, side.hash), side.weight);
    if (bid > bestBid) {
      best = side;
      bestBid = bid;
    }
  }
  return best.version;
}

function matches({ header, cookie, share, hash }: CompiledRule, facts: TrafficFacts): boolean {
  if (header !== undefined && facts.header(header.name) !== header.value) return false;
  if (cookie !== undefined && cookieOf(facts.header('cookie'), cookie.name) !== cookie.value) return false;
  return share === 1 || unit(hashPair(hashText(facts.subject), hash)) < share;
}

/** The first cookie of this name. @see {@link https://www.rfc-editor.org/rfc/rfc6265#section-5.4 RFC 6265, section 5.4} */
function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const equals = pair.indexOf('=');
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}
