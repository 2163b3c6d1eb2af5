import type { ApiInfo } from 'bffkit';
import { readExamples } from './examples.ts';

/** What partners are told of the API beside what it declares. */
export const apiInfo: ApiInfo = {
  title: 'Acme Partner API',
  description:
    'Sell what Acme sells: read the catalog and the stock, place orders, follow them. Every request names a dated ' +
    'version in `API-Version`, or gets the one that the partner is pinned to. Additions come to every version: ' +
    'tolerate members, values of open enumerations and problem codes that you do not know.',
  contact: { name: 'Partner team', email: 'partners@acme.example' },
  license: { name: 'Acme partner agreement', url: 'https://acme.example/partners/agreement' },
  examples: readExamples(),
  resources: {
    inventory: 'How much of a product can be ordered now.',
    orders: 'Orders of the partner: placed once, read as often as needed.',
    products: 'The catalog, with the prices of the partner.',
    usage: 'What the partner has used.',
    'webhook-endpoints': 'Where the partner hears of what happens, and what was sent there.',
  },
};
