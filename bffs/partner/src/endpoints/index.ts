import { createOrder } from './create-order.ts';
import { order } from './order.ts';
import { product } from './product.ts';
import { productList } from './product-list.ts';
import { stock } from './stock.ts';

/** Everything a partner can ask. */
export const endpoints = [productList, product, stock, createOrder, order];
