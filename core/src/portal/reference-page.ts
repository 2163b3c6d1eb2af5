/**
 * The first page of the reference of a version: every operation, and what is the same for all of them.
 *
 * @module
 */
import { type HtmlValue, html, type SafeHtml } from '../ssr/html.ts';
import { eventHeadings, eventSection } from './event-section.ts';
import type { Links } from './links.ts';
import { renderInline } from './markdown.ts';
import { groupTitle, type ShownVersion } from './reference.ts';
import { breakable, type Portal, pageText } from './shell.ts';
import { versionBanner } from './version-banner.ts';

export function referencePage(portal: Portal, version: ShownVersion): string {
  const { links, title } = portal;
  const origin = version.document.servers?.[0]?.url;
  const groups = [...new Set(version.operations.map(({ group }) => group))];
  return pageText(portal, {
    title: version.day === undefined ? 'API reference' : `API reference ${version.day}`,
    description: `Every operation of the ${title}, what it takes and what it answers.`,
    address: links.reference(version.name),
    version,
    others:
      portal.versions.length < 2
        ? []
        : portal.versions.map((other) => ({
            label: other.name,
            href: links.reference(other.name),
            isCurrent: other === version,
          })),
    headings: [
      ...groups.map((group) => ({ id: `group-${group}`, text: groupTitle(group), depth: 2 })),
      ...eventHeadings(version),
    ],
    body: html`${versionBanner(version, portal)}
<h1>API reference</h1>
<p class="lead">${version.day !== undefined && html`Version ${version.day}${version.isNewest && ', the newest'}. `}JSON over HTTPS${origin !== undefined && html` at <code>${origin}</code>`}.</p>
${groups.map((group) => {
  const about = version.document.tags?.find(({ name }) => name === group)?.description;
  return html`<section><h2 id="group-${group}">${groupTitle(group)} <a class="anchor" href="#group-${group}" aria-label="Link to this section">#</a></h2>${about !== undefined && html`<p class="soft">${renderInline(about)}</p>`}${operationList(version, links, group)}</section>`;
})}
${eventSection(version)}`,
  });
}

/** Operations as a list of links. */
export function operationList(version: ShownVersion, links: Links, group?: string): SafeHtml {
  const shown = version.operations.filter((each) => group === undefined || each.group === group);
  return html`<ul class="operations">${shown.map(
    ({ id, method, path, operation }): HtmlValue =>
      html`<li><a href="${links.operation(version.name, id)}"><span class="method m-${method.toLowerCase()}">${method}</span> <span class="path">${breakable(path)}</span></a><span class="about">${renderInline(operation.summary)}</span></li>`,
  )}</ul>`;
}
