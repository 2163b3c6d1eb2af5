/**
 * The docs of the partner BFF with the mock shop behind, and their pages as text.
 *
 * @module
 */
import { loadBffs } from '../support/bff-package.ts';
import { openShop, partnerKey, type Shop } from '../support/shop.ts';

export interface OpenDocs {
  readonly shop: Shop;
  /** The origin of the BFF. */
  readonly url: string;
  readonly key: string;
  close(): Promise<void>;
}

/** Starts the services and the partner BFF. */
export async function openDocs(): Promise<OpenDocs> {
  const shop = await openShop((await loadBffs()).filter(({ name }) => name === 'partner'));
  return { shop, url: shop.urlOf('partner'), key: partnerKey, close: () => shop.close() };
}

/** One page that was read. */
export interface ReadPage {
  readonly status: number;
  readonly text: string;
  /** The places in it that links can name. */
  readonly ids: ReadonlySet<string>;
  /** Where its links lead, as they are written. */
  readonly links: readonly string[];
}

export async function readPage(address: string): Promise<ReadPage> {
  const response = await fetch(address);
  const text = await response.text();
  const all = (pattern: RegExp): string[] =>
    [...text.matchAll(pattern)].map(([, found = '']) => decoded(found));
  return {
    status: response.status,
    text,
    ids: new Set(all(/\sid="([^"]*)"/g)),
    links: [...all(/\s(?:href|src|data-index)="([^"]*)"/g), ...modulesOf(address, text)],
  };
}

/** Every page that links lead to from `start`, by its path. */
export async function crawl(origin: string, start: string): Promise<Map<string, ReadPage>> {
  const pages = new Map<string, ReadPage>();
  const waiting = [start];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (pages.has(path)) continue;
    const page = await readPage(origin + path);
    pages.set(path, page);
    for (const link of page.links) {
      const [target = ''] = link.split('#');
      if (target.startsWith('/') && !pages.has(target)) waiting.push(target);
    }
  }
  return pages;
}

function decoded(text: string): string {
  return text
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/** The files that a script imports. */
function modulesOf(address: string, text: string): string[] {
  if (!address.endsWith('.js')) return [];
  return [...text.matchAll(/(?:from|import\()\s*'(\.\/[^']+)'/g)].map(
    ([, file = '']) => new URL(file, address).pathname,
  );
}
