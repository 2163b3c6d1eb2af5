import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

const record = { id: 'k'.repeat(12), hash: 'a'.repeat(64), partner: 'usr_0007', scopes: ['orders:read'] };

const secrets = { PARTNER_KEY_PEPPER: 'p'.repeat(32) };

test('needs no variable to run against the local shop', () => {
  expect(readConfig({ NODE_ENV: 'development' })).toEqual({
    NODE_ENV: 'development',
    PARTNER_PUBLIC_ORIGIN: 'http://localhost:4003',
    PARTNER_INSTANCES: 1,
    PARTNER_ENVIRONMENT: 'test',
    PARTNER_KEY_PEPPER: [expect.stringContaining('for development only')],
    PARTNER_SEAL_KEYS: [expect.any(String)],
    PARTNER_API_KEYS: [],
    ISSUER_URL: 'http://127.0.0.1:4110',
    USERS_URL: 'http://127.0.0.1:4101',
    CATALOG_URL: 'http://127.0.0.1:4102',
    ORDERS_URL: 'http://127.0.0.1:4103',
    INVENTORY_URL: 'http://127.0.0.1:4106',
    PRICING_URL: 'http://127.0.0.1:4108',
  });
});

test('accepts the keys of the environment, and none without', () => {
  const config = readConfig({ ...secrets, PARTNER_API_KEYS: JSON.stringify([record]) });
  expect(config.PARTNER_API_KEYS).toEqual([{ ...record, plan: 'free' }]);
});

test.each([
  ['no JSON', 'bffk_live_secret', /PARTNER_API_KEYS: must be a JSON list/],
  ['no list', JSON.stringify(record), /PARTNER_API_KEYS: /],
  ['a short id', JSON.stringify([{ ...record, id: 'short' }]), /PARTNER_API_KEYS\.0\.id: /],
  [
    'a key instead of its hash',
    JSON.stringify([{ ...record, hash: 'secret' }]),
    /PARTNER_API_KEYS\.0\.hash: /,
  ],
  ['no partner', JSON.stringify([{ ...record, partner: '' }]), /PARTNER_API_KEYS\.0\.partner: /],
  [
    'a scope that is none',
    JSON.stringify([{ ...record, scopes: ['all'] }]),
    /PARTNER_API_KEYS\.0\.scopes\.0: /,
  ],
  ['a typing error', JSON.stringify([{ ...record, scope: [] }]), /PARTNER_API_KEYS\.0: /],
])('does not start with keys that are %s, and repeats no value', (_what, keys, message) => {
  const read = () => readConfig({ ...secrets, PARTNER_API_KEYS: keys });
  expect(read).toThrow(message);
  expect(read).not.toThrow(/secret/);
});

test('names every variable that is wrong', () => {
  const read = () => readConfig({ PARTNER_INSTANCES: 'x', USERS_URL: 'users' });
  expect(read).toThrow(/PARTNER_INSTANCES: [\s\S]*USERS_URL: /);
});

test('does not start in production without a pepper for the keys', () => {
  expect(() => readConfig({})).toThrow(/PARTNER_KEY_PEPPER: must be set in production/);
  expect(() => readConfig({ PARTNER_KEY_PEPPER: 'short' })).toThrow(
    /PARTNER_KEY_PEPPER\.0: must have at least 32 characters/,
  );
  expect(readConfig(secrets)).toMatchObject({
    PARTNER_ENVIRONMENT: 'live',
    PARTNER_KEY_PEPPER: ['p'.repeat(32)],
  });
});

test('does not keep answers on a Redis in production without keys of its own that seal them', () => {
  const shared = { ...secrets, REDIS_URL: 'redis://127.0.0.1:6379' };
  expect(() => readConfig(shared)).toThrow(/PARTNER_SEAL_KEYS: must be set in production with REDIS_URL/);
  expect(readConfig({ ...shared, PARTNER_SEAL_KEYS: 'new, old' })).toMatchObject({
    PARTNER_SEAL_KEYS: ['new', 'old'],
  });
});

test('takes several peppers while they change', () => {
  const peppers = ['n'.repeat(32), 'o'.repeat(32)];
  expect(readConfig({ PARTNER_KEY_PEPPER: peppers.join(',') }).PARTNER_KEY_PEPPER).toEqual(peppers);
});

test('needs the keys of cursors where there are several instances', () => {
  expect(() => readConfig({ NODE_ENV: 'test', PARTNER_INSTANCES: '2' })).toThrow(
    /PARTNER_CURSOR_KEYS: must be set/,
  );
  expect(
    readConfig({ NODE_ENV: 'test', PARTNER_INSTANCES: '2', PARTNER_CURSOR_KEYS: 'new, old' }),
  ).toMatchObject({ PARTNER_CURSOR_KEYS: ['new', 'old'] });
});
