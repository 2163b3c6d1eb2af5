import { expect, test } from 'vitest';
import { placesOf } from './names.ts';

const idsOf = (...routes: (readonly [string, string])[]): string[] =>
  placesOf(routes.map(([method, path]) => ({ method, path }))).map(({ operationId }) => operationId);

test.each([
  ['GET', '/', 'getRoot'],
  ['GET', '/api/home', 'getApiHome'],
  ['POST', '/v1/cart-items', 'postV1CartItems'],
  ['GET', '/orders/:id', 'getOrdersById'],
  ['DELETE', '/orders/:orderId/lines/:line', 'deleteOrdersByOrderIdLinesByLine'],
])('%s %s is called %s', (method, path, operationId) => {
  expect(idsOf([method, path])).toEqual([operationId]);
});

test('of two routes with one name the later by the alphabet gets a number, in either order', () => {
  expect(idsOf(['GET', '/orders/by-id'], ['GET', '/orders/:id'])).toEqual([
    'getOrdersById2',
    'getOrdersById',
  ]);
  expect(idsOf(['GET', '/orders/:id'], ['GET', '/orders/by-id'])).toEqual([
    'getOrdersById',
    'getOrdersById2',
  ]);
});
