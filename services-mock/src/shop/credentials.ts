/**
 * Development credentials, new at every start: access tokens of the shop's users and an API key of a
 * partner, written as files that curl reads (`curl -H @FILE`), so that command lines stay short.
 *
 * @module
 */
import { createHash, randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Issuer, mintToken } from '../mint-token.ts';

const lifetimeSeconds = 12 * 3_600;
const root = fileURLToPath(new URL('../../..', import.meta.url));
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export interface Credentials {
  /** Path of the file with Ada's `authorization` header, from the root of the repository. */
  readonly user: string;
  /** Path of the file with the partner's. */
  readonly partner: string;
  /** What the partner BFF needs to accept the key: `PARTNER_API_KEYS`. */
  readonly apiKeyRecords: string;
}

/** Mints and writes them, readable by this user only. `audience` lists the BFFs the token is for. */
export async function writeCredentials(issuer: Issuer, audience: readonly string[]): Promise<Credentials> {
  const folder = folderOf(issuer);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const token = await mintToken(issuer, { user: 'ada', audience, expiresInSeconds: lifetimeSeconds });
  const id = randomText(12);
  const key = `bffk_test_${id}_${randomText(30)}`;
  const record = {
    id,
    sha256: createHash('sha256').update(key).digest('hex'),
    partner: 'usr_0004',
    scopes: ['products:read', 'inventory:read', 'orders:read', 'orders:write'],
  };
  return {
    user: writeHeader(folder, 'ada', token),
    partner: writeHeader(folder, 'partner', key),
    apiKeyRecords: JSON.stringify([record]),
  };
}

/** One folder for every shop that runs: two of them on one machine have different ports. */
function folderOf({ url }: Issuer): string {
  const { port } = new URL(url);
  return join(root, 'node_modules', '.cache', port === '4110' ? 'shop' : `shop-${port}`);
}

function writeHeader(folder: string, name: string, credential: string): string {
  const file = join(folder, name);
  writeFileSync(file, `authorization: Bearer ${credential}\n`, { mode: 0o600 });
  return relative(root, file);
}

function randomText(length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}
