/**
 * Deterministic sealing of short texts: AES-256-GCM whose nonce is made from the text and its place. The same text
 * in the same place is the same sealed text, so the answer around it keeps its entity tag; all that shows is that
 * two are equal. Whoever opens it names the place: sealed for another, it is as good as made up.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc5297 RFC 5297}, synthetic nonces
 * @see {@link https://csrc.nist.gov/pubs/sp/800/38/d/final NIST SP 800-38D}, GCM
 * @see {@link https://www.rfc-editor.org/rfc/rfc5869 RFC 5869}, HKDF
 * @module
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/** Seals and opens texts. */
export interface TextSeal {
  seal(text: string, place: string): string;
  /** The text, or nothing when no key of the ring sealed it for this place. */
  open(sealed: string, place: string): string | undefined;
}

const algorithm = 'aes-256-gcm';
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const maxKeys = 10;

interface SealKey {
  readonly encrypt: Buffer;
  readonly nonce: Buffer;
}

/**
 * @param keys The first seals, all of them open: 1 to 10 keys of 32 bytes, as base64 or base64url.
 * @throws {RangeError} when there is none, too many, or one of another length. Shows no key.
 */
export function textSeal(where: string, keys: readonly string[]): TextSeal {
  if (keys.length < 1 || keys.length > maxKeys) {
    throw new RangeError(`${where} must be 1 to ${maxKeys} keys, got ${keys.length}`);
  }
  return sealWith(keys.map((key, index) => derive(decodeKey(`${where}[${index}]`, key))));
}

/** A seal with a key that nobody else has and that ends with the process. */
export function ownTextSeal(): TextSeal {
  return sealWith([derive(randomBytes(keyBytes))]);
}

function sealWith(ring: readonly SealKey[]): TextSeal {
  return {
    seal(text, place) {
      const [key] = ring;
      if (key === undefined) throw new RangeError('the key ring is empty');
      return sealText(key, text, place);
    },
    open(sealed, place) {
      const bytes = Buffer.from(sealed, 'base64url');
      if (bytes.length < nonceBytes + tagBytes || bytes.toString('base64url') !== sealed) return undefined;
      for (const key of ring) {
        const text = openBytes(key, bytes, place);
        if (text !== undefined) return text;
      }
      return undefined;
    },
  };
}

function sealText(key: SealKey, text: string, place: string): string {
  const nonce = createHmac('sha256', key.nonce)
    .update(`${place.length}:${place}${text}`)
    .digest()
    .subarray(0, nonceBytes);
  const cipher = createCipheriv(algorithm, key.encrypt, nonce).setAAD(Buffer.from(place));
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString(
    'base64url',
  );
}

function openBytes(key: SealKey, bytes: Buffer, place: string): string | undefined {
  const nonce = bytes.subarray(0, nonceBytes);
  const decipher = createDecipheriv(algorithm, key.encrypt, nonce, { authTagLength: tagBytes })
    .setAAD(Buffer.from(place))
    .setAuthTag(bytes.subarray(-tagBytes));
  try {
    const text = decipher.update(bytes.subarray(nonceBytes, -tagBytes));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

function derive(key: Buffer): SealKey {
  const of = (purpose: string): Buffer =>
    Buffer.from(hkdfSync('sha256', key, '', `bffkit cursor ${purpose}`, keyBytes));
  return { encrypt: of('key'), nonce: of('nonce') };
}

function decodeKey(where: string, key: string): Buffer {
  const bytes = Buffer.from(key, 'base64url'); // reads base64 too
  if (!/^[\w+/-]+={0,2}$/.test(key) || bytes.length !== keyBytes) {
    throw new RangeError(`${where} must be a key of ${keyBytes} bytes, got one of ${bytes.length}`);
  }
  return bytes;
}
