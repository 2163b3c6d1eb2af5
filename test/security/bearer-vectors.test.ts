/**
 * Signed tokens that are none, class by class, after the manner of Wycheproof: every way in which a JSON Web
 * Signature has been forged or misread. All of them are 401, and none leaves a trace.
 *
 * @see {@link https://github.com/C2SP/wycheproof Project Wycheproof}
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-2 RFC 8725, section 2}
 */
import { constants, createHash, generateKeyPairSync, type KeyObject, privateEncrypt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  base64url,
  canary,
  type Forgery,
  goodKeys,
  jwkOf,
  keys,
  signers,
  type TokenLab,
  tokenLab,
} from '../support/token-lab.ts';

let lab: TokenLab;

beforeAll(async () => {
  lab = await tokenLab();
  lab.provider.document = {
    keys: [
      ...goodKeys,
      jwkOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }), { kid: 'twin', alg: 'ES256' }),
      jwkOf(keys.ec, { kid: 'twin', alg: 'ES256' }),
    ],
  };
});
afterAll(() => lab.close());

type Vector = readonly [string, Forgery | (() => string)];

const { rs, ps, es, ed, hs } = signers;
const rsaKey = keys.rsa.privateKey;
const ecKey = keys.ec.privateKey;
const edKey = keys.ed.privateKey;
const rsa = { alg: 'RS256', kid: 'rsa' };
const eddsa = { alg: 'EdDSA', kid: 'ed' };

/** The three parts of a good token, changed. */
const parts =
  (change: (header: string, payload: string, signature: string) => string, forgery: Forgery = {}) =>
  (): string => {
    const [header = '', payload = '', signature = ''] = lab.forge(forgery).split('.');
    return change(header, payload, signature);
  };
const always = (bytes: Buffer) => (): Buffer => bytes;

const noneAlgorithms: readonly unknown[] = [
  'none',
  'None',
  'NONE',
  'nOnE',
  'noNe',
  ' none',
  'none ',
  '',
  null,
  undefined,
  0,
  false,
  [],
  ['none'],
  {},
];

const none: readonly Vector[] = noneAlgorithms.flatMap((alg): Vector[] => [
  [`alg ${JSON.stringify(alg)} without a signature`, { header: { alg }, sign: always(Buffer.alloc(0)) }],
  [`alg ${JSON.stringify(alg)} with a good one`, { header: { alg } }],
]);

const spki = keys.rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const confusedSecrets: Readonly<Record<string, string | Buffer>> = {
  'SPKI PEM': spki,
  'SPKI PEM without its last line break': spki.trim(),
  'SPKI PEM with CR LF': spki.replaceAll('\n', '\r\n'),
  'PKCS #1 PEM': keys.rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
  DER: keys.rsa.publicKey.export({ type: 'spki', format: 'der' }),
  'JWK text': JSON.stringify(jwkOf(keys.rsa)),
  modulus: Buffer.from(String(jwkOf(keys.rsa).n), 'base64url'),
  'modulus text': String(jwkOf(keys.rsa).n),
  'EC point': Buffer.concat([
    Buffer.from([4]),
    Buffer.from(String(jwkOf(keys.ec).x), 'base64url'),
    Buffer.from(String(jwkOf(keys.ec).y), 'base64url'),
  ]),
  nothing: '',
};
const confusion: readonly Vector[] = [256, 384, 512].flatMap((bits) =>
  Object.entries(confusedSecrets).map(
    ([what, secret]): Vector => [
      `HS${bits} with the public key as ${what}`,
      { header: { alg: `HS${bits}`, kid: what === 'EC point' ? 'ec' : 'rsa' }, sign: hs(secret, bits) },
    ],
  ),
);

const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
const k256 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey;
const primitives: readonly Vector[] = [
  ['ES256 signed with RSA', { sign: rs(rsaKey) }],
  ['RS256 signed with EC', { header: rsa }],
  ['EdDSA signed with EC', { header: eddsa }],
  ['ES256 signed with Ed25519', { sign: ed(edKey) }],
  ['RS256 with a PSS signature', { header: rsa, sign: ps(rsaKey) }],
  ['PS256 with a PKCS #1 signature', { header: { ...rsa, alg: 'PS256' }, sign: rs(rsaKey) }],
  ['PS256 without salt', { header: { ...rsa, alg: 'PS256' }, sign: ps(rsaKey, 256, 0) }],
  ['PS256 with 20 bytes of salt', { header: { ...rsa, alg: 'PS256' }, sign: ps(rsaKey, 256, 20) }],
  ['PS256 over SHA-512', { header: { ...rsa, alg: 'PS256' }, sign: ps(rsaKey, 512, 32) }],
  ['RS256 over SHA-512', { header: rsa, sign: rs(rsaKey, 512) }],
  ['RS256 over SHA-1', { header: rsa, sign: rs(rsaKey, 1) }],
  ['ES256 over SHA-512', { sign: es(ecKey, 512) }],
  ...[384, 512].flatMap((bits): Vector[] => [
    [`RS${bits}, not among ours`, { header: { ...rsa, alg: `RS${bits}` }, sign: rs(rsaKey, bits) }],
    [`PS${bits}, not among ours`, { header: { ...rsa, alg: `PS${bits}` }, sign: ps(rsaKey, bits) }],
    [`ES${bits} with P-256`, { header: { alg: `ES${bits}` }, sign: es(ecKey, bits) }],
  ]),
  ['ES256 of P-384', { sign: es(p384) }],
  ['ES384 of P-384', { header: { alg: 'ES384' }, sign: es(p384, 384) }],
  ['ES256 of secp256k1', { sign: es(k256) }],
  ['ES256K of secp256k1', { header: { alg: 'ES256K' }, sign: es(k256) }],
  ['the algorithm of another key', { header: { kid: 'rsa' } }],
  ['the key of another algorithm', { header: { ...rsa, kid: 'ec' }, sign: rs(rsaKey) }],
  ['Ed25519 by its new name, not among ours', { header: { ...eddsa, alg: 'Ed25519' }, sign: ed(edKey) }],
  ...[
    'es256',
    'Es256',
    'ES256 ',
    ' ES256',
    'ES256\u0000',
    'ES256\u200b',
    'RSA256',
    'SHA256withECDSA',
    'Ed448',
    'ML-DSA-44',
    'RSA1_5',
    'RSA-OAEP',
    'dir',
    'A128KW',
    'PBES2-HS256+A128KW',
    'constructor',
    '__proto__',
  ].map((alg): Vector => [`alg ${JSON.stringify(alg)}`, { header: { alg } }]),
  ...[['ES256'], { name: 'ES256' }, 256, true].map(
    (alg): Vector => [`alg ${JSON.stringify(alg)}, which is no text`, { header: { alg } }],
  ),
];

const strangers = {
  RS256: { header: rsa, sign: rs(keys.strangerRsa.privateKey), jwk: jwkOf(keys.strangerRsa) },
  PS256: {
    header: { ...rsa, alg: 'PS256' },
    sign: ps(keys.strangerRsa.privateKey),
    jwk: jwkOf(keys.strangerRsa),
  },
  ES256: { header: {}, sign: es(keys.strangerEc.privateKey), jwk: jwkOf(keys.strangerEc) },
  EdDSA: { header: eddsa, sign: ed(keys.strangerEd.privateKey), jwk: jwkOf(keys.strangerEd) },
};
const injection: readonly Vector[] = [
  ...Object.entries(strangers).flatMap(([alg, { header, sign, jwk }]): Vector[] => [
    [`${alg} of a stranger`, { header, sign }],
    [`${alg} of a stranger, key enclosed`, { header: { ...header, jwk }, sign }],
    [`${alg} of a stranger, key enclosed and no kid`, { header: { ...header, jwk, kid: undefined }, sign }],
    [`${alg} of a stranger, key behind jku`, { header: { ...header, jku: 'http://127.0.0.1:1/jwks' }, sign }],
    [
      `${alg} of a stranger, key behind x5u and x5c`,
      { header: { ...header, x5u: 'http://127.0.0.1:1/', x5c: ['MIIB'] }, sign },
    ],
  ]),
  [
    'a private key enclosed',
    { header: { jwk: keys.strangerEc.privateKey.export({ format: 'jwk' }) }, sign: strangers.ES256.sign },
  ],
  ['a secret enclosed', { header: { alg: 'HS256', jwk: { kty: 'oct', k: 'c2VjcmV0' } }, sign: hs('secret') }],
  ['a name that two keys have, of a stranger', { header: { kid: 'twin' }, sign: strangers.ES256.sign }],
  ['no name, of a stranger', { header: { kid: undefined }, sign: strangers.ES256.sign }],
  ...[null, 7, true, {}, ['ec'], '', ' ec', 'ec ', 'EC', 'ec\u0000', 'https://login.example/jwks#ec'].map(
    (kid): Vector => [
      `kid ${JSON.stringify(kid)}, of a stranger`,
      { header: { kid }, sign: strangers.ES256.sign },
    ],
  ),
];

const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');
const field = Buffer.from('ffffffff00000001000000000000000000000000ffffffffffffffffffffffff', 'hex');
const zero = Buffer.alloc(32);
const one = Buffer.concat([Buffer.alloc(31), Buffer.from([1])]);
const ones = Buffer.alloc(32, 0xff);
const pair = (r: Buffer, s: Buffer): Forgery => ({ sign: always(Buffer.concat([r, s])) });
const halves = (change: (r: Buffer, s: Buffer) => readonly Buffer[]): Forgery => ({
  sign(input) {
    const signature = es(ecKey)(input);
    return Buffer.concat([...change(signature.subarray(0, 32), signature.subarray(32))]);
  },
});
const ecdsa: readonly Vector[] = [
  ['r = s = 0, the psychic signature', pair(zero, zero)],
  ['r = 0', pair(zero, one)],
  ['s = 0', pair(one, zero)],
  ['r = s = 1', pair(one, one)],
  ['r = s = n', pair(order, order)],
  ['r = n, s = 1', pair(order, one)],
  ['r = 1, s = n', pair(one, order)],
  ['r = s = p', pair(field, field)],
  ['r = s = 2^256 - 1', pair(ones, ones)],
  ['r = 0 with a good s', halves((_r, s) => [zero, s])],
  ['s = 0 with a good r', halves((r) => [r, zero])],
  ['r and s exchanged', halves((r, s) => [s, r])],
  ['r twice', halves((r) => [r, r])],
  ['a byte less at the end', halves((r, s) => [r, s.subarray(0, 31)])],
  ['a byte less at the beginning', halves((r, s) => [r.subarray(1), s])],
  ['a zero byte more at the end', halves((r, s) => [r, s, Buffer.alloc(1)])],
  ['a zero byte more before each half', halves((r, s) => [Buffer.alloc(1), r, Buffer.alloc(1), s])],
  ['padded to the size of P-384', halves((r, s) => [Buffer.alloc(16), r, Buffer.alloc(16), s])],
  ['the signature twice', halves((r, s) => [r, s, r, s])],
  ['r only', halves((r) => [r])],
  ['nothing', halves(() => [])],
  ['one byte', halves(() => [Buffer.from([1])])],
  ['DER instead of raw', { sign: es(ecKey, 256, 'der') }],
  ['DER cut to 64 bytes', { sign: (input) => es(ecKey, 256, 'der')(input).subarray(0, 64) }],
  ['DER with r = s = 0', { sign: always(Buffer.from('3006020100020100', 'hex')) }],
  ['a good signature of something else', { sign: () => es(ecKey)(Buffer.from('something else')) }],
];

const rsaModulus = Buffer.from(String(jwkOf(keys.rsa).n), 'base64url');
const sha256Prefix = Buffer.from('3031300d060960864801650304020105000420', 'hex');
const rawRsa = (shape: (digest: Buffer) => Buffer, key: KeyObject = rsaKey): Forgery => ({
  header: rsa,
  sign: (input) =>
    privateEncrypt(
      { key, padding: constants.RSA_PKCS1_PADDING },
      shape(createHash('sha256').update(input).digest()),
    ),
});
const rsaSignatures: readonly Vector[] = [
  ['zeros', { header: rsa, sign: always(Buffer.alloc(256)) }],
  ['one', { header: rsa, sign: always(Buffer.concat([Buffer.alloc(255), Buffer.from([1])])) }],
  ['the modulus', { header: rsa, sign: always(rsaModulus) }],
  [
    'the modulus less one',
    {
      header: rsa,
      sign: always(Buffer.concat([rsaModulus.subarray(0, 255), Buffer.from([(rsaModulus.at(-1) ?? 1) - 1])])),
    },
  ],
  ['all bits', { header: rsa, sign: always(Buffer.alloc(256, 0xff)) }],
  ['a byte less', { header: rsa, sign: (input) => rs(rsaKey)(input).subarray(0, 255) }],
  [
    'a zero byte before',
    { header: rsa, sign: (input) => Buffer.concat([Buffer.alloc(1), rs(rsaKey)(input)]) },
  ],
  [
    'a zero byte behind',
    { header: rsa, sign: (input) => Buffer.concat([rs(rsaKey)(input), Buffer.alloc(1)]) },
  ],
  [
    'of a key of 1024 bits',
    { header: rsa, sign: rs(generateKeyPairSync('rsa', { modulusLength: 1_024 }).privateKey) },
  ],
  ['the bare digest', rawRsa((digest) => digest)],
  [
    'a digest without the name of its algorithm',
    rawRsa((digest) => Buffer.concat([Buffer.from('0420', 'hex'), digest])),
  ],
  [
    'a digest with NULL left out',
    rawRsa((digest) =>
      Buffer.concat([
        Buffer.from('302f300b0609608648016503040201', 'hex'),
        Buffer.from('0420', 'hex'),
        digest,
      ]),
    ),
  ],
  ['a digest followed by junk', rawRsa((digest) => Buffer.concat([sha256Prefix, digest, Buffer.alloc(16)]))],
  [
    'a digest named MD5',
    rawRsa((digest) =>
      Buffer.concat([Buffer.from('3020300c06082a864886f70d020505000410', 'hex'), digest.subarray(0, 16)]),
    ),
  ],
  ['all zeros under PS256', { header: { ...rsa, alg: 'PS256' }, sign: always(Buffer.alloc(256)) }],
];

const l = Buffer.from('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010', 'hex');
const smallOrder = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
];
const eddsaSignatures: readonly Vector[] = [
  ...smallOrder.map(
    (point): Vector => [
      `R of small order, ${point.slice(0, 8)}, and S = 0`,
      { header: eddsa, sign: always(Buffer.concat([Buffer.from(point, 'hex'), zero])) },
    ],
  ),
  ['S beyond the order of the group', { header: eddsa, sign: (input) => addOrder(ed(edKey)(input)) }],
  ['a byte less', { header: eddsa, sign: (input) => ed(edKey)(input).subarray(0, 63) }],
  ['a byte more', { header: eddsa, sign: (input) => Buffer.concat([ed(edKey)(input), Buffer.alloc(1)]) }],
  [
    'halves exchanged',
    {
      header: eddsa,
      sign: (input) => Buffer.concat([ed(edKey)(input).subarray(32), ed(edKey)(input).subarray(0, 32)]),
    },
  ],
  [
    'of the digest instead of the text',
    { header: eddsa, sign: (input) => ed(edKey)(createHash('sha512').update(input).digest()) },
  ],
];

/** The same signature to who does not check that S is less than the order (RFC 8032, 5.1.7). */
function addOrder(signature: Buffer): Buffer {
  const changed = Buffer.from(signature);
  let carry = 0;
  for (let index = 0; index < 32; index += 1) {
    const sum = (signature[32 + index] ?? 0) + (l[index] ?? 0) + carry;
    changed[32 + index] = sum & 0xff;
    carry = sum >> 8;
  }
  return changed;
}

/** Another spelling of the same bytes: the unused bits of the last character are not zero. */
function strayBits(part: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return part.slice(0, -1) + alphabet.charAt(alphabet.indexOf(part.slice(-1)) + 1);
}
/** JSON with as many spaces behind as make its last group of base64url incomplete. */
const incomplete = (value: object): string => {
  const json = JSON.stringify(value);
  return Buffer.byteLength(json) % 3 === 0 ? `${json} ` : json;
};
const header = { alg: 'ES256', kid: 'ec', typ: 'at+jwt' };
const claims = (more: object = {}): Record<string, unknown> => ({
  iss: 'https://login.example',
  aud: 'mobile',
  sub: 'usr_1',
  client_id: 'app',
  jti: 'j',
  iat: Math.floor(Date.now() / 1_000),
  exp: Math.floor(Date.now() / 1_000) + 600,
  ...more,
});

const spelling: readonly Vector[] = [
  ['a padded signature', parts((h, p, s) => `${h}.${p}.${s}=`)],
  ['a signature padded twice', parts((h, p, s) => `${h}.${p}.${s}==`)],
  ['a signature padded four times', parts((h, p, s) => `${h}.${p}.${s}====`)],
  ['a signature with stray bits', parts((h, p, s) => `${h}.${p}.${strayBits(s)}`)],
  [
    'a header with stray bits, signed as it is',
    () => resigned(strayBits(base64url(incomplete(header))), base64url(claims())),
  ],
  [
    'a payload with stray bits, signed as it is',
    () => resigned(base64url(header), strayBits(base64url(incomplete(claims())))),
  ],
  ['the other alphabet', parts((h, p, s) => `${h}.${p}.${s.replaceAll('-', '+').replaceAll('_', '/')}+/`)],
  ['one character more', parts((h, p, s) => `${h}.${p}.${s}A`)],
  ['one character less', parts((h, p, s) => `${h}.${p}.${s.slice(0, -1)}`)],
  ['a tilde, which a header may have', parts((h, p, s) => `${h}.${p}.~${s}`)],
  ['a dot at the end', parts((h, p, s) => `${h}.${p}.${s}.`)],
  ['a dot at the beginning', parts((h, p, s) => `.${h}.${p}.${s}`)],
  ['no signature, and no dot', parts((h, p) => `${h}.${p}`)],
  ['no signature', parts((h, p) => `${h}.${p}.`)],
  ['no payload', parts((h, _p, s) => `${h}..${s}`)],
  ['no header', parts((_h, p, s) => `.${p}.${s}`)],
  ['dots only', () => '..'],
  ['four parts', parts((h, p, s) => `${h}.${p}.${s}.${s}`)],
  [
    'five parts, like something encrypted',
    () =>
      `${base64url({ alg: 'dir', enc: 'A128GCM', typ: 'at+jwt' })}..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA`,
  ],
  ['five parts, none empty', parts((h, p, s) => `${h}.${p}.${s}.${p}.${s}`)],
  ['six parts', parts((h, p, s) => `${h}.${p}.${s}.${h}.${p}.${s}`)],
  [
    'the header of one, the rest of another',
    parts((_h, p, s) => `${base64url({ ...header, x: 1 })}.${p}.${s}`),
  ],
  ['the payload of another', parts((h, _p, s) => `${h}.${base64url(claims({ sub: 'usr_2' }))}.${s}`)],
  ['the signature of another', parts((h, p) => `${h}.${p}.${lab.forge().split('.')[2]}`)],
  ['the parts in another order', parts((h, p, s) => `${p}.${h}.${s}`)],
];

/** Whatever the parts are, signed by the provider. */
function resigned(head: string, payload: string): string {
  return `${head}.${payload}.${base64url(es(ecKey)(Buffer.from(`${head}.${payload}`)))}`;
}

const bom = Buffer.from([0xef, 0xbb, 0xbf]);
const headerText = JSON.stringify(header);
const claimsText = (): string => JSON.stringify(claims());
const json: readonly Vector[] = [
  ['a byte order mark before the header', { header: Buffer.concat([bom, Buffer.from(headerText)]) }],
  ['a byte order mark before the claims', { claims: Buffer.concat([bom, Buffer.from(claimsText())]) }],
  ['a header in UTF-16', { header: Buffer.from(headerText, 'utf16le') }],
  ['claims in UTF-16', { claims: Buffer.from(claimsText(), 'utf16le') }],
  [
    'a header that is not UTF-8',
    { header: Buffer.from('{"alg":"ES256","kid":"ec","typ":"at+jwt","x":"\xff"}', 'latin1') },
  ],
  ['claims that are not UTF-8', { claims: Buffer.from(claimsText().replace('usr_1', 'usr_\xff'), 'latin1') }],
  ['an overlong character', { claims: Buffer.from(claimsText().replace('usr_1', 'usr_\xc0\xaf'), 'latin1') }],
  ['half a character', { claims: Buffer.from(claimsText().replace('usr_1', 'usr_\xed\xa0\x80'), 'latin1') }],
  ['alg twice, none first', { header: '{"alg":"none","alg":"ES256","kid":"ec","typ":"at+jwt"}' }],
  ['alg twice, none last', { header: '{"alg":"ES256","alg":"none","kid":"ec","typ":"at+jwt"}' }],
  ['alg twice, once in disguise', { header: '{"\\u0061lg":"none","alg":"ES256","kid":"ec","typ":"at+jwt"}' }],
  ['alg twice, the same', { header: '{"alg":"ES256","alg" : "ES256","kid":"ec","typ":"at+jwt"}' }],
  ['alg none in disguise', { header: '{"alg":"n\\u006fne","kid":"ec","typ":"at+jwt"}' }],
  ['alg HS256 in disguise', { header: '{"alg":"\\u0048S256","kid":"rsa","typ":"at+jwt"}', sign: hs(spki) }],
  ['kid twice', { header: '{"alg":"ES256","kid":"evil","kid":"ec","typ":"at+jwt"}' }],
  ['typ twice', { header: '{"alg":"ES256","kid":"ec","typ":"JWT","typ":"at+jwt"}' }],
  ['sub twice', { claims: () => claimsText().replace('{', '{"sub":"usr_2",') }],
  ['exp twice', { claims: () => claimsText().replace('{', '{"exp":1,') }],
  ['aud twice, at the end', { claims: () => claimsText().replace(/}$/, ',"aud":"mobile"}') }],
  [
    'a member twice, deep inside',
    { claims: () => claimsText().replace(/}$/, ',"act":[{"sub":"a","\\u0073ub":"b"}]}') },
  ],
  ['a header that is a list', { header: `[${headerText}]` }],
  ['a header that is text', { header: '"ES256"' }],
  ['a header that is null', { header: 'null' }],
  ['a header that is a number', { header: '1' }],
  ['a header that is nothing', { header: '{}' }],
  ['a header with something behind', { header: `${headerText}{}` }],
  ['a header with a NUL behind', { header: `${headerText}\0` }],
  ['a header with a comment', { header: `/* */${headerText}` }],
  ['a header with a comma too many', { header: headerText.replace('}', ',}') }],
  ['a header in single quotes', { header: headerText.replaceAll('"', "'") }],
  ['a header cut off', { header: headerText.slice(0, -1) }],
  ['claims that are a list', { claims: () => `[${claimsText()}]` }],
  ['claims that are text', { claims: '"usr_1"' }],
  ['claims that are null', { claims: 'null' }],
  ['claims that are a number', { claims: '1' }],
  ['claims that are nothing', { claims: '{}' }],
  ['claims that are a space', { claims: ' ' }],
  ['claims with something behind', { claims: () => `${claimsText()}{}` }],
  ['claims with NaN', { claims: () => claimsText().replace(/"exp":\d+/, '"exp":NaN') }],
  ['claims with Infinity', { claims: () => claimsText().replace(/"exp":\d+/, '"exp":Infinity') }],
  ['an end too large for a number', { claims: () => claimsText().replace(/"exp":\d+/, '"exp":1e400') }],
  [
    'an end in the largest number',
    { claims: () => claimsText().replace(/"exp":\d+/, '"exp":1.7976931348623157e308') },
  ],
  ['a beginning below every number', { claims: () => claimsText().replace(/"iat":\d+/, '"iat":-1e400') }],
  ['an end of minus nothing', { claims: () => claimsText().replace(/"exp":\d+/, '"exp":-0') }],
  [
    'who it is in a prototype',
    { claims: () => claimsText().replace('"sub":"usr_1"', '"__proto__":{"sub":"usr_1"}') },
  ],
  ['a tower of lists', { claims: '['.repeat(5_000) }],
  ['a tower of good lists', { claims: `${'['.repeat(2_500)}${']'.repeat(2_500)}` }],
  ['a tower of objects in the header', { header: `${'{"a":'.repeat(700)}1${'}'.repeat(700)}` }],
  ['another token inside', { header: { cty: 'JWT' }, claims: () => lab.forge() }],
].map(([what, forgery]): Vector => {
  const { claims: late, ...rest } = forgery as { claims?: unknown } & Forgery;
  return [
    String(what),
    typeof late === 'function' ? () => lab.forge({ ...rest, claims: String(late()) }) : (forgery as Forgery),
  ];
});

const detached = (b64Header: object, change: (head: string, payload: string) => string) => (): string => {
  const head = base64url({ ...header, ...b64Header });
  const payload = claimsText();
  return `${head}.${change(head, payload)}.${base64url(es(ecKey)(Buffer.from(`${head}.${payload}`)))}`;
};
const critical: readonly Vector[] = [
  ...[
    ['evil'],
    ['exp'],
    ['alg'],
    ['b64'],
    ['b64', 'b64'],
    ['http://example/ext'],
    ['__proto__'],
    [],
    [''],
    [7],
    [null],
    'b64',
    '',
    null,
    {},
    true,
  ].map(
    (crit): Vector => [`crit ${JSON.stringify(crit)}`, { header: { crit, evil: true, exp: 1, b64: true } }],
  ),
  [
    'b64 false, payload encoded',
    detached({ b64: false, crit: ['b64'] }, (_head, payload) => base64url(payload)),
  ],
  ['b64 false, payload detached', detached({ b64: false, crit: ['b64'] }, () => '')],
  ['b64 false and not critical', detached({ b64: false }, (_head, payload) => base64url(payload))],
  ['b64 false, signed twice encoded', { header: { b64: false, crit: ['b64'] } }],
];

const size: readonly Vector[] = [
  ['a header of 7 KiB, of a stranger', { header: { x: 'x'.repeat(5_000) }, sign: strangers.ES256.sign }],
  [
    'a header of a thousand members',
    {
      header: Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`m${i}`, i])),
      sign: strangers.ES256.sign,
    },
  ],
  ['a header of more than 8 KiB', { header: { x: 'x'.repeat(7_000) } }],
  ['claims of more than 8 KiB', { claims: { x: 'x'.repeat(7_000) } }],
  ['a signature of more than 8 KiB', { sign: always(Buffer.alloc(7_000)) }],
];

const classes: Readonly<Record<string, readonly Vector[]>> = {
  'A51: no algorithm': none,
  'A52: a public key used as a secret': confusion,
  'the wrong primitive': primitives,
  'the wrong key': injection,
  'A55: ECDSA signatures': ecdsa,
  'RSA signatures': rsaSignatures,
  'EdDSA signatures': eddsaSignatures,
  'the spelling of the parts': spelling,
  'the JSON inside': json,
  'A59: critical extensions': critical,
  size,
};

describe.each(Object.entries(classes))('%s', (_class, vectors) => {
  test.each(vectors)('%s', async (_what, forgery) => {
    const token = typeof forgery === 'function' ? forgery() : lab.forge(withCanary(forgery));
    await lab.expectRefused(await lab.call('/me', token), {
      status: 401,
      code: 'invalid-token',
      challenge: 'Bearer realm="mobile", error="invalid_token"',
      secrets: token.split('.').filter((part) => part.length >= 40),
    });
  });
});

/** The claims name the canary wherever they are still claims. */
function withCanary(forgery: Forgery): Forgery {
  const { claims: changed = {} } = forgery;
  return typeof changed === 'string' || Buffer.isBuffer(changed)
    ? forgery
    : { ...forgery, claims: { sub: canary, ...changed } };
}

test('there are enough of them', () => {
  const names = Object.values(classes).flat();
  expect(names.length).toBeGreaterThanOrEqual(240);
});

test('no more was asked of the provider for all of them than for one unknown key', () => {
  expect(lab.provider.fetches).toBeLessThanOrEqual(2);
});

test.each([
  ['flattened', (h: string, p: string, s: string) => ({ protected: h, payload: p, signature: s })],
  [
    'general',
    (h: string, p: string, s: string) => ({ payload: p, signatures: [{ protected: h, signature: s }] }),
  ],
])('the %s JSON form is no token, as it is and encoded', async (_form, shape) => {
  const text = JSON.stringify(parts((h, p, s) => JSON.stringify(shape(h, p, s)))());
  expect((await lab.call('/me', JSON.parse(text))).status).toBe(400);
  expect((await lab.call('/me', base64url(JSON.parse(text)))).status).toBe(401);
});

test.each([' ', '\t', '\u00a0', ','])(
  'white space and commas inside a token are no token: %j',
  async (gap) => {
    const token = parts((h, p, s) => `${h}.${p}${gap}.${s}`)();
    expect((await lab.call('/me', token)).status).toBe(400);
  },
);

describe('the lab is sound: what it signs without a fault is taken', () => {
  test.each<Vector>([
    ['ES256', {}],
    ['RS256', { header: rsa, sign: rs(rsaKey) }],
    ['PS256', { header: { ...rsa, alg: 'PS256' }, sign: ps(rsaKey) }],
    ['EdDSA', { header: eddsa, sign: ed(edKey) }],
    ['a whole header as text', { header: headerText }],
    ['a header with white space', { header: JSON.stringify(header, null, 2) }],
    ['alg in disguise', { header: '{"\\u0061lg":"ES25\\u0036","kid":"ec","typ":"at+jwt"}' }],
    [
      'a member of the same name in two objects',
      { claims: { act: { sub: 'a', act: { sub: 'b' } }, x: [{ a: 1 }, { a: 2 }] } },
    ],
    ['texts that look like members', { claims: { a: '"a":1,"a":2', b: '{"b":"\\"', c: ['c', ':', 'c'] } }],
    ['a name that two keys have', { header: { kid: 'twin' } }],
    ['no name, where several keys could be meant', { header: { kid: undefined } }],
    [
      'a key enclosed that is ignored',
      { header: { jwk: jwkOf(keys.strangerEc), jku: 'http://127.0.0.1:1/' } },
    ],
  ])('%s', async (_what, forgery) => {
    expect((await lab.call('/me', lab.forge(forgery as Forgery))).status).toBe(200);
  });
});
