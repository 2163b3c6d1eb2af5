import { expect, test } from 'vitest';
import { GatewayError } from './gateway-error.ts';

test('carries its code, the status of the table, and what it was told', () => {
  const cause = new Error('connect ECONNREFUSED');
  const error = new GatewayError('upstream-unreachable', { node: 'users', cause });
  expect(error).toBeInstanceOf(Error);
  expect([error.name, error.code, error.status]).toEqual(['GatewayError', 'upstream-unreachable', 502]);
  expect(error.options).toEqual({ node: 'users', cause });
  expect(error.cause).toBe(cause);
});

test('says its detail, or the title of its code', () => {
  expect(new GatewayError('not-found').message).toBe('Not found');
  expect(new GatewayError('not-found', { detail: 'There is no order o1.' }).message).toBe(
    'There is no order o1.',
  );
});

test('without a cause there is none', () => {
  expect('cause' in new GatewayError('internal')).toBe(false);
});

test('what is one already stays the same object', () => {
  const error = new GatewayError('conflict');
  expect(GatewayError.from(error)).toBe(error);
});

test.each([[new TypeError('boom')], ['text'], [undefined], [null], [{ code: 'not-found', status: 404 }]])(
  'anything else thrown is internal: %o',
  (thrown) => {
    const error = GatewayError.from(thrown);
    expect([error.code, error.status, error.options.cause]).toEqual(['internal', 500, thrown]);
  },
);
