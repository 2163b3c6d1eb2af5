import { change, down } from 'bffkit';
import { z } from 'zod';
import { ProductStock } from '../../endpoints/product.ts';
import { StockDocument } from '../../endpoints/stock.ts';

const statuses = {
  newer: { status: z.string() },
  older: { status: z.enum(['in_stock', 'out_of_stock']) },
  map: ({ status }: { readonly status: string }) => ({
    status: status === 'out_of_stock' ? ('out_of_stock' as const) : ('in_stock' as const),
  }),
};

/** What is low can be ordered. */
export const stockLow = change({
  name: 'stock-low',
  summary:
    'The `status` of stock may be `low`, and more values may follow; it was `in_stock` or `out_of_stock`.',
  response: [down(StockDocument, statuses), down(ProductStock, statuses)],
});
