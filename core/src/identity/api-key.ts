/**
 * API keys of partners. Only a hash of each key is kept; a key is looked up by its public id and
 * compared in constant time, and an unknown id costs and says the same as a wrong secret.
 *
 * Form: `bffk_<environment>_<id>_<secret>`, the id 12 and the secret 30 characters of base 62. With
 * 178 random bits there is nothing to stretch, so a plain SHA-256 is enough at rest.
 *
 * @module
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { type Authenticator, bearerToken } from './authenticator.ts';

/** What is stored of one key. */
export interface ApiKeyRecord {
  /** The public part, 12 characters. */
  readonly id: string;
  /** Lowercase hexadecimal SHA-256 of the whole key. */
  readonly sha256: string;
  readonly partner: string;
  readonly scopes: readonly string[];
  readonly tenant?: string;
  /** One of the `plans` of the BFF. Default: its `limits`. */
  readonly plan?: string;
}

const keyForm = /^bffk_[a-z]+_([A-Za-z0-9]{12})_[A-Za-z0-9]{30}$/;
const noSuchKey = Buffer.alloc(32);

/**
 * Accepts `Authorization: Bearer bffk_…`.
 *
 * @throws {RangeError} at boot when a record's id is not 12 letters or digits, its hash not 64
 * hexadecimal digits, or an id repeats.
 */
export function apiKeys(records: readonly ApiKeyRecord[]): Authenticator {
  const byId = new Map<string, { readonly record: ApiKeyRecord; readonly hash: Buffer }>();
  for (const [index, record] of records.entries()) {
    if (!/^[A-Za-z0-9]{12}$/.test(record.id)) {
      throw new RangeError(`apiKeys: the id of record ${index + 1} must be 12 letters or digits`); // it may be a whole key
    }
    if (!/^[0-9a-f]{64}$/.test(record.sha256)) {
      throw new RangeError(`apiKeys: sha256 of key '${record.id}' must be 64 hexadecimal digits`);
    }
    if (byId.has(record.id)) throw new RangeError(`apiKeys: the id '${record.id}' appears twice`);
    byId.set(record.id, { record, hash: Buffer.from(record.sha256, 'hex') });
  }
  return {
    name: 'api-key',
    challenge: 'Bearer',
    authenticate(context: RequestContext) {
      const key = bearerToken(context);
      if (key === undefined || !key.startsWith('bffk_')) return undefined;
      const found = byId.get(keyForm.exec(key)?.[1] ?? '');
      const matches = timingSafeEqual(createHash('sha256').update(key).digest(), found?.hash ?? noSuchKey);
      if (found === undefined || !matches) {
        throw new GatewayError('invalid-api-key', {
          headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
        });
      }
      const { record } = found;
      return {
        kind: 'partner',
        subject: record.partner,
        clientId: record.id,
        scopes: new Set(record.scopes),
        tenant: record.tenant,
        ...(record.plan === undefined ? {} : { plan: record.plan }),
      };
    },
  };
}
