import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Principal } from '../context/principal.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { problemDocument, problemHeaders } from '../problem/problem.ts';
import { testContext } from '../testing/test-context.ts';
import { type ApiKeyRecord, apiKeys } from './api-key.ts';
import type { Authenticator } from './authenticator.ts';

const id = 'Ab3dEf6hIj9l';
const secret = 'abcdefghijklmnopqrstuvwxyz0123';
const key = `bffk_live_${id}_${secret}`;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const record: ApiKeyRecord = {
  id,
  sha256: sha256(key),
  partner: 'acme',
  scopes: ['orders:read', 'stock:read'],
};

function judge(authenticator: Authenticator, authorization: string): unknown {
  try {
    return authenticator.authenticate(testContext({ headers: { authorization } }));
  } catch (error) {
    return GatewayError.from(error);
  }
}

/** Everything a client sees of a refusal. */
function refusalOf(authenticator: Authenticator, credential: string): unknown {
  const error = judge(authenticator, `Bearer ${credential}`);
  if (!(error instanceof GatewayError)) throw new Error('the key was accepted');
  return [error.message, problemDocument(error, 'request-1'), problemHeaders(error)];
}

test('a right key is its partner, under the id of the key', () => {
  expect(judge(apiKeys([record]), `Bearer ${key}`)).toEqual<Principal>({
    kind: 'partner',
    subject: 'acme',
    clientId: id,
    scopes: new Set(['orders:read', 'stock:read']),
    tenant: undefined,
  });
  expect(judge(apiKeys([{ ...record, tenant: 'eu' }]), `bearer ${key}`)).toMatchObject({ tenant: 'eu' });
});

describe('a wrong key', () => {
  const authenticator = apiKeys([record]);
  const refused = (): unknown => refusalOf(authenticator, `bffk_live_${id}_${secret.slice(0, -1)}X`);

  test('is 401 with a challenge', () => {
    expect(refused()).toMatchObject([
      'The API key is not valid',
      { status: 401, code: 'invalid-api-key' },
      { 'www-authenticate': 'Bearer error="invalid_token"' },
    ]);
  });

  test.each([
    ['an unknown id', `bffk_live_zzzzzzzzzzzz_${secret}`],
    ['another environment', `bffk_test_${id}_${secret}`],
    ['a secret that is too short', `bffk_live_${id}_${secret.slice(1)}`],
    ['a secret that is too long', `${key}x`],
    ['no secret', `bffk_live_${id}`],
    ['nothing but the prefix', 'bffk_'],
    ['a prototype as id', `bffk_live___proto_____${secret}`],
    ['the stored hash', `bffk_live_${id}_${record.sha256.slice(0, 30)}`],
  ])('%s looks the same as a wrong secret', (_what, credential) => {
    expect(refusalOf(authenticator, credential)).toEqual(refused());
  });
});

test.each(['Bearer eyJh.eyJz.c2ln', 'Basic dXNlcjpwdw==', `Basic ${key}`, key, `Bearer  ${key}`])(
  'Authorization: %s is left to the next authenticator',
  (authorization) => {
    expect(judge(apiKeys([record]), authorization)).toBeUndefined();
  },
);

test('a key outside of the header is not looked at', () => {
  const context = testContext({ target: `/?api_key=${key}`, headers: { 'x-api-key': key } });
  expect(apiKeys([record]).authenticate(context)).toBeUndefined();
});

test('what is kept is a hash: the record of one key opens no other', () => {
  const stolen = apiKeys([{ ...record, sha256: sha256(secret) }]);
  expect(refusalOf(stolen, key)).toMatchObject([
    expect.anything(),
    { code: 'invalid-api-key' },
    expect.anything(),
  ]);
  expect(inspect(record)).not.toContain(secret);
});

describe('refuses to start with', () => {
  test.each<[string, readonly ApiKeyRecord[], string]>([
    [
      'the key itself',
      [{ ...record, sha256: key }],
      `apiKeys: sha256 of key '${id}' must be 64 hexadecimal digits`,
    ],
    [
      'a hash in capitals',
      [{ ...record, sha256: record.sha256.toUpperCase() }],
      `apiKeys: sha256 of key '${id}' must be 64 hexadecimal digits`,
    ],
    [
      'an empty hash',
      [{ ...record, sha256: '' }],
      `apiKeys: sha256 of key '${id}' must be 64 hexadecimal digits`,
    ],
    ['one id twice', [record, { ...record, partner: 'other' }], `apiKeys: the id '${id}' appears twice`],
    [
      'an id no key can have',
      [record, { ...record, id: key }],
      'apiKeys: the id of record 2 must be 12 letters or digits',
    ],
  ])('%s', (_what, records, message) => {
    expect(() => apiKeys(records)).toThrow(new RangeError(message));
  });
});
