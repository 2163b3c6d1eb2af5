import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

test('needs no variable to run against the local shop', () => {
  expect(readConfig({})).toEqual({
    NODE_ENV: 'production',
    MOBILE_PUBLIC_ORIGIN: 'http://localhost:4002',
    MOBILE_INSTANCES: 1,
    ISSUER_URL: 'http://127.0.0.1:4110',
    USERS_URL: 'http://127.0.0.1:4101',
    CATALOG_URL: 'http://127.0.0.1:4102',
    ORDERS_URL: 'http://127.0.0.1:4103',
    REVIEWS_URL: 'http://127.0.0.1:4104',
    RECOMMENDATIONS_URL: 'http://127.0.0.1:4105',
    INVENTORY_URL: 'http://127.0.0.1:4106',
    NOTIFICATIONS_URL: 'http://127.0.0.1:4107',
    PRICING_URL: 'http://127.0.0.1:4108',
  });
});

test('takes from the environment what is there, as numbers where numbers are meant', () => {
  const config = readConfig({
    MOBILE_INSTANCES: '3',
    MOBILE_CURSOR_KEYS: 'new, old',
    MOBILE_EXPLAIN_KEYS: 'one',
    USERS_URL: 'https://users.internal',
  });
  expect(config).toMatchObject({
    MOBILE_INSTANCES: 3,
    MOBILE_CURSOR_KEYS: ['new', 'old'],
    MOBILE_EXPLAIN_KEYS: ['one'],
    USERS_URL: 'https://users.internal',
  });
});

test('names every variable that is wrong, and repeats no value', () => {
  const read = () =>
    readConfig({ MOBILE_INSTANCES: '1.5', ISSUER_URL: 'x', USERS_URL: 'ftp://secret@users' });
  expect(read).toThrow(RangeError);
  expect(read).toThrow(/MOBILE_INSTANCES: [\s\S]*ISSUER_URL: [\s\S]*USERS_URL: /);
  expect(read).not.toThrow(/secret/);
});

test('needs the keys of cursors where there are several instances', () => {
  expect(() => readConfig({ MOBILE_INSTANCES: '2' })).toThrow(/MOBILE_CURSOR_KEYS: must be set/);
});
