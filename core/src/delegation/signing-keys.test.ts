import { generateKeyPairSync } from 'node:crypto';
import { Hono } from 'hono';
import { calculateJwkThumbprint, createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { gatewayKeys } from './signing-keys.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const issuer = 'https://web-bff.acme.internal';
const p256 = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const ed25519 = () => generateKeyPairSync('ed25519').privateKey;
const pemOf = (key: ReturnType<typeof p256>) => key.export({ format: 'pem', type: 'pkcs8' }).toString();
const jwkOf = (key: ReturnType<typeof p256>) => ({ ...key.export({ format: 'jwk' }) });

describe('a ring of keys', () => {
  test.each([
    ['a P-256 key as PEM', pemOf(p256()), 'ES256'],
    ['a P-256 key as JSON Web Key', jwkOf(p256()), 'ES256'],
    ['an Ed25519 key as PEM', pemOf(ed25519()), 'EdDSA'],
    ['an Ed25519 key as JSON Web Key', jwkOf(ed25519()), 'EdDSA'],
  ])('signs with %s what its published half verifies', async (_kind, key, alg) => {
    const keys = gatewayKeys({ issuer, privateKeys: [key] });
    const token = await keys.sign('some+jwt', { iss: keys.issuer });
    const published = createLocalJWKSet({ keys: [...keys.jwks.keys].map((one) => ({ ...one })) });
    const { protectedHeader, payload } = await jwtVerify(token, published, { issuer, typ: 'some+jwt' });
    expect(payload).toEqual({ iss: issuer });
    expect(protectedHeader).toEqual({ alg, typ: 'some+jwt', kid: keys.jwks.keys[0]?.kid });
  });

  test('publishes no private part, and names each key by its thumbprint', async () => {
    const keys = gatewayKeys({ issuer, privateKeys: [jwkOf(p256()), pemOf(ed25519())] });
    for (const jwk of keys.jwks.keys) {
      expect(Object.keys(jwk)).not.toContain('d');
      expect(jwk.use).toBe('sig');
      expect(jwk.kid).toBe(await calculateJwkThumbprint({ ...jwk }));
    }
  });

  test('signs with the first and publishes all, so that a new key is known before it signs', async () => {
    const [old, next] = [pemOf(p256()), pemOf(ed25519())];
    const before = gatewayKeys({ issuer, privateKeys: [old, next] });
    const after = gatewayKeys({ issuer, privateKeys: [next, old] });
    const token = await after.sign('some+jwt', {});
    expect(decodeProtectedHeader(token).kid).toBe(before.jwks.keys[1]?.kid);
    const known = createLocalJWKSet({ keys: [...before.jwks.keys].map((one) => ({ ...one })) });
    await expect(jwtVerify(token, known)).resolves.toBeDefined();
  });

  test('is made at start where none is given, except in production', () => {
    const [one, other] = [gatewayKeys({ issuer }), gatewayKeys({ issuer })];
    expect(one.jwks.keys[0]?.kid).not.toBe(other.jwks.keys[0]?.kid);
    vi.stubEnv('NODE_ENV', 'production');
    expect(() => gatewayKeys({ issuer })).toThrow(/privateKeys must be set in production/);
  });
});

describe('/jwks', () => {
  test('serves the ring, to be kept for five minutes', async () => {
    const keys = gatewayKeys({ issuer, privateKeys: [jwkOf(p256())] });
    const app = new Hono();
    keys.admin.mount(app);
    expect(keys.admin.pages).toEqual(['/jwks']);
    const answer = await app.request('/jwks');
    expect(answer.headers.get('content-type')).toBe('application/jwk-set+json');
    expect(answer.headers.get('cache-control')).toBe('public, max-age=300');
    expect(await answer.json()).toEqual(keys.jwks);
  });

  test('is served once: a second ring would sign what nobody can verify', () => {
    const app = new Hono();
    gatewayKeys({ issuer }).admin.mount(app);
    expect(() => gatewayKeys({ issuer }).admin.mount(app)).toThrow(/publishes one key set/);
  });
});

describe('does not boot', () => {
  const canary = 'canary-secret';
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey;
  const twice = jwkOf(p256());

  test.each([
    ['an unknown option', { issuer, privateKey: [] }, /unknown option 'privateKey'/],
    ['an empty issuer', { issuer: '' }, /issuer must be the iss/],
    ['an issuer that is no text', { issuer: 7 }, /issuer must be the iss of what is signed, got '7'/],
    ['no key', { issuer, privateKeys: [] }, /privateKeys must be 1 to 10 keys, got 0/],
    ['11 keys', { issuer, privateKeys: Array.from({ length: 11 }, p256) }, /1 to 10 keys, got 11/],
    ['no list', { issuer, privateKeys: 'PEM' }, /privateKeys must be 1 to 10 keys/],
    ['a text', { issuer, privateKeys: [canary] }, /privateKeys\[0\] must be a private key/],
    ['a public key', { issuer, privateKeys: [{ ...twice, d: undefined }] }, /\[0\] must be a private key/],
    ['an RSA key', { issuer, privateKeys: [pemOf(rsa)] }, /must be a P-256 or Ed25519 key, got rsa/],
    [
      'another curve',
      { issuer, privateKeys: [jwkOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey)] },
      /must be a P-256 or Ed25519 key, got P-384/,
    ],
    ['a key twice', { issuer, privateKeys: [twice, pemOf(p256()), twice] }, /\[2\] is listed a second time/],
  ])('with %s', (_what, options, message) => {
    const boot = () => gatewayKeys(options as never);
    expect(boot).toThrow(RangeError);
    expect(boot).toThrow(message);
    expect(boot).not.toThrow(new RegExp(canary));
  });
});
