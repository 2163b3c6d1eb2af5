/**
 * A stolen token, over real sockets: without the phone's key it is of no use, wherever it is sent from.
 */
import { createHash, type KeyObject, randomUUID } from 'node:crypto';
import { memoryRecords, revocations } from 'bffkit';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { rawClient } from '../support/raw-client.ts';
import {
  base64url,
  canary,
  issuer,
  jwkOf,
  keys,
  signers,
  type TokenLab,
  tokenLab,
} from '../support/token-lab.ts';

const publicOrigin = 'https://api.shop.example';
const records = memoryRecords();
const list = revocations(records);
let lab: TokenLab;

beforeAll(async () => {
  lab = await tokenLab({ dpop: { publicOrigin, records }, revocations: list });
});
afterAll(() => lab.close());

const phone = keys.strangerEc;
const { crv, kty, x, y } = jwkOf(phone);
const thumbprint = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
const boundToken = (claims: object = {}): string =>
  lab.forge({ claims: { sub: 'usr_1', note: canary, cnf: { jkt: thumbprint }, ...claims } });

function proof(
  token: string,
  claims: object = {},
  key: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } = phone,
): string {
  const header = base64url({ alg: 'ES256', typ: 'dpop+jwt', jwk: jwkOf(key) });
  const payload = base64url({
    jti: randomUUID(),
    htm: 'GET',
    htu: `${publicOrigin}/me`,
    iat: Math.floor(Date.now() / 1_000),
    ath: createHash('sha256').update(token).digest('base64url'),
    ...claims,
  });
  return `${header}.${payload}.${base64url(signers.es(key.privateKey)(Buffer.from(`${header}.${payload}`)))}`;
}

const send = (token: string, dpop: string | undefined, path = '/me'): Promise<Response> =>
  lab.call(path, undefined, {
    headers: { authorization: `DPoP ${token}`, ...(dpop === undefined ? {} : { dpop }) },
  });

const refusedFor = (error: string, token: string) => ({
  status: 401,
  code: 'invalid-token',
  challenge: `DPoP realm="mobile", error="${error}", algs="ES256 EdDSA PS256 RS256"`,
  secrets: token.split('.'),
});

test('with a proof of its key a bound token is served, and neither goes to the service', async () => {
  const token = boundToken();
  expect((await send(token, proof(token))).status).toBe(200);
  const { headers } = lab.service.requests.at(-1) ?? expect.unreachable();
  expect(headers).not.toHaveProperty('authorization');
  expect(headers).not.toHaveProperty('dpop');
});

test('nobody is told both ways to send a token', async () => {
  await lab.expectRefused(await lab.call('/me'), {
    status: 401,
    code: 'not-signed-in',
    challenge: 'Bearer realm="mobile", DPoP realm="mobile", algs="ES256 EdDSA PS256 RS256"',
  });
});

test('M8: stolen and sent as Bearer, a bound token is refused', async () => {
  const token = boundToken();
  await lab.expectRefused(await lab.call('/me', token), refusedFor('invalid_token', token));
});

test.each<[string, (token: string) => string | undefined]>([
  ['without a proof', () => undefined],
  ['with a proof of another key', (token) => proof(token, {}, keys.ec)],
  ['with a proof for another endpoint', (token) => proof(token, { htu: `${publicOrigin}/orders` })],
  ['with a proof for another host', (token) => proof(token, { htu: `${lab.bff.url}/me` })],
  ['with a proof for another method', (token) => proof(token, { htm: 'POST' })],
  ['with a proof for another token', () => proof(boundToken())],
  ['with an old proof', (token) => proof(token, { iat: Math.floor(Date.now() / 1_000) - 120 })],
])('stolen and sent %s, it is refused', async (_how, dpop) => {
  const token = boundToken();
  await lab.expectRefused(await send(token, dpop(token)), refusedFor('invalid_dpop_proof', token));
});

test('a proof that was heard on the way is refused: it was used', async () => {
  const token = boundToken();
  const dpop = proof(token);
  expect((await send(token, dpop)).status).toBe(200);
  await lab.expectRefused(await send(token, dpop), refusedFor('invalid_dpop_proof', token));
});

test('the Host of a request decides nothing: a proof for the host of a thief is none', async () => {
  const client = await rawClient(lab.bff.url);
  onTestFinished(() => void client.socket.destroy());
  const token = boundToken();
  const dpop = proof(token, { htu: 'http://bff.test/me' });
  client.write(`GET /me HTTP/1.1\r\nHost: bff.test\r\nAuthorization: DPoP ${token}\r\nDPoP: ${dpop}\r\n\r\n`);
  expect((await client.answer()).status).toBe(401);
});

test('two proofs are none', async () => {
  const client = await rawClient(lab.bff.url);
  onTestFinished(() => void client.socket.destroy());
  const token = boundToken();
  const lines = `DPoP: ${proof(token)}\r\nDPoP: ${proof(token)}\r\n`;
  client.write(`GET /me HTTP/1.1\r\nHost: bff.test\r\nAuthorization: DPoP ${token}\r\n${lines}\r\n`);
  expect([400, 401]).toContain((await client.answer()).status);
});

test('a lacking scope is said in the scheme of the caller', async () => {
  const token = boundToken({ scope: 'profile:read' });
  await lab.expectRefused(await send(token, proof(token, { htu: `${publicOrigin}/orders` }), '/orders'), {
    status: 403,
    code: 'insufficient-scope',
    challenge: 'DPoP realm="mobile", error="insufficient_scope", scope="orders:read profile:read"',
    secrets: [token],
  });
});

test('M6: a revoked token is refused at once, bound or not, although it was known', async () => {
  const expiresMs = Date.now() + 3_600_000;
  const free = lab.forge({ claims: { jti: 'free', note: canary } });
  const bound = boundToken({ jti: 'bound' });
  expect([(await lab.call('/me', free)).status, (await send(bound, proof(bound))).status]).toEqual([
    200, 200,
  ]);
  await list.revoke({ issuer, jti: 'free', expiresMs });
  await list.revoke({ issuer, jti: 'bound', expiresMs });
  await lab.expectRefused(await lab.call('/me', free), {
    status: 401,
    code: 'invalid-token',
    challenge: 'Bearer realm="mobile", error="invalid_token"',
    secrets: [free],
  });
  await lab.expectRefused(await send(bound, proof(bound)), refusedFor('invalid_token', bound));
  for (const spelled of [`${free}=`, `${free}==`]) expect((await lab.call('/me', spelled)).status).toBe(401);
});

test('operators revoke on the admin port', async () => {
  const token = lab.forge({ claims: { jti: 'by-hand' } });
  expect((await lab.call('/me', token)).status).toBe(200);
  const order = { issuer, jti: 'by-hand', expiresAt: new Date(Date.now() + 3_600_000).toISOString() };
  const answer = await fetch(`${lab.bff.adminUrl}/revocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'bff-actor': 'ada' },
    body: JSON.stringify(order),
  });
  expect(answer.status).toBe(200);
  expect((await lab.call('/me', token)).status).toBe(401);
});
