import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { del, get, operationId, patch, post, put, queryKeys, upstream } from './operation.ts';

const Order = z.object({ id: z.string(), total: z.number(), lines: z.array(z.object({ sku: z.string() })) });

test('each method is declared by its own word', () => {
  const methods = [get('/x'), post('/x'), put('/x'), patch('/x'), del('/x')].map(
    ({ contract }) => contract.method,
  );
  expect(methods).toEqual(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);
});

test('what is not declared is nothing: no query, no body, no answer, no status and no header passes', () => {
  expect(get('/orders/:id').contract).toEqual({
    upstream: '',
    name: 'GET /orders/:id',
    method: 'GET',
    path: '/orders/:id',
    query: undefined,
    body: undefined,
    response: undefined,
    mask: true,
    isWhole: false,
    passes: [],
    isIdempotent: true,
    forwardRequestHeaders: [],
    forwardResponseHeaders: [],
  });
});

test('a path that is no template is refused at once', () => {
  expect(() => get('orders')).toThrow(new RangeError("the path must look like /orders/:id, got 'orders'"));
});

describe('an upstream', () => {
  const orders = upstream('orders', {
    operations: { get: get('/orders/:id', { response: Order }), list: get('/orders') },
  });

  test('names its operations by their keys', () => {
    expect([operationId(orders.get.contract), operationId(orders.list.contract)]).toEqual([
      'orders.get',
      'orders.list',
    ]);
  });

  test('leaves the operations it was made of as they were, so that two upstreams can share one', () => {
    const shared = get('/health');
    const [one, other] = [
      upstream('one', { operations: { health: shared } }),
      upstream('other', { operations: { ping: shared } }),
    ];
    expect([one.health, other.ping].map(({ contract }) => operationId(contract))).toEqual([
      'one.health',
      'other.ping',
    ]);
    expect(shared.contract.upstream).toBe('');
  });

  test.each(['', 'Orders', '1orders', 'or ders', 'orders/v1', 'orders"', 'o\r\n'])(
    'cannot be called %j',
    (name) => {
      expect(() => upstream(name, { operations: {} })).toThrow(
        new RangeError(`upstream: the name must be lowercase, got '${name}'`),
      );
    },
  );

  test('cannot be changed afterwards', () => {
    expect([orders, orders.get, orders.get.contract].every(Object.isFrozen)).toBe(true);
    expect(() => Object.assign(orders.get.contract, { path: '/admin' })).toThrow(TypeError);
  });
});

describe('a pick', () => {
  const { get: whole } = upstream('orders', { operations: { get: get('/orders/:id', { response: Order }) } });

  test('makes a new operation and leaves the old one whole', () => {
    const narrow = whole.pick({ id: true });
    const other = whole.pick({ lines: { sku: true } });
    expect([whole.contract.mask, narrow.contract.mask, other.contract.mask]).toEqual([
      true,
      { id: true },
      { lines: { sku: true } },
    ]);
  });

  test('keeps everything else: name, path, checks', () => {
    const { mask: _whole, ...expected } = whole.contract;
    const { mask: _narrow, ...found } = whole.pick({ id: true }).contract;
    expect(found).toEqual(expected);
  });

  test('of a pick counts from the whole answer again', () => {
    const again = whole.pick({ id: true, total: true }).pick({ id: true });
    expect(again.contract.mask).toEqual({ id: true });
  });

  test('is not changed by changing the mask it was made of', () => {
    const mask: { id: true; total?: true } = { id: true };
    const narrow = whole.pick(mask);
    mask.total = true;
    expect(narrow.contract.mask).toEqual({ id: true });
  });
});

test('the keys of a query are those of its schema', () => {
  const query = z.object({ customer: z.string(), limit: z.number().optional() });
  expect(queryKeys(get('/orders', { query }).contract)).toEqual(['customer', 'limit']);
  expect(queryKeys(get('/orders').contract)).toEqual([]);
});
