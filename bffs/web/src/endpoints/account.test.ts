import { asCaller, type FakeUpstream, testBff } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { account } from './account.ts';

const ada = asCaller('usr_1', 'profile:read');
const user = {
  id: 'usr_1',
  name: 'Ada',
  email: 'ada@acme.example',
  phone: '+33 1',
  locale: 'fr-FR',
  tier: 'pro',
  avatarUrl: 'https://img/usr_1',
  address: { line1: '1 Main St', city: 'Lyon', postcode: '69001', country: 'FR' },
  loyaltyPoints: 120,
};
const shop: Readonly<Record<string, FakeUpstream>> = {
  users: () => ({ body: { ...user, internalRiskScore: 0.7, passwordHash: 'never to be seen' } }),
};

async function ask(changed: Readonly<Record<string, FakeUpstream>> = {}, query = '', headers = ada) {
  const bff = testBff([account], { ...shop, ...changed });
  const response = await bff.app.request(`/api/account${query}`, { headers });
  const asked = bff.requests.map(({ upstream, target }) => `${upstream} ${target}`);
  return { response, body: await response.json(), asked };
}

test('shows callers their own account, without what only the company may know', async () => {
  const { response, body, asked } = await ask();
  expect(response.status).toBe(200);
  expect(body).toEqual(user);
  expect(asked).toEqual(['users /users/usr_1']);
});

test.each([
  ['is not found for a caller the shop does not know', 404, 404],
  ['does not survive without the users service', 503, 502],
])('%s', async (_sentence, upstreamStatus, status) => {
  const { response } = await ask({ users: () => ({ status: upstreamStatus }) });
  expect(response.status).toBe(status);
});

test('refuses to be asked for somebody else', async () => {
  const { response, asked } = await ask({}, '?id=usr_2');
  expect(response.status).toBe(400);
  expect(asked).toEqual([]);
});

test.each([
  ['nobody', {}, 401],
  ['a caller without the scope profile:read', asCaller('usr_1', 'orders:read'), 403],
])('refuses %s without asking a service', async (_who, headers, status) => {
  const { response, asked } = await ask({}, '', headers);
  expect(response.status).toBe(status);
  expect(asked).toEqual([]);
});
