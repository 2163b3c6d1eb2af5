import { openEnum } from 'bffkit';

/** What the services say; they may come to say more. */
export const OrderStatus = openEnum(
  ['placed', 'paid', 'shipped', 'delivered', 'cancelled'],
  'How far the order is.',
);

export const StockStatus = openEnum(['in_stock', 'low', 'out_of_stock'], 'Whether it can be ordered.');
