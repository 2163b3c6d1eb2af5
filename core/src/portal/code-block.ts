/**
 * Code in a page: one block, or one per language. Without a script the languages stand one after the other; the
 * script makes tabs of them.
 *
 * @module
 */
import { html, type SafeHtml } from '../ssr/html.ts';
import { highlight } from './highlight.ts';

/** Code in one language. */
export interface CodeVariant {
  /** As people call it: `curl`, `TypeScript`. */
  readonly label: string;
  readonly language: string;
  readonly code: string;
}

/** One block. It can be scrolled with the keyboard. */
export function codeBlock(code: string, language: string, label = 'Code'): SafeHtml {
  return html`<div class="code"><pre tabindex="0" role="region" aria-label="${label}"><code>${highlight(code.trimEnd(), language)}</code></pre></div>`;
}

/** The same in several languages. */
export function codeTabs(title: string, variants: readonly CodeVariant[]): SafeHtml {
  return html`<section class="tabs" data-tabs aria-label="${title}"><p class="tabs-title">${title}</p>${variants.map(
    ({ label, language, code }) =>
      html`<div class="panel" data-label="${label}"><p class="panel-title">${label}</p>${codeBlock(code, language, `${title}, ${label}`)}</div>`,
  )}</section>`;
}
