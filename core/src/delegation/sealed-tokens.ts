/**
 * Exchanged tokens in a store that all instances share, sealed: whoever reads the store learns nothing,
 * and a sealed token in the place of another does not open.
 *
 * @see {@link https://nvlpubs.nist.gov/nistpubs/Legacy/SP/nistspecialpublication800-38d.pdf NIST SP 800-38D}, AES-GCM
 * @module
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { RecordStore } from '../records/record-store.ts';

/** A token and when it must no longer be used. */
export interface SharedToken {
  readonly token: string;
  /** Epoch milliseconds. */
  readonly endsMs: number;
}

/** Never rejects: without the store, every instance asks for itself. */
export interface SealedTokens {
  find(id: string): Promise<SharedToken | undefined>;
  keep(id: string, shared: SharedToken, ttlMs: number): Promise<void>;
  forget(id: string): Promise<void>;
}

interface SealKey {
  readonly id: string;
  readonly secret: Buffer;
}

const cipher = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;
const maxKeys = 10;

/**
 * @param secrets 32 bytes each in base64url; the first seals, all open.
 * @throws {RangeError} for no or too many secrets, or one of another length.
 */
export function sealedTokens(where: string, records: RecordStore, secrets: readonly string[]): SealedTokens {
  if (secrets.length < 1 || secrets.length > maxKeys) {
    throw new RangeError(`${where}: sealKeys must be 1 to ${maxKeys} keys, got ${secrets.length}`);
  }
  const ring = secrets.map((text, index) => sealKey(where, text, index)) as [SealKey, ...SealKey[]];
  const recordOf = (id: string): string => `tx:{${id}}`;
  return {
    async find(id) {
      try {
        const sealed = await records.get(recordOf(id));
        return sealed === undefined ? undefined : (JSON.parse(open(ring, id, sealed)) as SharedToken);
      } catch {
        return undefined;
      }
    },
    async keep(id, shared, ttlMs) {
      await records
        .set(recordOf(id), seal(ring[0], id, JSON.stringify(shared)), { ttlMs })
        .catch(() => false);
    },
    async forget(id) {
      await records.delete(recordOf(id)).catch(() => false);
    },
  };
}

function sealKey(where: string, text: string, index: number): SealKey {
  const secret = Buffer.from(text, 'base64url');
  if (secret.length !== 32) {
    throw new RangeError(
      `${where}: sealKeys[${index}] must be 32 bytes in base64url, got ${secret.length} bytes`,
    );
  }
  return { id: createHash('sha256').update(secret).digest('hex').slice(0, 8), secret };
}

function seal({ id: keyId, secret }: SealKey, id: string, text: string): string {
  const iv = randomBytes(ivBytes);
  const sealing = createCipheriv(cipher, secret, iv).setAAD(Buffer.from(id));
  const sealed = Buffer.concat([iv, sealing.update(text, 'utf8'), sealing.final(), sealing.getAuthTag()]);
  return `${keyId}.${sealed.toString('base64url')}`;
}

function open(ring: readonly SealKey[], id: string, sealed: string): string {
  const [keyId, text = ''] = sealed.split('.');
  const key = ring.find((candidate) => candidate.id === keyId);
  if (key === undefined) throw new RangeError('sealed with a key that is not known here');
  const bytes = Buffer.from(text, 'base64url');
  const opening = createDecipheriv(cipher, key.secret, bytes.subarray(0, ivBytes), {
    authTagLength: tagBytes,
  })
    .setAAD(Buffer.from(id))
    .setAuthTag(bytes.subarray(-tagBytes));
  return opening.update(bytes.subarray(ivBytes, -tagBytes), undefined, 'utf8') + opening.final('utf8');
}
