/**
 * The clothes of every page: the head, the bar with the search, the navigation, and the page in the middle. All of it
 * works without a script: menus are popovers.
 *
 * @module
 */
import { type HtmlValue, html, type SafeHtml } from '../ssr/html.ts';
import { documentOf } from '../ssr/page.ts';
import type { Guide } from './guides.ts';
import type { Links } from './links.ts';
import type { Heading } from './markdown.ts';
import { groupTitle, type ShownOperation, type ShownVersion } from './reference.ts';

/** What pages have in common. */
export interface Portal {
  readonly title: string;
  readonly links: Links;
  readonly guides: readonly Guide[];
  /** Newest first. */
  readonly versions: readonly [ShownVersion, ...ShownVersion[]];
  readonly searchIndex: string;
}

/** One page. */
export interface Shown {
  readonly title: string;
  readonly description: string;
  /** Its own address; marks its place in the navigation. */
  readonly address: string;
  /** The version whose reference is beside it. Default the newest. */
  readonly version?: ShownVersion;
  /** The same in other versions. */
  readonly others?: readonly { readonly label: string; readonly href: string; readonly isCurrent: boolean }[];
  /** Its sections, beside it on wide screens. */
  readonly headings?: readonly Heading[];
  readonly body: SafeHtml;
  /** Wide pages have a column of code of their own. */
  readonly isWide?: boolean;
  readonly robots?: string;
}

/** The whole document. */
export function pageText(portal: Portal, shown: Shown): string {
  const { links, title } = portal;
  const isHome = shown.address === links.home;
  return documentOf(
    {
      meta: {
        title: isHome ? title : `${shown.title} – ${title}`,
        description: shown.description,
        ...(shown.robots === undefined ? { canonical: shown.address } : { robots: shown.robots }),
      },
      head: html`<meta name="color-scheme" content="light dark">
<link rel="icon" href="${links.asset('mark.svg')}" type="image/svg+xml">
<link rel="stylesheet" href="${links.asset('portal.css')}">
<script type="module" src="${links.asset('portal.js')}"></script>`,
      body: html`<a class="skip" href="#main">Skip to content</a>
${bar(portal, shown)}
<div class="layout">
<nav id="nav" class="nav" popover aria-label="Documentation">${navigation(portal, shown)}</nav>
<main id="main" class="${shown.isWide === true ? 'main wide' : 'main'}" tabindex="-1">
${shown.body}
</main>
${contents(shown)}
</div>
${searchDialog(portal)}`,
    },
    {},
  );
}

function bar({ title, links }: Portal, { others = [] }: Shown): SafeHtml {
  const current = others.find(({ isCurrent }) => isCurrent);
  return html`<header class="bar">
<button class="icon menu" type="button" popovertarget="nav" aria-label="Menu"><svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><path d="M3 5h14M3 10h14M3 15h14" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"/></svg></button>
<a class="brand" href="${links.home}"><svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true"><rect width="24" height="24" rx="6" fill="currentColor"/><path d="M7 8.5 10.5 12 7 15.5M12.5 15.5H17" fill="none" stroke="#fff" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/></svg><span>${title}</span></a>
<button class="search-open" type="button" aria-label="Search" aria-keyshortcuts="/" data-search><svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true"><circle cx="9" cy="9" r="5.5" fill="none" stroke="currentColor" stroke-width="1.6"/><path d="m13.2 13.2 3.6 3.6" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"/></svg><span>Search</span><kbd>/</kbd></button>
${
  current !== undefined &&
  html`<button class="versions-open" type="button" popovertarget="versions"><span class="unseen">Version </span>${current.label}<svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true"><path d="m3 4.5 3 3 3-3" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round"/></svg></button>
<div id="versions" class="versions" popover role="group" aria-label="Versions">${others.map(
    ({ label, href, isCurrent }) =>
      html`<a href="${href}"${isCurrent && html` aria-current="true"`}>${label}</a>`,
  )}</div>`
}
</header>`;
}

function navigation({ guides, links, versions }: Portal, shown: Shown): HtmlValue {
  const [newest] = versions;
  const version = shown.version ?? newest;
  const entry = (href: string, label: HtmlValue): SafeHtml =>
    html`<li><a href="${href}"${href === shown.address && html` aria-current="page"`}>${label}</a></li>`;
  const groups = [...new Set(version.operations.map(({ group }) => group))];
  const prefix = commonPrefix(version.operations.map(({ path }) => path));
  const operation = ({ id, method, path }: ShownOperation): SafeHtml =>
    entry(
      links.operation(version.name, id),
      html`<span class="method m-${method.toLowerCase()}">${method}</span> <span class="path">${breakable(path.slice(prefix.length))}</span>`,
    );
  return [
    html`<div class="nav-head"><span>Menu</span><button class="icon" type="button" popovertarget="nav" popovertargetaction="hide" aria-label="Close menu"><svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><path d="m5 5 10 10M15 5 5 15" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"/></svg></button></div>
<p class="nav-title">Guides</p><ul>${guides.map(({ name, title }) => entry(links.guide(name), name === '' ? 'Introduction' : title))}${version.day !== undefined && entry(links.changelog, 'Changelog')}</ul>
<p class="nav-title">API reference${version.day !== undefined && html` <span class="tag">${version.day}</span>`}</p>
<ul>${entry(links.reference(version.name), 'Overview')}</ul>`,
    groups.map(
      (group) =>
        html`<p class="nav-group">${groupTitle(group)}</p><ul>${version.operations.filter((each) => each.group === group).map(operation)}</ul>`,
    ),
  ];
}

/** `/v1`, where all paths begin with it: it says nothing in a list of them. */
function commonPrefix([first = '', ...others]: readonly string[]): string {
  const [prefix = ''] = /^\/[^/]+(?=\/)/.exec(first) ?? [];
  return others.every((path) => path.startsWith(`${prefix}/`)) ? prefix : '';
}

/** A path that may break after its slashes. */
export function breakable(path: string): HtmlValue {
  return path.split(/(?<=\/)/).map((part, index) => (index === 0 ? part : html`<wbr>${part}`));
}

function contents({ headings = [], isWide = false }: Shown): HtmlValue {
  const shown = headings.filter(({ depth }) => depth === 2);
  if (isWide || shown.length < 2) return undefined;
  return html`<aside class="contents"><nav aria-label="On this page"><p>On this page</p><ul>${shown.map(
    ({ id, text }) => html`<li><a href="#${id}">${text}</a></li>`,
  )}</ul></nav></aside>`;
}

function searchDialog({ links, searchIndex }: Portal): SafeHtml {
  return html`<dialog class="search" id="search" aria-label="Search" data-index="${links.asset(searchIndex)}">
<div class="search-field"><input type="text" inputmode="search" enterkeyhint="go" role="combobox" aria-label="Search the documentation" aria-expanded="false" aria-controls="found" aria-autocomplete="list" placeholder="Search guides, operations, fields, error codes" autocomplete="off" spellcheck="false" maxlength="100"><button type="button" data-close>Close</button></div>
<ul id="found" role="listbox" aria-label="Results"></ul>
<p class="search-note" role="status"></p>
</dialog>`;
}
