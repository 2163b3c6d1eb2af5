import { expect, test } from 'vitest';
import { GatewayError } from '../../problem/gateway-error.ts';
import type { TransportAnswer, TransportRequest } from '../transport.ts';
import { Http1Exchange } from './http1-exchange.ts';

const request: TransportRequest = {
  operation: 'get',
  method: 'GET',
  origin: 'http://users.test',
  target: '/users',
  headers: {},
  body: undefined,
  maxAnswerBytes: 1_000,
};
const answer: TransportAnswer = { status: 200, header: () => undefined, body: Buffer.from('{}') };

test('tells the answer that came', async () => {
  const exchange = new Http1Exchange(request);
  exchange.succeed(answer);
  expect(await exchange.answer).toBe(answer);
});

test('an abort before the answer was told wins, and leaves the connection to who has it now', async () => {
  const exchange = new Http1Exchange(request);
  const reason = new GatewayError('client-gone');
  let hasLetGo = false;
  exchange.holder = {
    letGo: () => {
      hasLetGo = true;
    },
  };
  exchange.succeed(answer);
  exchange.abort(reason);
  await expect(exchange.answer).rejects.toBe(reason);
  expect(hasLetGo).toBe(false);
});
