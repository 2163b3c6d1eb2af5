/**
 * `Location` of a service's answer, in the client's terms. Redirects are not followed; what leads to the same
 * part of the same service is rewritten, what leads elsewhere is not handed on: it would tell an address
 * inside, or send clients wherever a service says.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-10.2.2 RFC 9110, section 10.2.2}
 * @module
 */
import { isSound, type Way } from './target.ts';

/** What a location is judged by. */
export interface Asked {
  /** The origin that answered. */
  readonly origin: string;
  readonly way: Way;
  /** Whether the route takes more than one path. */
  readonly takesRest: boolean;
  /** Other origins that may be named. */
  readonly redirects: readonly string[];
}

/** The location for the client; nothing when it must not have it. */
export function mapLocation(
  location: string,
  { origin, way, takesRest, redirects }: Asked,
): string | undefined {
  const url = URL.parse(location, `${origin}${way.theirs}${way.rest}`);
  if (url === null || url.username !== '' || url.password !== '') return undefined;
  if (url.origin !== origin) return redirects.includes(url.origin) ? url.href : undefined;
  const { theirs, ours } = way;
  const rest = url.pathname.slice(theirs.length);
  const isInside = url.pathname.startsWith(theirs) && (rest === '' || (takesRest && rest.startsWith('/')));
  if (!isInside) return undefined;
  const target = `${ours}${rest}${url.search}`;
  return isSound(target) ? `${target}${url.hash}` : undefined;
}
