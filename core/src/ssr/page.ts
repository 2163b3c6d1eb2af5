/**
 * A page made by the gateway: a document around what an endpoint gives, and the policy under which a
 * browser shows it.
 *
 * @see {@link https://www.w3.org/TR/CSP3/ Content Security Policy} and Trusted Types
 * @module
 */
import { type HeadOptions, renderHead } from './head.ts';
import { html, type SafeHtml } from './html.ts';
import type { Preload } from './preload.ts';
import type { PageMeta } from './ssr.ts';

/** What an endpoint shows. */
export interface Page {
  /** Default 200. */
  readonly status?: number;
  /** Default `en`. */
  readonly lang?: string;
  readonly meta: PageMeta;
  /** Go out as `Link` header; the elements that use them belong into `head`. */
  readonly preload?: readonly Preload[];
  /** After what `meta` makes: styles, scripts, icons. */
  readonly head?: SafeHtml;
  readonly body: SafeHtml;
}

export interface PageOptions {
  /** Other origins that pictures and hints may come from. They are in the policy. */
  readonly origins?: readonly string[];
  /** Default: everything from the own origin, pictures and fonts of `origins`, no inline script or style, no frames. */
  readonly policy?: string;
}

/** The policy of a page that does not say otherwise. */
export function pagePolicy(origins: readonly string[]): string {
  const listed = ["'self'", ...origins].join(' ');
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src ${listed}`,
    `font-src ${listed}`,
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

/** The whole document. */
export function documentOf({ lang = 'en', meta, head, body }: Page, options: HeadOptions): string {
  return html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${renderHead(meta, [], options)}
${head}
</head>
<body>
${body}
</body>
</html>
`.toString();
}
