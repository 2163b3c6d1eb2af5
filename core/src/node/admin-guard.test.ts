import { describe, expect, test } from 'vitest';
import { testBff } from '../testing/index.ts';
import { adminApp } from './admin.ts';
import type { AdminOptions } from './admin-guard.ts';

type Headers = Readonly<Record<string, string>>;

async function ask(
  path: string,
  headers: Headers,
  { method = 'GET', ...options }: AdminOptions & { readonly method?: string } = {},
): Promise<unknown> {
  const answer = await adminApp(testBff([], {}), () => true, options).request(path, { method, headers });
  const { code } = (await answer.json()) as { readonly code?: string };
  return code === undefined ? answer.status : [answer.status, code];
}

describe('the host', () => {
  test.each([
    'localhost',
    'localhost:9003',
    'LOCALHOST:9003',
    '127.0.0.1:9003',
    '[::1]:9003',
    '[::1]',
    '10.1.2.3:9003',
    '[fd00::1]:9003',
  ])('%s is this one: an address cannot be renamed', async (host) => {
    expect(await ask('/graph', { host })).toBe(200);
  });

  test.each([
    'evil.example',
    'evil.example:9003',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'localhost:9003@evil.example',
    '[::1',
    '127.0.0.1:9003:1',
    '',
  ])('%j is not', async (host) => {
    for (const path of ['/', '/livez', '/readyz', '/metrics', '/graph', '/off/shop.main', '/nowhere']) {
      expect(await ask(path, { host })).toEqual([421, 'misdirected-request']);
    }
  });

  test('may be one of the configuration', async () => {
    const hosts = ['Admin.internal'];
    expect(await ask('/graph', { host: 'admin.internal:9003' }, { hosts })).toBe(200);
    expect(await ask('/graph', { host: 'other.internal:9003' }, { hosts })).toEqual([
      421,
      'misdirected-request',
    ]);
    expect(await ask('/graph', { host: '127.0.0.1' }, { hosts })).toBe(200);
  });
});

describe('what changes something', () => {
  const change = (headers: Headers, method = 'PUT'): Promise<unknown> =>
    ask('/off/shop.main', headers, { method });
  const host = '127.0.0.1:9003';

  test('may come from a tool, or from a page of the admin port itself', async () => {
    expect(await change({ host })).toBe(404);
    expect(await change({ host, 'sec-fetch-site': 'none' })).toBe(404);
    expect(await change({ host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' })).toBe(404);
    expect(await change({ host: 'Localhost:9003', origin: 'http://localhost:9003' })).toBe(404);
  });

  test.each([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: '' },
    { origin: 'http://127.0.0.1:4003' },
    { origin: 'http://127.0.0.1' },
    { origin: `http://${host}`, 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site' },
  ])('may not come with %j', async (headers) => {
    for (const method of ['PUT', 'DELETE', 'POST', 'PATCH']) {
      expect(await change({ host, ...(headers as Headers) }, method)).toEqual([403, 'csrf-failed']);
    }
  });

  test('what only reads may: the browser keeps the answer to itself', async () => {
    expect(
      await ask('/graph', { host, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }),
    ).toBe(200);
  });
});

describe('a token', () => {
  const token = 't'.repeat(32);
  const authorization = `Bearer ${token}`;

  test('is asked for everything but the probes', async () => {
    for (const path of ['/', '/metrics', '/graph', '/readyz?verbose', '/off/shop.main', '/livez/']) {
      expect(await ask(path, {}, { token })).toEqual([401, 'not-signed-in']);
    }
    for (const path of ['/livez', '/readyz']) expect(await ask(path, {}, { token })).toBe(200);
  });

  test('opens everything', async () => {
    expect(await ask('/graph', { authorization }, { token })).toBe(200);
    expect(await ask('/readyz?verbose', { authorization: `bearer ${token}` }, { token })).toBe(200);
    expect(await ask('/off/shop.main', { authorization }, { token, method: 'PUT' })).toBe(404);
  });

  test.each([`Bearer ${token}x`, `Bearer ${'t'.repeat(31)}`, `Basic ${token}`, token, 'Bearer '])(
    '%s does not',
    async (wrong) => {
      expect(await ask('/graph', { authorization: wrong }, { token })).toEqual([401, 'not-signed-in']);
    },
  );

  test('does not open the door to another origin or host', async () => {
    const headers = { authorization, host: 'evil.example' };
    expect(await ask('/graph', headers, { token })).toEqual([421, 'misdirected-request']);
  });

  test('says how to sign in', async () => {
    const answer = await adminApp(testBff([], {}), () => true, { token }).request('/graph');
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="admin"');
  });
});

test.each<[AdminOptions, string]>([
  [{ token: 'short' }, 'adminToken must have at least 32 characters, got 5'],
  [{ hosts: ['http://admin'] }, "adminHosts must be names of hosts, got 'http://admin'"],
])('does not start with %j', (options, message) => {
  expect(() => adminApp(testBff([], {}), () => true, options)).toThrow(new RangeError(message));
});
