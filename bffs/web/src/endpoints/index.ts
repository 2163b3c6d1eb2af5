import { account } from './account.ts';
import { addCartItem } from './add-cart-item.ts';
import { home } from './home.ts';
import { order } from './order.ts';
import { orderList } from './order-list.ts';
import { product } from './product.ts';
import { search } from './search.ts';

/** Everything the web app can ask. */
export const endpoints = [home, product, orderList, order, search, account, addCartItem];
