/**
 * Where a request of a proxy route goes: the declared prefix, and behind it what the client wrote behind the
 * route's own. The rest is taken as it was sent, never decoded; the guard has refused what could climb.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc3986#section-5.2.4 RFC 3986, section 5.2.4}
 * @module
 */
import { checkTarget } from '../ingress/guard-target.ts';
import { compilePath, paramNames, requireTemplate } from '../upstream/path.ts';

/** A request's way, taken apart. */
export interface Way {
  /** What the client's path begins with, as sent: the part that the route declares. */
  readonly ours: string;
  /** What stands there for the service. */
  readonly theirs: string;
  /** What follows in both: empty, or from a slash on. */
  readonly rest: string;
}

/** Takes the path of a target apart; `params` are checked. */
export type FindWay = (path: string, params: Readonly<Record<string, unknown>>) => Way;

const wildcard = '/*';

/**
 * Checks the route and its destination, at boot.
 *
 * @throws {RangeError} when either is no path, only one of them ends in a wildcard, or the destination
 * has a parameter that the route has not.
 */
export function compileWay(route: string, to: string): FindWay {
  const [from, into] = [prefixOf(route), prefixOf(to)];
  if (route.endsWith(wildcard) !== to.endsWith(wildcard)) {
    throw new RangeError(`to must end in /* as the route does, or neither, got '${to}'`);
  }
  requirePrefix(from);
  requirePrefix(into);
  const known = paramNames(from);
  const missing = paramNames(into).find((name) => !known.includes(name));
  if (missing !== undefined) throw new RangeError(`to has ':${missing}', which the route has not`);
  const fill = compilePath(into);
  const segments = from.split('/').length - 1;
  const takesRest = route.endsWith(wildcard);
  return function findWay(path, params) {
    const cut = takesRest ? placeOfSlash(path, segments) : path.length;
    return { ours: path.slice(0, cut), theirs: fill(params), rest: path.slice(cut) };
  };
}

/**
 * Looks at a target as the guard looks at those of clients: for what is put together here, and for what
 * services say.
 */
export function isSound(target: string): boolean {
  return target.startsWith('/') && checkTarget(target, 0) === undefined;
}

function prefixOf(path: string): string {
  return path.endsWith(wildcard) ? path.slice(0, -wildcard.length) : path;
}

function requirePrefix(prefix: string): void {
  if (prefix !== '') requireTemplate(prefix);
}

/** Where the slash stands that ends so many segments; the end when there is none. */
function placeOfSlash(path: string, segments: number): number {
  let at = -1;
  for (let count = 0; count <= segments; count += 1) {
    at = path.indexOf('/', at + 1);
    if (at < 0) return path.length;
  }
  return at;
}
