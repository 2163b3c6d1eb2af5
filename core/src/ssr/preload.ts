/**
 * Resource hints: what a browser should fetch or connect to before it has read the page, as data, as
 * `Link` header and as elements.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8288 RFC 8288}, Web Linking
 * @see {@link https://html.spec.whatwg.org/multipage/links.html#link-type-preload HTML}, preload
 * @module
 */
import { z } from 'zod';
import { pageUrl } from './page-url.ts';

/** One hint, as it stands in the body of an answer. */
export const Preload = z.object({
  /** A path of the own origin, or a URL of a listed one; for `preconnect` an origin. */
  href: z.string(),
  /** Default `preload`. */
  rel: z.enum(['preload', 'modulepreload', 'preconnect']).optional(),
  /** What it will be used as; `preload` needs it. */
  as: z.enum(['script', 'style', 'image', 'font', 'fetch', 'document', 'track', 'worker']).optional(),
  /** Its media type: a browser that cannot use it does not fetch it. */
  type: z.string().optional(),
  /** How it will be asked for; fonts are always `anonymous` unless said otherwise. */
  crossorigin: z.enum(['anonymous', 'use-credentials']).optional(),
  fetchpriority: z.enum(['high', 'low', 'auto']).optional(),
});

export type Preload = Readonly<z.output<typeof Preload>>;

export const maxPreloads = 20;
/** Bytes of a `Link` header: servers and proxies refuse heads of 8 or 16 KiB in all. */
const maxLinkBytes = 4_096;
const mediaType = /^[a-z]+\/[a-z0-9.+-]+$/;

/** The hint as it may leave, or what is wrong with it. */
export function checkPreload(preload: Preload, origins: readonly string[]): Preload | string {
  const { rel = 'preload', as, type, fetchpriority } = preload;
  const href = pageUrl(preload.href, origins);
  if (href === undefined)
    return `href '${preload.href}' is neither a path of this origin nor of a listed one`;
  if (rel === 'preload' && as === undefined) return `'${preload.href}' needs 'as'`;
  if (type !== undefined && !mediaType.test(type)) return `type '${type}' is not a media type`;
  const crossorigin = preload.crossorigin ?? (as === 'font' || as === 'fetch' ? 'anonymous' : undefined);
  return {
    href,
    rel,
    ...(as === undefined || rel === 'preconnect' ? {} : { as }),
    ...(type === undefined ? {} : { type }),
    ...(crossorigin === undefined ? {} : { crossorigin }),
    ...(fetchpriority === undefined ? {} : { fetchpriority }),
  };
}

/** The hints that may leave, 20 at most; wrong ones are left out. */
export function usablePreloads(preloads: readonly Preload[], origins: readonly string[]): Preload[] {
  return preloads
    .map((preload) => checkPreload(preload, origins))
    .filter((preload) => typeof preload !== 'string')
    .slice(0, maxPreloads);
}

/** Members of a `Link` header, one per checked hint; those that would make it longer than 4 KiB are left out. */
export function linkValues(preloads: readonly Preload[]): string[] {
  let bytes = 0;
  return preloads.map(linkValue).filter((value) => {
    bytes += value.length + 2;
    return bytes <= maxLinkBytes;
  });
}

function linkValue({ href, rel = 'preload', as, type, crossorigin, fetchpriority }: Preload): string {
  return [
    `<${href}>`,
    `rel=${rel}`,
    ...(as === undefined ? [] : [`as=${as}`]),
    ...(type === undefined ? [] : [`type="${type}"`]),
    ...(crossorigin === undefined ? [] : [`crossorigin=${crossorigin}`]),
    ...(fetchpriority === undefined ? [] : [`fetchpriority=${fetchpriority}`]),
  ].join('; ');
}
