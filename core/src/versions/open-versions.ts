/**
 * The versions of one BFF: checked, composed for its endpoints, and described for documents and tools.
 *
 * @module
 */
import type { $ZodType } from 'zod/v4/core';
import { endpointName } from '../endpoint/check-options.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import { type Chains, composeChains, type OlderVersion } from './chain.ts';
import { checkVersions, type VersionsOptions } from './dated.ts';
import type { Migrate } from './migrate.ts';
import { problemShape } from './problem-shape.ts';
import { type ServedVersions, serveVersions } from './served.ts';

/** What happened with one version, for the changelog. */
export interface ChangeDescription {
  readonly name: string;
  readonly summary: string;
  /** `GET /v1/orders/:id`, of those that it touches. Empty when it changes problems only. */
  readonly endpoints: readonly string[];
  /** Whether it changes what a request says, what an answer says, what problems say. */
  readonly changes: readonly ('request' | 'response' | 'errors')[];
}

/** One version as plain data, and the endpoints as it has them. */
export interface VersionDescription {
  readonly version: string;
  /** The newest version, for which endpoints are written. */
  readonly isHead: boolean;
  /** What became different with it, compared to the one before. */
  readonly changes: readonly ChangeDescription[];
  /** ISO dates and times. */
  readonly deprecatedAt?: string;
  readonly sunsetAt?: string;
  readonly docs: string;
  readonly brownouts: readonly {
    readonly from: string;
    readonly until: string;
    readonly status: 410 | 503;
  }[];
  /** Every endpoint in the order of the BFF, with the schemas of this version. They describe; they do not answer. */
  readonly endpoints: readonly Endpoint[];
  /** The schema of its problems. */
  readonly problem: $ZodType;
  /** Every way between it and the newest, for tests that try them. */
  readonly ways: readonly MigrationWay[];
}

/** What takes values from one version to another. */
export interface MigrationWay {
  /** Absent for problems. */
  readonly endpoint: Endpoint | undefined;
  /** `down` from the newest to the older version, `up` from the older to the newest. */
  readonly kind: 'up' | 'down';
  readonly from: $ZodType;
  readonly to: $ZodType;
  readonly migrate: Migrate;
}

export interface OpenVersions {
  readonly served: ServedVersions;
  /** In the order of the list; the newest is the first. */
  readonly chains: readonly OlderVersion[];
  readonly descriptions: readonly VersionDescription[];
}

/** @throws {RangeError} naming the version or the change that is wrong. */
export function openVersions(options: VersionsOptions, endpoints: readonly Endpoint[]): OpenVersions {
  const checked = checkVersions(options);
  const { versions: chains, touched } = composeChains(checked, endpoints);
  const descriptions = chains.map((chain) => describe(chain, touched, endpoints));
  return { served: serveVersions(checked, options.unpinned), chains, descriptions };
}

function describe(
  chain: OlderVersion,
  touched: Chains['touched'],
  endpoints: readonly Endpoint[],
): VersionDescription {
  const { version, changes, deprecatedMs, sunsetMs, docs, brownouts } = chain.declared;
  return {
    version,
    isHead: chain.isHead,
    changes: changes.map((change) => ({
      name: change.name,
      summary: change.summary,
      endpoints: (touched.get(change) ?? []).map(endpointName),
      changes: (['request', 'response', 'errors'] as const).filter((part) => change[part].length > 0),
    })),
    ...(deprecatedMs === undefined ? {} : { deprecatedAt: new Date(deprecatedMs).toISOString() }),
    ...(sunsetMs === undefined ? {} : { sunsetAt: new Date(sunsetMs).toISOString() }),
    docs,
    brownouts: brownouts.map(({ fromMs, untilMs, status }) => ({
      from: new Date(fromMs).toISOString(),
      until: new Date(untilMs).toISOString(),
      status,
    })),
    endpoints: endpoints.map((endpoint) => chain.endpoints.get(endpoint)?.endpoint ?? endpoint),
    problem: chain.problem.shape,
    ways: waysOf(chain),
  };
}

function waysOf(chain: OlderVersion): MigrationWay[] {
  const ways: MigrationWay[] = [];
  const add = (endpoint: Endpoint | undefined, kind: 'up' | 'down', ...way: WayParts): void => {
    const [from, to, migrate] = way;
    if (from !== undefined && to !== undefined && migrate !== undefined)
      ways.push({ endpoint, kind, from, to, migrate });
  };
  for (const [endpoint, { endpoint: older, up, down }] of chain.endpoints) {
    add(endpoint, 'down', endpoint.response, older.response, down);
    add(endpoint, 'up', older.options.body, endpoint.options.body, up.body);
    add(endpoint, 'up', older.options.query, endpoint.options.query, up.query);
  }
  add(undefined, 'down', problemShape, chain.problem.shape, chain.problem.down);
  return ways;
}

type WayParts = readonly [$ZodType | undefined, $ZodType | undefined, Migrate | undefined];

/** Whatever has versions, such as a BFF. */
export interface Versioned {
  readonly declared: { readonly versions?: readonly VersionDescription[] | undefined };
}

/** The versions of a BFF, newest first, with their endpoints; empty when it has none. */
export function versionsOf({ declared }: Versioned): readonly VersionDescription[] {
  return declared.versions ?? [];
}
