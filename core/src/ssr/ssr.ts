/**
 * What a page of the frontend needs in its `<head>`, as typed data: a schema to declare in an answer and
 * the function that fills it. Texts and addresses come from services; here they are cut to size and checked,
 * and what cannot be used is left out, because a page without one picture is better than no page.
 *
 * @see {@link https://ogp.me/ The Open Graph protocol}
 * @see {@link https://www.w3.org/TR/json-ld11/ JSON-LD 1.1}
 * @module
 */
import { z } from 'zod';
import { inlineJson } from './escape.ts';
import { pageUrl } from './page-url.ts';
import { Preload, usablePreloads } from './preload.ts';

const OpenGraph = z.object({
  type: z.enum(['website', 'article', 'product', 'profile']).optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  /** A path of the own origin or a URL of a listed one; so is `image`. */
  url: z.string().optional(),
  image: z.string().optional(),
  imageAlt: z.string().optional(),
  siteName: z.string().optional(),
  locale: z.string().optional(),
});

/** What describes a page to browsers, search engines and messengers. */
export const PageMeta = z.object({
  title: z.string(),
  description: z.string().optional(),
  /** The one address of this content: a path of the own origin. */
  canonical: z.string().optional(),
  /** Such as `noindex`. */
  robots: z.string().optional(),
  openGraph: OpenGraph.optional(),
  /** Structured data, one object per thing described. */
  jsonLd: z.array(z.record(z.string(), z.json())).optional(),
});

/** For the schema of an answer: `html: PageHints`. Its hints then also go out as `Link` header. */
export const PageHints = z.object({ meta: PageMeta, preload: z.array(Preload) });

export type PageMeta = z.output<typeof PageMeta>;
export type PageHints = z.output<typeof PageHints>;

export interface SsrParts {
  readonly meta: PageMeta;
  readonly preload?: readonly Preload[];
  /** Other origins that pictures, hints and the like may come from, such as `https://images.example`. */
  readonly origins?: readonly string[];
}

const maxTitle = 300;
const maxText = 1_000;
const maxJsonLd = 10;
const maxJsonLdBytes = 32_768;

/**
 * Checks and cuts what a page says of itself. Pure; made for `respond`.
 *
 * @example
 * ssr({ meta: { title: 'Lamp', canonical: '//evil.example' } }); // => { meta: { title: 'Lamp' }, preload: [] }
 */
export function ssr({ meta, preload = [], origins = [] }: SsrParts): PageHints {
  const { title, description, canonical, robots, openGraph, jsonLd } = meta;
  return {
    meta: {
      title: cut(title, maxTitle),
      ...present({
        description: description && cut(description, maxText),
        canonical: canonical && pageUrl(canonical, []),
        robots: robots && /^[a-z:\-, 0-9]{1,100}$/.exec(robots)?.[0],
        openGraph: openGraph && ofOpenGraph(openGraph, origins),
        jsonLd: jsonLd?.slice(0, maxJsonLd).filter(isSmall),
      }),
    },
    preload: usablePreloads(preload, origins),
  };
}

type OpenGraph = z.output<typeof OpenGraph>;

function ofOpenGraph(
  { type, title, description, url, image, imageAlt, siteName, locale }: OpenGraph,
  origins: readonly string[],
): OpenGraph {
  return present({
    type,
    title: title && cut(title, maxTitle),
    description: description && cut(description, maxText),
    url: url && pageUrl(url, origins),
    image: image && pageUrl(image, origins),
    imageAlt: imageAlt && cut(imageAlt, maxTitle),
    siteName: siteName && cut(siteName, maxTitle),
    locale: locale && /^[a-z]{2,3}(?:_[A-Z]{2})?$/.exec(locale)?.[0],
  });
}

function isSmall(value: unknown): boolean {
  return Buffer.byteLength(inlineJson(value)) <= maxJsonLdBytes;
}

/** One line of at most `max` characters, cut between two of them. */
function cut(text: string, max: number): string {
  const line = text
    .toWellFormed()
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim();
  if (line.length <= max) return line;
  return `${line.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the members that are not there. */
function present<T extends object>(members: T): Present<T> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && value !== ''),
  ) as Present<T>;
}
