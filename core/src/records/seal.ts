/**
 * Authenticated encryption of what leaves the process: sessions and cached answers in records, transactions in
 * cookies. Each text names the key that sealed it and is bound to its place, so it opens nowhere else.
 *
 * AES-256-GCM with a random 96-bit nonce, under keys derived per purpose (HKDF-SHA-256).
 *
 * @see {@link https://csrc.nist.gov/pubs/sp/800/38/d/final NIST SP 800-38D}, GCM
 * @see {@link https://www.rfc-editor.org/rfc/rfc5869 RFC 5869}, HKDF
 * @module
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Seals and opens texts of one purpose. */
export interface Seal {
  /** @param place Where the text is kept, such as its record key: it opens only there. */
  seal(text: string, place: string): string;
  /** The text, or nothing when no key of the ring sealed it for this place. */
  open(sealed: string, place: string): string | undefined;
}

/** Seals of one key ring, by purpose. */
export type KeyRing = (purpose: string) => Seal;

const algorithm = 'aes-256-gcm';
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const idBytes = 6;
const maxKeys = 10;

interface DerivedKey {
  readonly id: string;
  readonly key: Buffer;
}

/**
 * A ring of keys: the first seals, all of them open.
 *
 * @param keys 1 to 10 keys of 32 bytes, as base64 or base64url.
 * @throws {RangeError} when there is none, too many, one of another length, or one twice. Shows no key.
 */
export function keyRing(where: string, keys: readonly string[]): KeyRing {
  if (keys.length < 1 || keys.length > maxKeys) {
    throw new RangeError(`${where}: keys must be 1 to ${maxKeys} keys, got ${keys.length}`);
  }
  const raw = keys.map((key, index) => decodeKey(`${where}: keys[${index}]`, key));
  const ids = raw.map((key) => derive(key, 'bffkit key id', idBytes).toString('base64url'));
  if (new Set(ids).size < ids.length) throw new RangeError(`${where}: keys must differ, got one twice`);
  return function sealOf(purpose) {
    const ring = raw.map((key, index) => ({
      id: ids[index] ?? '',
      key: derive(key, `bffkit ${purpose}`, keyBytes),
    }));
    return { seal: (text, place) => seal(ring, text, place), open: (text, place) => open(ring, text, place) };
  };
}

function seal([sealing]: readonly DerivedKey[], text: string, place: string): string {
  if (sealing === undefined) throw new RangeError('the key ring is empty');
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, sealing.key, nonce).setAAD(Buffer.from(place));
  const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `${sealing.id}.${sealed.toString('base64url')}`;
}

function open(ring: readonly DerivedKey[], sealed: string, place: string): string | undefined {
  const dot = sealed.indexOf('.');
  const id = sealed.slice(0, Math.max(0, dot));
  const key = ring.find((derived) => derived.id === id)?.key;
  const bytes = Buffer.from(sealed.slice(dot + 1), 'base64url');
  if (key === undefined || bytes.length < nonceBytes + tagBytes) return undefined;
  const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  })
    .setAAD(Buffer.from(place))
    .setAuthTag(bytes.subarray(-tagBytes));
  try {
    const text = decipher.update(bytes.subarray(nonceBytes, -tagBytes));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch {
    return undefined; // changed, or moved from another place
  }
}

function derive(key: Buffer, info: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', info, bytes));
}

function decodeKey(option: string, key: string): Buffer {
  const isBase64 = typeof key === 'string' && /^[A-Za-z0-9+/_-]+={0,2}$/.test(key);
  const bytes = isBase64 ? Buffer.from(key, 'base64') : Buffer.alloc(0);
  if (bytes.length !== keyBytes) {
    throw new RangeError(
      `${option} must be ${keyBytes} bytes as base64, got ${isBase64 ? `${bytes.length} bytes` : 'other text'}`,
    );
  }
  return bytes;
}
