/**
 * The versions of a BFF as declared: when each began, what it changed, and how it ends.
 *
 * @module
 */
import { requireKnown } from '../context/options.ts';
import type { Change } from './change.ts';

/** A time in which a deprecated version is refused on purpose, so that who still calls it notices early. */
export interface Brownout {
  /** ISO date and time with a zone, such as `2026-12-01T09:00:00Z`. */
  readonly from: string;
  readonly until: string;
  /** 410 is what the version will answer after its end; 503 is what clients retry by themselves. Default 503. */
  readonly status?: 410 | 503;
}

export interface DatedVersion {
  /** The day it began: `YYYY-MM-DD`. */
  readonly version: string;
  /** What became different with it, in the order in which it was made. The oldest version has none. */
  readonly changes: readonly Change[];
  /** From when nobody should begin with it: ISO date, or date and time with a zone. May lie ahead. */
  readonly deprecatedAt?: string;
  /** From when it is answered 410. Not before `deprecatedAt`, and not without it. */
  readonly sunsetAt?: string;
  /** Where moving on from it is explained. Default `docs` of the BFF with the version as fragment. */
  readonly docs?: string;
  /** Between `deprecatedAt` and `sunsetAt`, in their order. Default none. */
  readonly brownouts?: readonly Brownout[];
}

export interface VersionsOptions {
  /** Every version that is or was, newest first. Endpoints are written for the first. */
  readonly dated: readonly DatedVersion[];
  /** The page that explains the versions: a path of this BFF or an https address. */
  readonly docs: string;
  /** For callers who neither say nor have a version. Default the newest. */
  readonly unpinned?: string;
}

/** A version with its times in epoch milliseconds. */
export interface CheckedVersion {
  readonly version: string;
  readonly changes: readonly Change[];
  readonly deprecatedMs: number | undefined;
  readonly sunsetMs: number | undefined;
  readonly docs: string;
  readonly brownouts: readonly {
    readonly fromMs: number;
    readonly untilMs: number;
    readonly status: 410 | 503;
  }[];
}

const maxVersions = 100;

/** The versions, newest first, as keys are pinned to them. */
export function versionNames(dated: readonly DatedVersion[]): string[] {
  return dated.map(({ version }) => version);
}

/** @throws {RangeError} naming the version and what is wrong with it. */
export function checkVersions(options: VersionsOptions): CheckedVersion[] {
  requireKnown('versions', options, ['dated', 'docs', 'unpinned']);
  const { dated, docs, unpinned } = options;
  requireDocs('versions: docs', docs);
  if (dated.length === 0 || dated.length > maxVersions)
    throw new RangeError(`versions: dated must have 1 to ${maxVersions} versions, got ${dated.length}`);
  const checked = dated.map((version) => checkVersion(version, docs));
  for (const [index, { version }] of checked.entries()) {
    const newer = checked[index - 1]?.version;
    if (newer !== undefined && newer <= version)
      throw new RangeError(`versions: the newest comes first, got ${newer} before ${version}`);
  }
  const [head] = checked;
  if (head?.deprecatedMs !== undefined)
    throw new RangeError(`versions: ${head.version} is the newest; it cannot be deprecated`);
  const oldest = checked.at(-1);
  if (oldest !== undefined && oldest.changes.length > 0)
    throw new RangeError(
      `versions: ${oldest.version} is the oldest; there is nothing its changes lead back to`,
    );
  const names = checked.flatMap(({ changes }) => changes.map(({ name }) => name));
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new RangeError(`versions: the change '${twice}' appears twice`);
  if (unpinned !== undefined && !versionNames(dated).includes(unpinned))
    throw new RangeError(
      `versions: unpinned must be one of ${versionNames(dated).join(', ')}, got '${unpinned}'`,
    );
  return checked;
}

function checkVersion(dated: DatedVersion, pages: string): CheckedVersion {
  const { version, changes, deprecatedAt, sunsetAt, docs = `${pages}#${version}`, brownouts = [] } = dated;
  const where = `versions: ${version}`;
  requireKnown(where, dated, ['version', 'changes', 'deprecatedAt', 'sunsetAt', 'docs', 'brownouts']);
  if (!/^\d{4}-\d\d-\d\d$/.test(version) || dayOf(Date.parse(`${version}T00:00:00Z`)) !== version)
    throw new RangeError(`versions: a version is a day such as 2026-06-01, got '${version}'`);
  requireDocs(`${where}: docs`, docs);
  const deprecatedMs = momentOf(where, 'deprecatedAt', deprecatedAt);
  const sunsetMs = momentOf(where, 'sunsetAt', sunsetAt);
  if (sunsetMs !== undefined && (deprecatedMs === undefined || sunsetMs < deprecatedMs))
    throw new RangeError(`${where}: sunsetAt must not be before deprecatedAt, got ${sunsetAt}`);
  const windows = brownouts.map(({ from, until, status = 503 }) => ({
    fromMs: momentOf(where, 'brownouts.from', from) ?? 0,
    untilMs: momentOf(where, 'brownouts.until', until) ?? 0,
    status,
  }));
  let endMs = deprecatedMs ?? Number.POSITIVE_INFINITY;
  for (const [index, { fromMs, untilMs }] of windows.entries()) {
    if (fromMs < endMs || untilMs <= fromMs || untilMs > (sunsetMs ?? Number.POSITIVE_INFINITY))
      throw new RangeError(
        `${where}: brownouts lie one after the other between deprecatedAt and sunsetAt, got ${brownouts[index]?.from}`,
      );
    endMs = untilMs;
  }
  return { version, changes, deprecatedMs, sunsetMs, docs, brownouts: windows };
}

function momentOf(where: string, option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  if (/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text) && !Number.isNaN(ms))
    return ms;
  throw new RangeError(`${where}: ${option} must be a day, or a day and time with a zone, got '${text}'`);
}

/** It stands in a `Link` header between angle brackets. */
function requireDocs(where: string, docs: string): void {
  if (/^(https:\/\/|\/(?!\/))[\x21-\x7e]*$/.test(docs) && !/[<>"\\]/.test(docs)) return;
  throw new RangeError(`${where} must be a path or an https address, got '${docs}'`);
}

/** `YYYY-MM-DD` in UTC; nothing for a moment that is none. */
function dayOf(ms: number): string | undefined {
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString().slice(0, 10);
}
