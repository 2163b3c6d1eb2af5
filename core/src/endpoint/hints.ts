/**
 * Resource hints of an endpoint: those that are known at boot go out before any service is asked, all of
 * them with the answer.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8297 RFC 8297}, 103 Early Hints
 * @module
 */
import type { Inbound } from '../context/inbound.ts';
import { checkPreload, linkValues, maxPreloads, type Preload } from '../ssr/preload.ts';
import { PageHints } from '../ssr/ssr.ts';
import type { Endpoint } from './endpoint.ts';

/** @throws {RangeError} for a hint that cannot be one, more than 20 of them, or an endpoint nobody navigates to. */
export function checkEarlyHints(where: string, { options, method }: Endpoint): void {
  const { earlyHints = [] } = options;
  if (earlyHints.length > 0 && method !== 'GET')
    throw new RangeError(`${where}: earlyHints are for GET only`);
  if (earlyHints.length > maxPreloads) {
    throw new RangeError(`${where}: earlyHints may be at most ${maxPreloads}, got ${earlyHints.length}`);
  }
  for (const hint of earlyHints) {
    const checked = checkEarlyHint(hint);
    if (typeof checked === 'string') throw new RangeError(`${where}: earlyHints: ${checked}`);
  }
}

/** Written down in code, any origin is a listed one. */
function checkEarlyHint(hint: Preload): Preload | string {
  return checkPreload(hint, [URL.parse(hint.href)?.origin ?? '']);
}

/**
 * Compiles what is sent before the answer, to browsers that navigate: nothing else follows hints, and some
 * clients take the first status line for the last. Nothing where there are no hints.
 */
export function compileEarlyHints({ options }: Endpoint): ((inbound: Inbound) => void) | undefined {
  const links = earlyLinks(options.earlyHints);
  if (links.length === 0) return undefined;
  return function sendEarlyHints(inbound) {
    if (inbound.method === 'GET' && inbound.header('sec-fetch-mode') === 'navigate') inbound.hint?.(links);
  };
}

/** Sets the `Link` header of an answer. */
export type SetLink = (headers: Record<string, string>, value: unknown) => void;

/**
 * Compiles the `Link` header: early hints, then those in `html` of the answer where the schema declares it
 * as `PageHints`. Nothing where there can be none.
 */
export function compileLink({ options, response }: Endpoint): SetLink | undefined {
  const early = earlyLinks(options.earlyHints);
  const { def } = response._zod;
  const shape = def.type === 'object' ? (def as unknown as { readonly shape: object }).shape : {};
  const isDeclared = 'html' in shape && shape.html === PageHints;
  if (!isDeclared && early.length === 0) return undefined;
  return function setLink(headers, value) {
    const own = isDeclared ? linkValues((value as { readonly html: PageHints }).html.preload) : [];
    setLinks(headers, [...early, ...own]);
  };
}

/** Adds `Link` values to headers. */
export function setLinks(headers: Record<string, string>, links: readonly string[]): void {
  const all = [...new Set(links)];
  if (all.length > 0)
    headers.link = headers.link === undefined ? all.join(', ') : [headers.link, ...all].join(', ');
}

/** The `Link` values of early hints. */
export function earlyLinks(hints: readonly Preload[] = []): string[] {
  return linkValues(hints.map(checkEarlyHint).filter((hint) => typeof hint !== 'string'));
}
