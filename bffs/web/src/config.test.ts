import { describe, expect, test } from 'vitest';
import { readConfig } from './config.ts';

const key = Buffer.alloc(32, 'a').toString('base64');
const other = Buffer.alloc(32, 'b').toString('base64url');
const secrets = { WEB_CLIENT_SECRET: 'made for this shop alone', WEB_SESSION_KEYS: `${key}, ${other}` };

test.each(['development', 'test'])(
  'needs no further variable to run against the local shop in %s',
  (NODE_ENV) => {
    expect(readConfig({ NODE_ENV, WEB_CLIENT_SECRET: '' })).toEqual({
      NODE_ENV,
      WEB_PUBLIC_ORIGIN: 'http://localhost:4001',
      WEB_CLIENT_ID: 'shop-web',
      WEB_CLIENT_SECRET: expect.any(String),
      WEB_SESSION_KEYS: [expect.any(String)],
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
  },
);

test('takes from the environment what is there, as numbers and lists where they are meant', () => {
  const config = readConfig({
    ...secrets,
    WEB_PUBLIC_ORIGIN: 'https://shop.example',
    USERS_URL: 'https://users.internal',
  });
  expect(config).toMatchObject({
    NODE_ENV: 'production',
    WEB_PUBLIC_ORIGIN: 'https://shop.example',
    WEB_CLIENT_SECRET: secrets.WEB_CLIENT_SECRET,
    WEB_SESSION_KEYS: [key, other],
    USERS_URL: 'https://users.internal',
  });
});

test('names every variable that is wrong, and repeats no value', () => {
  const read = () =>
    readConfig({
      NODE_ENV: 'test',
      WEB_PUBLIC_ORIGIN: 'https://secret/path',
      WEB_SESSION_KEYS: 'secret',
      USERS_URL: 'ftp://secret@users',
    });
  expect(read).toThrow(RangeError);
  expect(read).toThrow(/WEB_PUBLIC_ORIGIN: [\s\S]*WEB_SESSION_KEYS: [\s\S]*USERS_URL: /);
  expect(read).not.toThrow(/secret/);
});

describe.each([{}, { NODE_ENV: 'production' }, { NODE_ENV: 'staging' }])('with %j', (env) => {
  test('refuses to start without secrets, with one line for each', () => {
    const read = () => readConfig(env);
    expect(read).toThrow(/^ {2}WEB_CLIENT_SECRET: is missing: .+$/m);
    expect(read).toThrow(/^ {2}WEB_SESSION_KEYS: is missing: .+$/m);
  });

  test('refuses the secrets that anyone can read in the repository', () => {
    const local = readConfig({ NODE_ENV: 'development' });
    const published = {
      WEB_CLIENT_SECRET: local.WEB_CLIENT_SECRET,
      WEB_SESSION_KEYS: local.WEB_SESSION_KEYS.join(','),
    };
    expect(() => readConfig({ ...env, ...published })).toThrow(
      /WEB_CLIENT_SECRET: [\s\S]*WEB_SESSION_KEYS: /,
    );
    const besideOne = `${key},${published.WEB_SESSION_KEYS}`;
    expect(() => readConfig({ ...env, ...secrets, WEB_SESSION_KEYS: besideOne })).toThrow(
      /WEB_SESSION_KEYS: /,
    );
  });
});

test.each([
  ['too short', Buffer.alloc(31).toString('base64')],
  ['no base64', '!'.repeat(44)],
  ['empty between commas', `${key},,${other}`],
  ['there twice', `${key},${key}`],
  [
    'too many',
    Array.from({ length: 11 }, (_, index) => Buffer.alloc(32, index).toString('base64')).join(','),
  ],
])('refuses a session key that is %s', (_what, keys) => {
  expect(() => readConfig({ ...secrets, WEB_SESSION_KEYS: keys })).toThrow(/WEB_SESSION_KEYS: must /);
});

test.each(['localhost:4001', 'https://shop.example/', 'https://Shop.example', 'ftp://shop.example', 'shop'])(
  'refuses %s as the public origin',
  (origin) => {
    expect(() => readConfig({ ...secrets, WEB_PUBLIC_ORIGIN: origin })).toThrow(
      /WEB_PUBLIC_ORIGIN: must be an origin/,
    );
  },
);
