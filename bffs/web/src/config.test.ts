import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

test('needs no variable to run against the local shop', () => {
  expect(readConfig({})).toEqual({
    NODE_ENV: 'production',
    WEB_PORT: 4001,
    WEB_ADMIN_PORT: 9001,
    WEB_GRACE_MS: 5_000,
    WEB_INSTANCES: 1,
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
  const config = readConfig({ WEB_PORT: '0', WEB_GRACE_MS: '250', USERS_URL: 'https://users.internal' });
  expect(config).toMatchObject({
    WEB_PORT: 0,
    WEB_GRACE_MS: 250,
    USERS_URL: 'https://users.internal',
    WEB_ADMIN_PORT: 9001,
  });
});

test('names every variable that is wrong, and repeats no value', () => {
  const read = () => readConfig({ WEB_PORT: '65536', WEB_GRACE_MS: '-1', USERS_URL: 'ftp://secret@users' });
  expect(read).toThrow(RangeError);
  expect(read).toThrow(/WEB_PORT: [\s\S]*WEB_GRACE_MS: [\s\S]*USERS_URL: /);
  expect(read).not.toThrow(/secret/);
});
