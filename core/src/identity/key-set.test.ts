import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { usableKeys } from './key-set.ts';

const jwkOf = (key: KeyObject, more: object = {}): object => ({ ...key.export({ format: 'jwk' }), ...more });
const rsaOf = (modulusLength: number): KeyObject => generateKeyPairSync('rsa', { modulusLength }).publicKey;
const ecOf = (namedCurve: string): KeyObject => generateKeyPairSync('ec', { namedCurve }).publicKey;

const rsa = rsaOf(2_048);
const ec = ecOf('P-256');
const ed = generateKeyPairSync('ed25519').publicKey;
const { privateKey: privateRsa } = generateKeyPairSync('rsa', { modulusLength: 2_048 });

const idsOf = async (...keys: readonly unknown[]): Promise<unknown[]> =>
  (await usableKeys({ keys: [jwkOf(ed, { kid: 'sound' }), ...keys] })).keys.map(({ kid }) => kid).slice(1);

describe('usable is', () => {
  test.each<[string, object]>([
    ['RSA of 2048 bits', jwkOf(rsa)],
    ['RSA for RS256', jwkOf(rsa, { alg: 'RS256' })],
    ['RSA for PS256', jwkOf(rsa, { alg: 'PS256' })],
    ['RSA with the exponent 3', jwkOf(rsa, { e: 'Aw' })],
    ['P-256', jwkOf(ec)],
    ['P-256 for ES256', jwkOf(ec, { alg: 'ES256' })],
    ['Ed25519', jwkOf(ed, { alg: 'EdDSA' })],
    ['a key for signatures', jwkOf(ec, { use: 'sig', key_ops: ['verify'] })],
    ['a key with members nobody knows', jwkOf(ec, { x5t: 'x', 'urn:more': true })],
  ])('%s', async (_what, key) => {
    expect(await idsOf({ ...key, kid: 'it' })).toEqual(['it']);
  });

  test('a key without a name', async () => {
    expect(await idsOf(jwkOf(ec))).toEqual([undefined]);
  });
});

describe('not usable, without harm to the others, is', () => {
  test.each<[string, unknown]>([
    ['no object', 7],
    ['null', null],
    ['a list', []],
    ['nothing', {}],
    ['a secret', { kty: 'oct', k: 'c2VjcmV0', alg: 'HS256' }],
    ['a kind nobody knows', { kty: 'none' }],
    ['a kind that is a number', { kty: 1 }],
    ['a kind that every object has', { kty: 'constructor' }],
    ['a private RSA key', jwkOf(privateRsa)],
    ['a key with a trace of its secret', jwkOf(ec, { d: undefined })],
    ['a key with a shared secret', jwkOf(ec, { k: 'AA' })],
    ['RSA of 1024 bits', jwkOf(rsaOf(1_024))],
    [
      'RSA of 2047 bits',
      jwkOf(rsa, { n: Buffer.concat([Buffer.from([0x7f]), Buffer.alloc(255, 0xff)]).toString('base64url') }),
    ],
    [
      'RSA of 1024 bits behind zeros',
      jwkOf(rsa, { n: Buffer.concat([Buffer.alloc(128), Buffer.alloc(128, 0xff)]).toString('base64url') }),
    ],
    [
      'RSA of 8193 bits',
      jwkOf(rsa, { n: Buffer.concat([Buffer.from([1]), Buffer.alloc(1_024, 0xff)]).toString('base64url') }),
    ],
    ['RSA with the exponent 1', jwkOf(rsa, { e: 'AQ' })],
    ['RSA with an even exponent', jwkOf(rsa, { e: 'BA' })],
    ['RSA with the exponent 0', jwkOf(rsa, { e: 'AA' })],
    ['RSA with an empty exponent', jwkOf(rsa, { e: '' })],
    [
      'RSA with an exponent of 65 bits',
      jwkOf(rsa, { e: Buffer.concat([Buffer.from([1]), Buffer.alloc(8, 1)]).toString('base64url') }),
    ],
    ['RSA without a modulus', jwkOf(rsa, { n: undefined })],
    ['RSA without an exponent', jwkOf(rsa, { e: undefined })],
    ['RSA with an empty modulus', jwkOf(rsa, { n: '' })],
    ['P-384', jwkOf(ecOf('P-384'))],
    ['secp256k1', jwkOf(ecOf('secp256k1'))],
    ['a point that is not on the curve', jwkOf(ec, { x: Buffer.alloc(32, 1).toString('base64url') })],
    ['half a point', jwkOf(ec, { y: undefined })],
    ['X25519', jwkOf(generateKeyPairSync('x25519').publicKey)],
    ['Ed448', jwkOf(generateKeyPairSync('ed448').publicKey)],
    ['a key for encryption', jwkOf(ec, { use: 'enc' })],
    ['a key for something else', jwkOf(ec, { use: ['sig'] })],
    ['a key for signing only', jwkOf(ec, { key_ops: ['sign'] })],
    ['a key whose uses are text', jwkOf(ec, { key_ops: 'verify' })],
    ['a key whose name is a number', jwkOf(ec, { kid: 7 })],
    ['a key for an algorithm of another kind', jwkOf(ec, { alg: 'RS256' })],
    ['a key for RS512', jwkOf(rsa, { alg: 'RS512' })],
    ['a key for a list of algorithms', jwkOf(ec, { alg: ['ES256'] })],
  ])('%s', async (_what, key) => {
    expect(await idsOf(key)).toEqual([]);
    await expect(usableKeys({ keys: [key] })).rejects.toThrow(new TypeError('the set has no usable key'));
  });

  test('anything after the first hundred', async () => {
    const keys = Array.from({ length: 101 }, (_, index) => jwkOf(ec, { kid: `k${index}` }));
    expect((await usableKeys({ keys })).keys.map(({ kid }) => kid)).toEqual(
      Array.from({ length: 100 }, (_, index) => `k${index}`),
    );
  });
});

test('a key that stands twice counts once; two keys of one name are two', async () => {
  const twin = jwkOf(ecOf('P-256'), { kid: 'twin' });
  const one = jwkOf(ec, { kid: 'twin' });
  expect(await idsOf(one, twin, { ...one })).toEqual(['twin', 'twin']);
});

test.each([undefined, null, 7, 'keys', [], {}, { keys: 'none' }, { keys: {} }])(
  '%j is no set of keys',
  async (document) => {
    await expect(usableKeys(document)).rejects.toThrow(new TypeError('the document is no set of keys'));
  },
);

test('the same keys have the same fingerprint, in whatever order; other keys, names and algorithms another', async () => {
  const fingerprint = async (...keys: readonly object[]): Promise<string> =>
    (await usableKeys({ keys })).fingerprint;
  const first = jwkOf(ec, { kid: 'a' });
  const second = jwkOf(rsa, { kid: 'b' });
  const both = await fingerprint(first, second);
  expect(await fingerprint(second, first, { ...first, x5t: 'more' }, { kty: 'oct' })).toBe(both);
  const others = await Promise.all([
    fingerprint(first),
    fingerprint({ ...first, kid: 'c' }, second),
    fingerprint(first, { ...second, alg: 'PS256' }),
    fingerprint(jwkOf(ecOf('P-256'), { kid: 'a' }), second),
  ]);
  expect(new Set([both, ...others]).size).toBe(5);
});
