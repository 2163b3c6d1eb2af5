import { readdirSync } from 'node:fs';
import { versionNames, versionsOf } from 'bffkit';
import { fakeUpstreams, proveVersions } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { createBff } from '../app.ts';
import { readConfig } from '../config.ts';
import { moneyInMinorUnits } from './2026-11-01/money-in-minor-units.ts';
import { versions } from './index.ts';

const bff = createBff(readConfig({ NODE_ENV: 'test' }), { transport: fakeUpstreams({}).transport });

test('every folder is a version, and every version has its folder', () => {
  const folders = readdirSync(new URL('.', import.meta.url)).filter((name) => /^\d/.test(name));
  expect(versionNames(versions.dated).toSorted()).toEqual(folders.toSorted());
});

test('every older version takes every answer that goes back to it, and its requests come up', () => {
  expect(proveVersions(bff, { samples: 200 })).toBeGreaterThan(1_500);
});

test('the changes of a version are told with the endpoints they touch', () => {
  const told = versionsOf(bff).flatMap(({ version, changes }) =>
    changes.map(({ name, endpoints }) => `${version} ${name}: ${endpoints.join(', ') || 'problems'}`),
  );
  expect(told).toEqual([
    '2026-11-01 money-in-minor-units: GET /v1/products, GET /v1/products/:id, POST /v1/orders, GET /v1/orders/:id',
    '2026-11-01 stock-low: GET /v1/products/:id, GET /v1/inventory/:sku',
    '2026-06-01 order-reference: POST /v1/orders, GET /v1/orders/:id',
    '2026-06-01 product-title: GET /v1/products, GET /v1/products/:id',
    '2026-06-01 problem-request-id: problems',
  ]);
});

test.each([
  [1_999, 'EUR', '19.99'],
  [5, 'EUR', '0.05'],
  [0, 'EUR', '0.00'],
  [-5, 'EUR', '-0.05'],
  [1_999, 'JPY', '1999'],
  [1_999, 'KWD', '1.999'],
  [9_007_199_254_740_991, 'EUR', '90071992547409.91'],
])('%d minor units of %s were written %s', (amount, currency, text) => {
  expect(moneyInMinorUnits.response[0]?.map({ amount, currency })).toEqual({ amount: text, currency });
});
