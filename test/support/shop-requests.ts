/**
 * Requests to the BFFs of the running shop: the sample of an endpoint, and lists to their end.
 *
 * @module
 */
import type { Endpoint } from 'bffkit';
import { z } from 'zod';
import { type BffPackage, loadBffs } from './bff-package.ts';
import { requestOf, sampleOf } from './endpoint-samples.ts';
import { readFacts, type ShopFacts } from './sample-values.ts';
import { openShop, partnerCustomer, partnerKey, type Shop, type ShopAnswer } from './shop.ts';

/** The running shop, and what there is in it. */
export interface OpenShop extends Shop {
  readonly facts: ShopFacts;
  /** A credential that may do everything at this BFF, of the customer of the facts unless told. */
  credentialOf(bff: string, user?: string): Promise<string>;
  /** Asks the sample of an endpoint, as a stranger unless there is a credential. */
  askSample(bff: string, endpoint: Endpoint, credential?: string): Promise<ShopAnswer>;
  /** Follows `next` from the first page; `items` says what was there, by type and id. */
  readToTheEnd(bff: string, endpoint: Endpoint, credential: string): Promise<List>;
}

export interface List {
  readonly pages: number;
  readonly items: readonly string[];
}

const Page = z.object({
  items: z.array(z.object({ type: z.string().optional(), id: z.string() })),
  next: z.string().nullable(),
});
const mostPages = 100;

/** Starts the shop with every BFF there is. */
export async function openWholeShop(): Promise<OpenShop> {
  const shop = await openShop(await loadBffs());
  const facts = await readFacts(shop.services.urls, partnerCustomer);
  const askSample: OpenShop['askSample'] = (bff, endpoint, credential) => {
    const sample = sampleOf(bff, nameOf(endpoint), facts);
    const init = requestOf(sample, endpoint.method, {});
    return shop.ask(bff, sample.target, credential === undefined ? init : { ...init, credential });
  };
  const readToTheEnd: OpenShop['readToTheEnd'] = async (bff, endpoint, credential) => {
    const { target, pageSize } = sampleOf(bff, nameOf(endpoint), facts);
    const url = new URL(target, shop.urlOf(bff));
    if (pageSize !== undefined) url.searchParams.set('limit', String(pageSize));
    const items: string[] = [];
    for (let pages = 1; pages <= mostPages; pages += 1) {
      const { status, text, body } = await shop.ask(bff, url.pathname + url.search, { credential });
      if (status !== 200)
        throw new Error(`${bff} ${url.pathname}${url.search} is answered ${status} ${text}`);
      const page = Page.parse(body);
      items.push(...page.items.map(({ type, id }) => (type === undefined ? id : `${type} ${id}`)));
      if (page.next === null) return { pages, items };
      url.searchParams.set('cursor', page.next);
    }
    throw new Error(`${bff} ${nameOf(endpoint)} has no end after ${mostPages} pages`);
  };
  return {
    ...shop,
    facts,
    askSample,
    readToTheEnd,
    credentialOf: (bff, user = facts.customer) =>
      bff === 'partner' ? Promise.resolve(partnerKey) : shop.token(bff, user),
  };
}

/** `GET /v1/orders`. */
export function nameOf({ method, path }: Endpoint): string {
  return `${method} ${path}`;
}

/** One BFF of those that were loaded. */
export function packageOf(bffs: readonly BffPackage[], name: string): BffPackage {
  const found = bffs.find((bff) => bff.name === name);
  if (found === undefined) throw new Error(`there is no BFF '${name}'`);
  return found;
}
