import { expect, test } from 'vitest';
import { z } from 'zod';
import { GatewayError } from '../problem/gateway-error.ts';
import { testContext } from '../testing/test-context.ts';
import { compileAnswer } from './answer.ts';
import { del, get, upstream } from './operation.ts';
import type { TransportAnswer } from './transport.ts';

const shop = upstream('shop', {
  operations: {
    get: get('/part', {
      response: z.object({ id: z.string() }),
      passes: [404],
      forwardResponseHeaders: ['etag', 'x-total'],
    }),
    remove: del('/part'),
  },
});

function answerOf(
  status: number,
  body = '',
  headers: Readonly<Record<string, string>> = {},
): TransportAnswer {
  const fields: Readonly<Record<string, string>> = { 'content-type': 'application/json', ...headers };
  return { status, header: (name) => fields[name], body: Buffer.from(body) };
}

function failureOf(answer: TransportAnswer, contract = shop.get.contract): GatewayError {
  try {
    compileAnswer(contract)(testContext(), answer);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('the answer was read');
}

test.each([200, 201, 206, 299])('a %i is a value', (status) => {
  expect(compileAnswer(shop.get.contract)(testContext(), answerOf(status, '{"id":"1"}'))).toEqual({
    id: '1',
  });
});

test.each([
  [199, 'upstream-bad-answer'],
  [300, 'upstream-bad-answer'],
  [301, 'upstream-bad-answer'],
  [304, 'upstream-bad-answer'],
  [404, 'not-found'],
  [409, 'upstream-rejected'],
  [429, 'upstream-busy'],
  [500, 'upstream-error'],
  [599, 'upstream-error'],
] as const)('a %i is a failure: %s', (status, code) => {
  expect(failureOf(answerOf(status, '{"id":"1"}')).code).toBe(code);
});

test.each([
  'application/json',
  'APPLICATION/JSON; charset=utf-8',
  'application/problem+json',
  'application/vnd.shop.v1+json',
])('the type %s is JSON', (type) => {
  const answer = answerOf(200, '{"id":"1"}', { 'content-type': type });
  expect(compileAnswer(shop.get.contract)(testContext(), answer)).toEqual({ id: '1' });
});

test.each(['text/html', 'text/json', 'application/jsonp', 'x-application/json', ''])(
  'the type %j is not',
  (type) => {
    expect(failureOf(answerOf(200, '{"id":"1"}', { 'content-type': type })).code).toBe('upstream-bad-answer');
  },
);

test('an answer without a type is none', () => {
  const answer = { status: 200, header: () => undefined, body: Buffer.from('{"id":"1"}') };
  expect(failureOf(answer).options.cause).toEqual(new TypeError("the answer's content type is none"));
});

test('an operation without a declared answer drops whatever came', () => {
  const answer = answerOf(200, '<html>', { 'content-type': 'text/html' });
  expect(compileAnswer(shop.remove.contract)(testContext(), answer)).toBeUndefined();
  expect(compileAnswer(shop.remove.contract)(testContext(), answerOf(204))).toBeUndefined();
});

test('an empty answer is no value where one is declared', () => {
  expect(failureOf(answerOf(204)).code).toBe('upstream-bad-answer');
});

test('the named headers are handed to the client, no others', () => {
  const context = testContext();
  const headers = { etag: '"1"', 'set-cookie': 's=1', 'x-internal': '10.0.0.1' };
  compileAnswer(shop.get.contract)(context, answerOf(200, '{"id":"1"}', headers));
  expect([...context.answerHeaders]).toEqual([['etag', '"1"']]);
});

test.each([
  ['a failure', answerOf(500, '{"id":"1"}', { etag: '"1"' })],
  ['an answer that cannot be used', answerOf(200, '{"id":7}', { etag: '"1"' })],
])('%s hands over no header', (_what, answer) => {
  const context = testContext();
  expect(() => compileAnswer(shop.get.contract)(context, answer)).toThrow(GatewayError);
  expect(context.answerHeaders.size).toBe(0);
});
