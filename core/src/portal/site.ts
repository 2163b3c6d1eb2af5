/**
 * A portal as a set of pages, each made when somebody asks first and kept: there are as many as there are guides and
 * operations, and no request makes another.
 *
 * @module
 */

import type { DescribedBff } from '../portal-part.ts';
import { html } from '../ssr/html.ts';
import { readAssets } from './assets.ts';
import { changelogPage } from './changelog-page.ts';
import { errorTable, possibleProblems } from './error-table.ts';
import { guidePage, renderGuide } from './guide-page.ts';
import type { Guide } from './guides.ts';
import { linksOf } from './links.ts';
import { operationPage } from './operation-page.ts';
import type { DocsPortalOptions } from './portal-options.ts';
import { readReference } from './reference.ts';
import { referencePage } from './reference-page.ts';
import type { Samples } from './samples.ts';
import { searchEntries } from './search-index.ts';
import { type Portal, pageText } from './shell.ts';

/** Something with an address. */
export interface SitePage {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  /** Whether its address changes when it does. */
  readonly isImmutable: boolean;
}

export interface Site {
  /** What is at an address below the portal's, such as `errors`; the page that says so when there is nothing. */
  page(rest: string): SitePage;
}

export interface SiteParts {
  readonly options: DocsPortalOptions & { readonly path: string };
  readonly guides: readonly Guide[];
  readonly samples: Samples;
  readonly bff: DescribedBff;
}

const htmlType = 'text/html; charset=utf-8';
const searchIndex = 'search.json';

export function openSite(parts: SiteParts): Site {
  const { options, guides, samples, bff } = parts;
  const assets = readAssets();
  const versions = readReference(bff);
  const [newest] = versions;
  const links = linksOf(options.path, assets.hash);
  const portal: Portal = { title: newest.document.info.title, links, guides, versions, searchIndex };
  const rendered = guides.map((guide) => [guide, renderGuide(portal, guide, samples)] as const); // so that what is wrong in one is found at boot
  const makers = new Map<string, () => SitePage>();
  const add = (address: string, make: () => string): void => {
    makers.set(address.slice(options.path.length + 1), () => ({
      status: 200,
      type: htmlType,
      body: make(),
      isImmutable: false,
    }));
  };
  for (const [guide, text] of rendered) add(links.guide(guide.name), () => guidePage(portal, guide, text));
  if (!guides.some(({ name }) => name === '')) add(links.home, () => referencePage(portal, newest));
  if (!guides.some(({ name }) => name === 'errors')) add(links.guide('errors'), () => errorsPage(portal));
  if (newest.day !== undefined) add(links.changelog, () => changelogPage(portal));
  add(`${options.path}/reference`, () => referencePage(portal, newest));
  for (const version of versions) {
    add(links.reference(version.name), () => referencePage(portal, version));
    for (const shown of version.operations)
      add(links.operation(version.name, shown.id), () => operationPage(portal, version, shown, options));
  }
  for (const [name, { type, body }] of assets.files)
    makers.set(`assets/${assets.hash}/${name}`, () => ({ status: 200, type, body, isImmutable: true }));
  makers.set(`assets/${assets.hash}/${searchIndex}`, () => ({
    status: 200,
    type: 'application/json',
    body: JSON.stringify(searchEntries(portal, rendered, possibleProblems(versions))),
    isImmutable: false, // the hash in its address is of the files, not of what is found
  }));
  const made = new Map<string, SitePage>();
  const missing: SitePage = { status: 404, type: htmlType, body: missingPage(portal), isImmutable: false };
  return {
    page(rest) {
      const known = made.get(rest);
      if (known !== undefined) return known;
      const page = makers.get(rest)?.();
      if (page === undefined) return missing;
      made.set(rest, page);
      return page;
    },
  };
}

/** For portals whose guides say nothing of errors: problems link here. */
function errorsPage(portal: Portal): string {
  const { links, versions } = portal;
  return pageText(portal, {
    title: 'Errors',
    description: 'Every code that a problem can have, and what to do.',
    address: links.guide('errors'),
    body: html`<h1>Errors</h1><p class="lead">Every code that a problem can have, and what to do.</p>${errorTable(possibleProblems(versions), links, versions[0].name)}`,
  });
}

function missingPage(portal: Portal): string {
  const { links, versions } = portal;
  return pageText(portal, {
    title: 'Not found',
    description: 'There is no such page.',
    address: '',
    robots: 'noindex',
    body: html`<h1>There is no such page</h1><p class="lead">It may have moved. Try the search, or begin again:</p><ul><li><a href="${links.home}">The first page</a></li><li><a href="${links.reference(versions[0].name)}">The API reference</a></li></ul>`,
  });
}
