/**
 * Which problems an endpoint can answer with, from its declaration: by status, and by code. What has no
 * endpoint (404 and 405 of the routes) or is refused before one is found belongs to `default`.
 *
 * A team's own function may throw any code; of these the document knows 404 where the path has a parameter.
 *
 * @module
 */
import type { DeclaredEndpoint } from '../declared.ts';
import { takesCursor } from '../endpoint/cursor.ts';
import type { Authenticator } from '../identity/authenticator.ts';
import type { NodeSpec } from '../plan/node.ts';
import { type ProblemCode, problemCodes } from '../problem/codes.ts';
import type { PassedStatus } from '../upstream/operation.ts';
import { paramNames } from '../upstream/path.ts';
import type { VersionDescription } from '../versions/open-versions.ts';

const passed: Readonly<Record<PassedStatus, ProblemCode>> = {
  400: 'validation-failed',
  404: 'not-found',
  409: 'conflict',
  422: 'unprocessable',
};
const ofBodies: readonly ProblemCode[] = [
  'invalid-json',
  'validation-failed',
  'request-timeout',
  'body-too-large',
  'unsupported-media-type',
];
/** What a required call may fail with, whatever its operation. */
const ofServices: readonly ProblemCode[] = [
  'upstream-bad-answer',
  'upstream-error',
  'upstream-rejected',
  'upstream-broken-answer',
  'upstream-unreachable',
  'upstream-busy',
  'circuit-open',
  'dependency-unavailable',
  'upstream-timeout',
];

/** The codes of one status, sorted. */
export type CodesByStatus = ReadonlyMap<number, readonly ProblemCode[]>;

/** What a BFF has for all of its endpoints. */
export interface ProblemParts {
  readonly identity: readonly Authenticator[];
  /** See {@link versionProblemsOf}. */
  readonly versionProblems: readonly ProblemCode[];
}

/** What may be refused because of the version that is asked for. */
export function versionProblemsOf(version: VersionDescription | undefined): ProblemCode[] {
  if (version === undefined) return [];
  const { sunsetAt, brownouts } = version;
  const ends = sunsetAt !== undefined || brownouts.some(({ status }) => status === 410);
  return [
    'unknown-version',
    ...(ends ? (['version-sunset'] as const) : []),
    ...(brownouts.some(({ status }) => status === 503) ? (['version-brownout'] as const) : []),
  ];
}

/** Finds what can go wrong at `declared`, by status in ascending order. */
export function problemsOf(
  declared: DeclaredEndpoint,
  { identity, versionProblems }: ProblemParts,
): CodesByStatus {
  const codes = [
    ...ofEveryRequest(declared),
    ...versionProblems,
    ...ofIdentity(declared, identity),
    ...ofInput(declared),
    ...ofKeys(declared),
    ...ofCalls(declared),
  ];
  const sorted = [...new Set(codes)].sort();
  const byStatus = Map.groupBy(sorted, (code) => problemCodes[code].status);
  return new Map([...byStatus].sort(([one], [other]) => one - other));
}

/** `high` endpoints are not shed, but they end with the instance like all. */
function ofEveryRequest({ endpoint: { options } }: DeclaredEndpoint): ProblemCode[] {
  const always: ProblemCode[] = ['bad-request-target', 'credential-in-url', 'rate-limited', 'internal'];
  return [...always, 'shutting-down', ...(options.priority === 'high' ? [] : (['overloaded'] as const))];
}

function ofIdentity(
  { endpoint: { options, behaviour } }: DeclaredEndpoint,
  identity: readonly Authenticator[],
): ProblemCode[] {
  const { access, antiForgery = true } = options;
  const needsCaller = access.kind !== 'anyone';
  const ofWays = identity.flatMap(({ form }) => form?.problems ?? []);
  return [
    // An Authorization that nobody takes is refused everywhere.
    ...(identity.length === 0 ? [] : (['invalid-token'] as const)),
    ...ofWays.filter((code) => {
      if (code === 'csrf-failed') return antiForgery;
      // Who needs no session is anonymous when it ends; a page may say so itself.
      return code !== 'session-ended' || needsCaller || behaviour.kind === 'plain';
    }),
    ...(needsCaller || behaviour.kind === 'plain' ? (['not-signed-in'] as const) : []),
    ...(access.scopes.length === 0 ? [] : (['insufficient-scope'] as const)),
    ...(access.roles.length === 0 ? [] : (['insufficient-role'] as const)),
  ];
}

function ofInput({ endpoint: { path, options, behaviour } }: DeclaredEndpoint): ProblemCode[] {
  const hasParameters = paramNames(path).length > 0;
  const readsQuery = behaviour.kind !== 'plain' || options.query !== undefined; // unknown parameters are refused
  return [
    ...(hasParameters || readsQuery ? (['validation-failed'] as const) : []),
    ...(hasParameters ? (['not-found'] as const) : []),
    ...(takesCursor({ options }) ? (['invalid-cursor'] as const) : []),
    ...(options.body === undefined ? [] : ofBodies),
    ...(behaviour.kind === 'stream' ? (['body-too-large', 'request-timeout'] as const) : []),
  ];
}

function ofKeys({ endpoint: { options } }: DeclaredEndpoint): ProblemCode[] {
  if (options.idempotency === undefined) return [];
  return [
    ...(options.idempotency === 'required' ? (['idempotency-key-missing'] as const) : []),
    'idempotency-key-malformed',
    'idempotency-in-progress',
    'idempotency-key-reused',
    'dependency-unavailable',
  ];
}

function ofCalls({ endpoint: { behaviour }, plan }: DeclaredEndpoint): ProblemCode[] {
  if (behaviour.kind === 'plain') return ['deadline-exceeded'];
  if (behaviour.kind === 'stream') return [...ofServices];
  if (behaviour.kind === 'opaque' && behaviour.maxCalls === 0) {
    return ['dependency-unavailable', 'deadline-exceeded']; // it asks what the gateway itself keeps
  }
  if (plan === undefined) return [...ofServices, ...Object.values(passed), 'deadline-exceeded'];
  const calls = plan.nodes.flatMap(({ spec }) => (spec.kind === 'derive' ? [] : [spec]));
  const required = calls.filter((spec) => spec.required);
  return [
    ...(calls.length === 0 ? [] : (['deadline-exceeded'] as const)),
    ...(required.length === 0 ? [] : ofServices),
    ...required.flatMap(passedBy),
  ];
}

function passedBy({ operation }: Exclude<NodeSpec, { kind: 'derive' }>): ProblemCode[] {
  return operation.passes.map((status) => passed[status]);
}
