import { describe, expect, test } from 'vitest';
import { memoryRecords } from '../records/memory-records.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { type BrowserSessionsOptions, resolveOptions } from './options.ts';

const good: BrowserSessionsOptions = {
  publicOrigin: 'https://shop.example',
  issuer: 'https://id.example/realms/shop',
  clientId: 'web',
  clientSecret: 'canary-secret',
  scope: 'openid profile',
  records: memoryRecords(),
  keys: [Buffer.alloc(32, 1).toString('base64')],
};
const loopback = {
  publicOrigin: 'http://app.localhost:4001',
  issuer: 'http://127.0.0.1:4110',
  allowInsecure: true,
};

test('defaults are those of the documents', () => {
  expect(resolveOptions(good)).toMatchObject({
    idleMs: 1_800_000,
    absoluteMs: 28_800_000,
    cookieName: '__Host-Http-bff',
    allowInsecure: false,
    anonymous: '401',
    allSessionsOfSubject: false,
    allowedOrigins: [],
    resource: undefined,
  });
});

test.each<Partial<BrowserSessionsOptions>>([
  loopback,
  { ...loopback, publicOrigin: 'http://[::1]:1', issuer: 'http://localhost' },
  { idleMs: 60_000, absoluteMs: 60_000 },
  { idleMs: 86_400_000, absoluteMs: 30 * 86_400_000 },
  { resource: 'urn:shop:api' },
  { cookieName: '__Host-x' },
  { anonymous: '200-null' },
  { allowedOrigins: ['https://admin.shop.example'] },
  { allSessionsOfSubject: true },
  { clock: manualClock() },
])('accepts %j', (options) => {
  expect(resolveOptions({ ...good, ...options })).toMatchObject(options);
});

describe('refuses at boot', () => {
  test.each<[Partial<BrowserSessionsOptions> | Record<string, unknown>, RegExp]>([
    [{ idelMs: 1 }, /^browserSessions: unknown option 'idelMs'; did you mean 'idleMs'/],
    [{ publicOrigin: 'https://shop.example/' }, /publicOrigin must be an origin/],
    [{ publicOrigin: 'https://shop.example/app' }, /publicOrigin must be an origin/],
    [{ publicOrigin: 'shop.example' }, /publicOrigin must be an origin/],
    [{ publicOrigin: 'http://shop.example' }, /publicOrigin must be https/],
    [{ publicOrigin: 'http://shop.example', allowInsecure: true }, /publicOrigin must be https/],
    [{ publicOrigin: 'http://localhost.evil.example', allowInsecure: true }, /publicOrigin must be https/],
    [{ ...loopback, allowInsecure: false }, /publicOrigin must be https/],
    [{ publicOrigin: 'ftp://shop.example' }, /publicOrigin must be an origin|must be https/],
    [{ issuer: 'http://127.0.0.1' }, /issuer must be https/],
    [{ issuer: 'http://id.example', allowInsecure: true }, /issuer must be https/],
    [{ issuer: 'ftp://127.0.0.1', allowInsecure: true }, /issuer must be https/],
    [{ issuer: 'https://id.example?x' }, /issuer must be a URL without query/],
    [{ issuer: 'https://id.example#x' }, /issuer must be a URL without query/],
    [{ issuer: 'https://user:canary@id.example' }, /issuer must be a URL without query/],
    [{ issuer: 'id.example' }, /issuer must be a URL/],
    [{ allowedOrigins: ['*'] }, /allowedOrigins must be an origin/],
    [{ allowedOrigins: ['http://admin.shop.example'] }, /allowedOrigins must be https/],
    [{ clientId: '' }, /clientId must not be empty/],
    [{ clientSecret: '' }, /clientSecret must not be empty/],
    [{ scope: 'profile' }, /scope must have openid in it, got 'profile'/],
    [{ scope: 'openidx' }, /scope must have openid/],
    [{ resource: 'api' }, /resource must be an absolute URI/],
    [{ resource: 'https://api.example#x' }, /resource must be an absolute URI/],
    [{ keys: [] }, /keys must be 1 to 10/],
    [{ cookieName: 'bff' }, /cookieName must be __Host-/],
    [{ cookieName: 'x__Host-bff' }, /cookieName must be __Host-/],
    [{ cookieName: '__Secure-bff' }, /cookieName must be __Host-/],
    [{ cookieName: '__Host-' }, /cookieName must be __Host-/],
    [{ cookieName: '__Host-a b' }, /cookieName must be __Host-/],
    [{ cookieName: `__Host-${'a'.repeat(65)}` }, /cookieName must be __Host-/],
    [{ idleMs: 59_999 }, /idleMs must be a number from 60000 to 86400000, got 59999/],
    [{ idleMs: 86_400_001 }, /idleMs must be/],
    [{ idleMs: 60_000.5 }, /idleMs must be a whole number/],
    [{ absoluteMs: 1_799_999 }, /absoluteMs must be a number from 1800000/],
    [{ absoluteMs: 30 * 86_400_000 + 1 }, /absoluteMs must be/],
    [{ anonymous: '403' }, /anonymous must be 401 or 200-null, got '403'/],
  ])('%j', (options, message) => {
    const resolve = () => resolveOptions({ ...good, ...options } as BrowserSessionsOptions);
    expect(resolve).toThrowError(RangeError);
    expect(resolve).toThrowError(message);
    expect(resolve).not.toThrowError(/canary/);
  });
});
