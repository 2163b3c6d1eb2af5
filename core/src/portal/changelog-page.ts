/**
 * What changed with each version, from the change modules themselves, and how each version ends.
 *
 * @module
 */
import { type HtmlValue, html } from '../ssr/html.ts';
import type { ChangeDescription } from '../versions/open-versions.ts';
import { renderInline } from './markdown.ts';
import { operationOfEndpoint, type ShownVersion } from './reference.ts';
import { type Portal, pageText } from './shell.ts';
import { dayText, momentText } from './version-banner.ts';

const words = { request: 'requests', response: 'answers', errors: 'problems' } as const;

export function changelogPage(portal: Portal): string {
  const { links, versions, title } = portal;
  return pageText(portal, {
    title: 'Changelog',
    description: `What changed with each version of the ${title}, and when versions end.`,
    address: links.changelog,
    headings: versions.map(({ name }) => ({ id: name, text: name, depth: 2 })),
    body: html`<h1>Changelog</h1>
<p class="lead">Only what could break a client has a version. Additions, such as a new field of an answer or a new operation, reach every version.</p>
${versions.map((version) => release(version, portal))}`,
  });
}

function release(version: ShownVersion, { links }: Portal): HtmlValue {
  const { name, description, isNewest } = version;
  const { changes = [], deprecatedAt, sunsetAt } = description ?? {};
  return html`<section class="release"><h2 id="${name}">${name}${isNewest && html` <span class="tag good">newest</span>`}${deprecatedAt !== undefined && html` <span class="tag warn">deprecated</span>`} <a class="anchor" href="#${name}" aria-label="Link to ${name}">#</a></h2>
<p class="soft">${dayText(name)} · <a href="${links.reference(name)}">Reference of this version</a></p>
${deprecatedAt !== undefined && ending(version, deprecatedAt, sunsetAt)}
${changes.length === 0 ? html`<p>The first version of the API.</p>` : html`<ul class="changes">${changes.map((change) => changeEntry(change, version, links))}</ul>`}</section>`;
}

function ending(
  { description }: ShownVersion,
  deprecatedAt: string,
  sunsetAt: string | undefined,
): HtmlValue {
  const brownouts = description?.brownouts ?? [];
  return html`<div class="callout warn"><p><strong>Deprecated on ${dayText(deprecatedAt)}.</strong> ${
    sunsetAt === undefined
      ? 'Its end is not set yet.'
      : html`It ends on <strong>${dayText(sunsetAt)}</strong>: from then on it is answered 410.`
  }</p>${
    brownouts.length > 0 &&
    html`<p>Before that it is refused for a while, so that who still calls it notices:</p><ul>${brownouts.map(
      ({ from, until, status }) => html`<li>${momentText(from)} to ${momentText(until)}, with ${status}</li>`,
    )}</ul>`
  }</div>`;
}

function changeEntry(
  { name, summary, endpoints, changes }: ChangeDescription,
  version: ShownVersion,
  links: Portal['links'],
): HtmlValue {
  return html`<li id="change-${name}"><p>${renderInline(summary)}</p><p class="soft">Changes ${changes.map((part) => words[part]).join(' and ')}${
    endpoints.length > 0 &&
    html` of ${endpoints.map((endpoint, index) => [index > 0 && ', ', endpointLink(endpoint, version, links)])}`
  }.</p></li>`;
}

function endpointLink(endpoint: string, version: ShownVersion, links: Portal['links']): HtmlValue {
  const found = operationOfEndpoint(version, endpoint);
  if (found === undefined) return html`<code>${endpoint}</code>`;
  return html`<a href="${links.operation(version.name, found.id)}"><code>${found.method} ${found.path}</code></a>`;
}
