import { expect, test } from 'vitest';
import { GatewayError } from '../problem/gateway-error.ts';
import { refusalIn, withRealm } from './challenge.ts';

test.each([
  ['Bearer', 'Bearer realm="mobile"'],
  ['Bearer error="invalid_token"', 'Bearer realm="mobile", error="invalid_token"'],
  ['Bearer, DPoP algs="ES256 EdDSA"', 'Bearer realm="mobile", DPoP realm="mobile", algs="ES256 EdDSA"'],
  [
    'DPoP error="invalid_token", algs="ES256", Bearer',
    'DPoP realm="mobile", error="invalid_token", algs="ES256", Bearer realm="mobile"',
  ],
  ['Bearer scope="a b, c Basic", X-Own', 'Bearer realm="mobile", scope="a b, c Basic", X-Own realm="mobile"'],
  [
    'Bearer error_description="say \\", Basic x", error="e"',
    'Bearer realm="mobile", error_description="say \\", Basic x", error="e"',
  ],
  ['Bearer max_age=3, error=e', 'Bearer realm="mobile", max_age=3, error=e'],
  ['', ''],
])('%j says the realm once per scheme', (challenges, expected) => {
  expect(withRealm(challenges, 'mobile')).toBe(expected);
});

test('a refusal keeps everything but gets its realm', () => {
  const cause = new Error('why');
  const headers = { 'www-authenticate': 'Bearer', allow: 'GET' };
  const failure = new GatewayError('invalid-token', { detail: 'No.', cause, headers });
  const named = refusalIn('web', failure);
  expect(named.code).toBe('invalid-token');
  expect(named.options).toEqual({
    detail: 'No.',
    cause,
    headers: { 'www-authenticate': 'Bearer realm="web"', allow: 'GET' },
  });
});

test('a refusal without a challenge stays the same', () => {
  for (const failure of [
    new GatewayError('insufficient-role'),
    new GatewayError('not-found', { headers: { allow: 'GET' } }),
  ]) {
    expect(refusalIn('web', failure)).toBe(failure);
  }
});
