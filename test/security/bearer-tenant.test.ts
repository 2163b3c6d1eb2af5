/**
 * The tenant of a caller, over real sockets: what the provider signed, and nothing a client can write.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TokenLab, tokenLab } from '../support/token-lab.ts';

let lab: TokenLab;

beforeAll(async () => {
  lab = await tokenLab({ tenantClaim: 'org' });
});
afterAll(() => lab.close());

const who = async (token: string, headers: Record<string, string> = {}, query = ''): Promise<unknown> => {
  const answer = await lab.call(`/who${query}`, token, { headers });
  return answer.status === 200 ? await answer.json() : answer.status;
};

test.each([
  'X-Tenant',
  'X-Tenant-Id',
  'Tenant',
  'X-Org',
  'X-Organization',
  'X-User-Id',
  'X-Roles',
  'Forwarded',
  'Baggage',
])('a client that sends %s is who its token says', async (header) => {
  const token = lab.forge({ claims: { org: 'acme', roles: ['support'], tenant: 'evil' } });
  const expected = { subject: 'usr_1', tenant: 'acme', roles: ['support'] };
  expect(await who(token, { [header]: 'evil' })).toEqual(expected);
  const alone = lab.forge();
  expect(await who(alone, { [header]: 'evil' })).toEqual({ subject: 'usr_1', tenant: null, roles: [] });
});

test.each(['?tenant=evil', '?org=evil', '?page=1&tenant=evil', '?principal=evil'])(
  '%s is refused',
  async (query) => {
    expect(await who(lab.forge({ claims: { org: 'acme' } }), {}, query)).toBe(400);
  },
);

test('the tenant is in the log, the token is not', async () => {
  const token = lab.forge({ claims: { org: 'acme-7' } });
  await who(token);
  const line = lab.bff.log.findLast(({ tenant }) => tenant === 'acme-7');
  expect(line).toMatchObject({
    principal: expect.stringMatching(/^user:[\w-]{16}$/),
    route: '/who',
    status: 200,
  });
  expect(JSON.stringify(lab.bff.log)).not.toContain(token.split('.')[2]);
});
