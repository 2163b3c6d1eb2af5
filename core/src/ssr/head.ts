/**
 * The elements of a `<head>` for what a page says of itself.
 *
 * @module
 */
import { inlineJson } from './escape.ts';
import { html, SafeHtml } from './html.ts';
import type { Preload } from './preload.ts';
import { type PageMeta, ssr } from './ssr.ts';

export interface HeadOptions {
  /** The own origin: with it the addresses that others read (canonical, Open Graph) are whole. Default none. */
  readonly origin?: string;
  /** Other origins that may be named. */
  readonly origins?: readonly string[];
}

/**
 * Writes title, description, canonical address, Open Graph, JSON-LD and hints. Everything is checked as in
 * {@link ssr} and escaped.
 */
export function renderHead(
  meta: PageMeta,
  preload: readonly Preload[] = [],
  { origin = '', origins = [] }: HeadOptions = {},
): SafeHtml {
  const checked = ssr({ meta, preload, origins });
  const { title, description, canonical, robots, openGraph, jsonLd = [] } = checked.meta;
  const whole = (address: string | undefined): string | undefined =>
    address?.startsWith('/') ? origin + address : address;
  return html`<title>${title}</title>${named('description', description)}${named('robots', robots)}${
    canonical && html`<link rel="canonical" href="${whole(canonical)}">`
  }${
    openGraph && [
      property('og:type', openGraph.type),
      property('og:title', openGraph.title ?? title),
      property('og:description', openGraph.description ?? description),
      property('og:url', whole(openGraph.url ?? canonical)),
      property('og:image', whole(openGraph.image)),
      property('og:image:alt', openGraph.imageAlt),
      property('og:site_name', openGraph.siteName),
      property('og:locale', openGraph.locale),
    ]
  }${jsonLd.map(structured)}${checked.preload.map(hint)}`;
}

function named(name: string, content: string | undefined): SafeHtml | undefined {
  return content === undefined ? undefined : html`<meta name="${name}" content="${content}">`;
}

function property(name: string, content: string | undefined): SafeHtml | undefined {
  return content === undefined ? undefined : html`<meta property="${name}" content="${content}">`;
}

/** A block of data: no browser runs it, and no policy for scripts is about it. */
function structured(data: unknown): SafeHtml {
  return new SafeHtml(`<script type="application/ld+json">${inlineJson(data)}</script>`);
}

function hint({ href, rel = 'preload', as, type, crossorigin, fetchpriority }: Preload): SafeHtml {
  return html`<link rel="${rel}" href="${href}"${as && html` as="${as}"`}${type && html` type="${type}"`}${
    crossorigin && html` crossorigin="${crossorigin}"`
  }${fetchpriority && html` fetchpriority="${fetchpriority}"`}>`;
}
