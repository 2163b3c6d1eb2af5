import { change, down } from 'bffkit';
import { z } from 'zod';
import { ProductDocument } from '../../endpoints/product.ts';
import { ProductRow } from '../../endpoints/product-list.ts';

/** Half of every shop's page was cutting the name in two again. */
export const productTitle = change({
  name: 'product-title',
  summary: 'The `name` of a product is split into `title` and `subtitle`; rows of the list have the `title`.',
  response: [
    down(ProductDocument, {
      newer: { title: z.string(), subtitle: z.string() },
      older: { name: z.string() },
      map: ({ title, subtitle }) => ({ name: subtitle === '' ? title : `${title} – ${subtitle}` }),
    }),
    down(ProductRow, {
      newer: { title: z.string() },
      older: { name: z.string() },
      map: ({ title }) => ({ name: title }),
    }),
  ],
});
