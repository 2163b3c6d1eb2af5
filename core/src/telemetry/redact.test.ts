import { expect, test } from 'vitest';
import { redact } from './redact.ts';

const secret = 'c4n4ry-S3cret';
const jwt = `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c3JfMSJ9.${secret}`;

test.each([
  `Authorization: Bearer ${secret}`,
  `authorization=Basic ${secret}==`,
  `{"authorization":"DPoP ${secret}"}`,
  `headers { authorization: 'Bearer ${secret}' }`,
  `Cookie: a=${secret}; b=${secret}`,
  `set-cookie: __Host-Http-bff=${secret}; Path=/`,
  `sent Bearer ${secret} to orders`,
  `the token ${jwt} is bad`,
  `half a token ${jwt.slice(0, 30)}`,
  `password=${secret}`,
  `passwd: ${secret}`,
  `"password":"${secret} with spaces"`,
  `'client_secret': '${secret}'`,
  `"password":"with \\" quotes ${secret}`,
  `clientSecret=${secret}&x=1`,
  `refresh_token=${secret}`,
  `{"id_token":"${secret}"}`,
  `access-token = ${secret}`,
  `X-Api-Key: ${secret}`,
  `api_key=${secret}, next`,
  `apikey=${secret}`,
  `session_id=${secret}`,
  `https://user:${secret}@idp.example/token`,
  `redis://:${secret}@10.0.0.1:6379`,
  `GET /bff/callback?code=${secret}&state=${secret}`,
  `code_verifier is fine but csrfToken=${secret}`,
  `client_assertion=${secret}`,
  `grant_type=authorization_code&code=${secret}&code_verifier=${secret}`,
  `{"sid":"${secret}"}`,
  `nonce: ${secret}`,
  `X-Hub-Signature-256: sha256=${secret}`,
  `webhook whsec_${secret}`,
  `sk_live_${secret}`,
  'the key bffk_live_abcdefghijkl_c4n4rySecretc4n4rySecretc4n4rySecret',
  `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`,
  `-----BEGIN EC PRIVATE KEY-----\n${secret}`,
])('takes the secret out of %j', (text) => {
  expect(redact(text)).not.toMatch(/c4n4ry/);
  expect(redact(text)).toContain('[redacted]');
});

test.each([
  'connect ECONNREFUSED 10.0.0.1:443',
  'code: ECONNREFUSED',
  'the state is half-open, code=UND_ERR_SOCKET',
  'GET https://orders.example/orders?page=2 answered 503',
  'TypeError: Cannot read properties of undefined (reading items)\n    at file:///srv/core/src/delegation/token-cache.ts:12:3',
  'no answer within 80 ms',
  'the record of a key cannot be read',
  'inside: 3, outside=4, risk_level_high',
])('leaves %j as it is', (text) => {
  expect(redact(text)).toBe(text);
});

test('says what it was that was there', () => {
  expect(redact('POST /token password=abc bffk_live_abcdefghijkl_abc')).toBe(
    'POST /token password=[redacted] bffk_live_abcdefghijkl_[redacted]',
  );
});

test('is fast for every text, and reads no more than 16 KiB of it', () => {
  for (const part of [
    'token',
    'a-',
    'eyJhbGci.',
    '"',
    'token="\\',
    '-----BEGIN A-----',
    '://',
    '?code=',
    'Bearer ',
  ]) {
    expect(redact(part.repeat(100_000)).length).toBeLessThanOrEqual(100_000);
  }
});
