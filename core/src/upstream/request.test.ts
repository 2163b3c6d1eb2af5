import { expect, test } from 'vitest';
import { z } from 'zod';
import { testContext } from '../testing/test-context.ts';
import { get, post, upstream } from './operation.ts';
import { compileRequest } from './request.ts';

const shop = upstream('shop', {
  operations: {
    get: get('/parts/:id', { query: z.object({ page: z.number(), tags: z.array(z.string()) }) }),
    forwarding: get('/parts', { forwardRequestHeaders: ['accept-language', 'x-tenant'] }),
    create: post('/parts', { body: z.object({ name: z.string() }) }),
  },
});
const limit = 1_234;
const hop = { origin: '', budgetMs: 500, spanId: '00f067aa0ba902b7' };

test('path and query come from the declaration, escaped', () => {
  const write = compileRequest(shop.get.contract, limit);
  const request = write(
    testContext(),
    { params: { id: 'ä b?' }, query: { page: 2, tags: ['x', 'y&z'] } },
    { ...hop, origin: 'http://shop.test' },
  );
  expect(request).toMatchObject({
    operation: 'get',
    method: 'GET',
    origin: 'http://shop.test',
    target: '/parts/%C3%A4%20b%3F?page=2&tags=x,y%26z',
    body: undefined,
    maxAnswerBytes: limit,
  });
});

test('headers are ours: nothing of the client comes along by itself', () => {
  const headers = {
    cookie: 's=1',
    authorization: 'Bearer x',
    'x-user-id': '1',
    'x-tenant': 't',
    accept: 'text/html',
  };
  const context = testContext({ headers });
  const { headers: sent } = compileRequest(shop.get.contract, limit)(context, { params: { id: '1' } }, hop);
  expect(sent).toEqual({
    accept: 'application/json',
    'x-request-id': context.requestId,
    traceparent: expect.stringMatching(new RegExp(`^00-${context.traceId}-${hop.spanId}-00$`)) as unknown,
    'bff-deadline-ms': '500',
  });
});

test('headers the operation names are sent on, when the client sent them', () => {
  const context = testContext({ headers: { 'accept-language': 'de', cookie: 's=1' } });
  const { headers } = compileRequest(shop.forwarding.contract, limit)(context, {}, hop);
  expect(headers['accept-language']).toBe('de');
  expect(Object.keys(headers)).not.toContain('x-tenant');
  expect(Object.keys(headers)).not.toContain('cookie');
});

test('a header that Connection names ends here, though the operation forwards it', () => {
  const context = testContext({
    headers: { connection: 'keep-alive, Accept-Language', 'accept-language': 'de', 'x-tenant': 't' },
  });
  const { headers } = compileRequest(shop.forwarding.contract, limit)(context, {}, hop);
  expect(headers).toMatchObject({ 'x-tenant': 't' });
  expect(Object.keys(headers)).not.toContain('accept-language');
});

test('what proves identity stands in the place of anything else of that name', () => {
  const context = testContext({
    headers: { 'x-tenant': 'chosen by the client', connection: 'authorization' },
  });
  const { headers } = compileRequest(shop.forwarding.contract, limit)(
    context,
    {},
    {
      ...hop,
      identity: { authorization: 'Bearer ours', 'x-tenant': 'proved' },
    },
  );
  expect(headers).toMatchObject({ authorization: 'Bearer ours', 'x-tenant': 'proved' });
});

test('the upstream hears the span of the attempt, in the trace and with the state of the caller', () => {
  const trace = {
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: '',
    isSampled: true,
    state: 'vendor=1',
  };
  const { headers } = compileRequest(shop.forwarding.contract, limit)(testContext({}, { trace }), {}, hop);
  expect(headers).toMatchObject({
    traceparent: `00-${trace.traceId}-${hop.spanId}-01`,
    tracestate: 'vendor=1',
  });
});

test('a body is sent as JSON, with its type; without one there is neither', () => {
  const write = compileRequest(shop.create.contract, limit);
  const request = write(testContext(), { body: { name: 'Ä' } }, hop);
  expect(request.body).toBe('{"name":"Ä"}');
  expect(request.headers['content-type']).toBe('application/json');
  const bare = compileRequest(shop.forwarding.contract, limit)(testContext(), { body: { name: 'x' } }, hop);
  expect(bare.body).toBeUndefined();
  expect(bare.headers).not.toHaveProperty('content-type');
});

test('the deadline is sent in whole milliseconds, never more than there are', () => {
  const write = compileRequest(shop.forwarding.contract, limit);
  const sent = [0, 0.4, 99.9, 30_000].map(
    (budgetMs) => write(testContext(), {}, { ...hop, budgetMs }).headers['bff-deadline-ms'],
  );
  expect(sent).toEqual(['0', '0', '99', '30000']);
});
