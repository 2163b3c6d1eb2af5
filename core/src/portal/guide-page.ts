/**
 * Guides as pages: their links lead to other pages of the portal, and their generated parts are filled in.
 *
 * @module
 */
import { type HtmlValue, html, type SafeHtml } from '../ssr/html.ts';
import { codeTabs } from './code-block.ts';
import { errorTable, possibleProblems } from './error-table.ts';
import type { Guide } from './guides.ts';
import { type GuideParts, type RenderedGuide, renderInline, renderMarkdown } from './markdown.ts';
import { operationOfEndpoint } from './reference.ts';
import { operationList } from './reference-page.ts';
import type { Samples } from './samples.ts';
import { type Portal, pageText } from './shell.ts';

export function guidePage(portal: Portal, guide: Guide, rendered: RenderedGuide): string {
  const { links, guides } = portal;
  const index = guides.indexOf(guide);
  return pageText(portal, {
    title: guide.title,
    description: guide.lead.replaceAll('`', ''),
    address: links.guide(guide.name),
    headings: rendered.headings,
    body: html`<article class="prose"><h1>${guide.title}</h1>
<p class="lead">${renderInline(guide.lead)}</p>
${rendered.html}</article>
${turns(guides[index - 1], guides[index + 1], portal)}`,
  });
}

function turns(before: Guide | undefined, after: Guide | undefined, { links }: Portal): SafeHtml {
  return html`<nav class="turns" aria-label="Next and previous guide">${
    before === undefined
      ? html`<span></span>`
      : html`<a href="${links.guide(before.name)}"><small>Before</small>${before.title}</a>`
  }${after !== undefined && html`<a class="next" href="${links.guide(after.name)}"><small>Next</small>${after.title}</a>`}</nav>`;
}

/** A guide with its links checked. @throws {RangeError} naming the file and what is wrong in it. */
export function renderGuide(portal: Portal, guide: Guide, samples: Samples): RenderedGuide {
  try {
    return renderMarkdown(guide.tokens, partsOf(portal, guide, samples));
  } catch (error) {
    if (error instanceof RangeError) error.message = `docsPortal: ${guide.file}: ${error.message}`;
    throw error;
  }
}

function partsOf(portal: Portal, guide: Guide, samples: Samples): GuideParts {
  const { links, versions, guides } = portal;
  const [newest] = versions;
  const generators: Readonly<Record<string, (rest: string) => SafeHtml>> = {
    errors: () => errorTable(possibleProblems(versions), links, newest.name),
    operations: () => operationList(newest, links),
    guides: () =>
      guideCards(
        guides.filter((each) => each !== guide),
        portal,
      ),
    sample(rest) {
      const [, name = '', title = name] = /^(\S+)(?: +(.+))?$/.exec(rest) ?? [];
      const variants = samples.get(name);
      if (variants === undefined) throw new RangeError(`there is no sample '${name}'`);
      return codeTabs(title, variants);
    },
  };
  return {
    linkOf: (href) => linkOf(href, portal),
    generated(name, rest) {
      const generate = generators[name];
      if (generate !== undefined) return generate(rest);
      throw new RangeError(`{{ ${name} }} must be one of ${Object.keys(generators).join(', ')}`);
    },
  };
}

function guideCards(guides: readonly Guide[], { links }: Portal): SafeHtml {
  return html`<ul class="cards">${guides.map(
    ({ name, title, lead }): HtmlValue =>
      html`<li><a href="${links.guide(name)}"><strong>${title}</strong><span>${renderInline(lead)}</span></a></li>`,
  )}</ul>`;
}

/**
 * The address a link of a guide leads to. `errors.md#not-found` is another guide, `op:GET /v1/orders/:id` an
 * operation, `changelog` and `reference` those pages; `https:`, `mailto:` and `#section` stay as they are.
 */
function linkOf(href: string, { links, guides, versions }: Portal): string {
  const [newest] = versions;
  if (/^(?:https:|mailto:|#)/.test(href)) return href;
  const [, operation] = /^op:(.*)$/.exec(decodeURI(href)) ?? [];
  if (operation !== undefined) {
    const found = operationOfEndpoint(newest, operation);
    if (found === undefined) throw new RangeError(`there is no operation '${operation}'`);
    return links.operation(newest.name, found.id);
  }
  const [, target = '', fragment = ''] = /^([^#]*)(#.*)?$/.exec(href) ?? [];
  if (target === 'changelog') return links.changelog + fragment;
  if (target === 'reference') return links.reference(newest.name) + fragment;
  const name = target
    .replace(/^\d+-/, '')
    .replace(/\.md$/, '')
    .replace(/^index$/, '');
  if (!target.endsWith('.md') || !guides.some((guide) => guide.name === name))
    throw new RangeError(
      `the link '${href}' leads nowhere; write other-guide.md, op:GET /path, changelog, reference or https://…`,
    );
  return links.guide(name) + fragment;
}
