/**
 * How versions meet requests: which one a request wants, whether it is still served, and what its answers say of
 * it. Everything that can be written ahead is written at boot.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9745 RFC 9745}, `Deprecation`
 * @see {@link https://www.rfc-editor.org/rfc/rfc8594 RFC 8594}, `Sunset`
 * @module
 */
import type { Principal } from '../context/principal.ts';
import { joinVary } from '../http/security-headers.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import type { CheckedVersion } from './dated.ts';

/** The header that names a version, in requests and in answers. */
export const versionHeader = 'api-version';

/** The version that a request wants. */
export interface ServedVersion {
  /** Nothing while it is not known, and for one that there never was. */
  readonly version: string | undefined;
  /** Its place in the list, the newest being 0. */
  readonly place: number;
  /** Why it is not answered now; nothing when it is. */
  refusal(nowMs: number): GatewayError | undefined;
  /** Adds what answers say of their version. */
  mark(headers: Record<string, string>): void;
}

export interface ServedVersions {
  /** By the header of a request; not known yet without one. */
  asked(header: string | undefined): ServedVersion;
  /** What is not known yet is what the caller is pinned to. */
  settled(asked: ServedVersion, principal: Principal | undefined): ServedVersion;
}

/** What an answer depends on: the header, or who calls. */
const vary = 'API-Version, Authorization';

/**
 * Compiles the choice.
 *
 * @param unpinned For callers without a version of their own.
 */
export function serveVersions(
  versions: readonly CheckedVersion[],
  unpinned = versions[0]?.version,
): ServedVersions {
  const [head] = versions;
  if (head === undefined) throw new RangeError('versions: dated must have at least one version');
  const served = new Map(versions.map((each, place) => [each.version, serve(each, place, head.version)]));
  const isServed = ({ sunsetMs = Number.POSITIVE_INFINITY }: CheckedVersion, nowMs: number): boolean =>
    nowMs < sunsetMs;
  const unknown: ServedVersion = {
    version: undefined,
    place: 0,
    refusal(nowMs) {
      const supported = versions.filter((each) => isServed(each, nowMs)).map(({ version }) => version);
      return new GatewayError('unknown-version', {
        detail: `There is no such version of this API. There are ${supported.join(', ')}.`,
        supported,
        docs: head.docs,
      });
    },
    mark: markUnknown,
  };
  const undecided: ServedVersion = {
    version: undefined,
    place: 0,
    refusal: () => undefined,
    mark: markUnknown,
  };
  const fallback = (unpinned === undefined ? undefined : served.get(unpinned)) ?? unknown;
  return {
    asked: (header) => (header === undefined ? undecided : (served.get(header) ?? unknown)),
    settled(asked, principal) {
      if (asked !== undecided) return asked;
      const pinned = principal?.version;
      if (pinned === undefined) return fallback;
      return served.get(pinned) ?? forgotten(pinned, head);
    },
  };
}

function markUnknown(headers: Record<string, string>): void {
  headers.vary = joinVary(headers.vary, vary);
}

function serve(checked: CheckedVersion, place: number, head: string): ServedVersion {
  const { version, deprecatedMs, sunsetMs = Number.POSITIVE_INFINITY, brownouts } = checked;
  const own = headersOf(checked);
  const mark = (headers: Record<string, string>): void => {
    headers[versionHeader] = version;
    headers.vary = joinVary(headers.vary, vary);
    if (own === undefined) return;
    const { link, ...others } = own;
    Object.assign(headers, others);
    headers.link = headers.link === undefined ? link : `${headers.link}, ${link}`;
  };
  const refusal = (nowMs: number): GatewayError | undefined => {
    if (nowMs >= sunsetMs) return gone(version, head, checked.docs);
    const window = brownouts.find(({ fromMs, untilMs }) => nowMs >= fromMs && nowMs < untilMs);
    return window === undefined ? undefined : rehearsal(checked, head, { ...window, nowMs });
  };
  return {
    version,
    place,
    refusal: deprecatedMs === undefined ? () => undefined : refusal,
    mark,
  };
}

/** A partner is pinned to a version that was taken out of the list: it ended, like any other. */
function forgotten(version: string, head: CheckedVersion): ServedVersion {
  return {
    version: undefined,
    place: 0,
    refusal: () => gone(version, head.version, head.docs),
    mark: markUnknown,
  };
}

function gone(version: string, head: string, docs: string): GatewayError {
  return new GatewayError('version-sunset', {
    detail: `The version ${version} has ended. Move to ${head}.`,
    docs,
  });
}

function rehearsal(
  { version, docs }: CheckedVersion,
  head: string,
  { status, untilMs, nowMs }: CheckedVersion['brownouts'][number] & { readonly nowMs: number },
): GatewayError {
  const until = new Date(untilMs).toISOString();
  return new GatewayError(status === 410 ? 'version-sunset' : 'version-brownout', {
    detail: `The version ${version} will end and is refused until ${until}, so that this is noticed. Move to ${head}.`,
    retryAfterMs: untilMs - nowMs,
    docs,
  });
}

/** What every answer of a deprecated version says. */
function headersOf({
  deprecatedMs,
  sunsetMs,
  docs,
}: CheckedVersion): (Record<string, string> & { readonly link: string }) | undefined {
  if (deprecatedMs === undefined) return undefined;
  const links = [
    `<${docs}>; rel="deprecation"; type="text/html"`,
    `<${docs}>; rel="sunset"; type="text/html"`,
  ];
  return {
    deprecation: `@${Math.floor(deprecatedMs / 1_000)}`,
    ...(sunsetMs === undefined ? {} : { sunset: new Date(sunsetMs).toUTCString() }),
    link: (sunsetMs === undefined ? links.slice(0, 1) : links).join(', '),
  };
}
