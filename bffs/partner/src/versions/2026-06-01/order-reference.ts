import { change, down, up } from 'bffkit';
import { z } from 'zod';
import { NewOrder } from '../../endpoints/create-order.ts';
import { OrderDocument } from '../../order-document.ts';

const text = z.string().min(1).max(80);

/** Partners call it anything: a project, a cost centre, a ticket. */
export const orderReference = change({
  name: 'order-reference',
  summary: 'What a partner calls an order is its `reference`; it was its `purchaseOrder`.',
  request: up(NewOrder, {
    older: { purchaseOrder: text.optional() },
    newer: { reference: text.optional() },
    map: ({ purchaseOrder }) => ({ reference: purchaseOrder }),
  }),
  response: down(OrderDocument, {
    newer: { reference: z.string().nullable() },
    older: { purchaseOrder: z.string().nullable() },
    map: ({ reference }) => ({ purchaseOrder: reference }),
  }),
});
