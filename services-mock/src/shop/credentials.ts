/**
 * Development credentials, new at every start: access tokens of the shop's users and an API key of a
 * partner, written as files that curl reads (`curl -H @FILE`), so that command lines stay short.
 *
 * @module
 */
import { createHmac, randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { type Issuer, mintToken } from '../mint-token.ts';

const lifetimeSeconds = 12 * 3_600;
/** Keys of `npm start` are for this machine and half a day. */
const developmentPepper = 'for development only and never for keys of partners';
const root = fileURLToPath(new URL('../../..', import.meta.url));
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export interface Credentials {
  /** Path of the file with Ada's `authorization` header, from the root of the repository. */
  readonly user: string;
  /** Path of the file with the partner's. */
  readonly partner: string;
  /** What the partner BFF needs to accept the key. */
  readonly keyEnv: Readonly<Record<string, string>>;
}

/**
 * Mints and writes them, readable by this user only. `audience` lists the BFFs the token is for; `pepper` is
 * what the partner BFF hashes keys under.
 */
export async function writeCredentials(
  issuer: Issuer,
  audience: readonly string[],
  pepper = developmentPepper,
): Promise<Credentials> {
  const folder = folderOf(issuer);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const token = await mintToken(issuer, { user: 'ada', audience, expiresInSeconds: lifetimeSeconds });
  const id = randomText(12);
  const key = withChecksum(`bffk_test_${id}_${randomText(30)}`);
  const [current = ''] = pepper.split(',');
  const seed = {
    id,
    hash: createHmac('sha256', current).update(key).digest('hex'),
    partner: 'usr_0004',
    expiresMs: Date.now() + lifetimeSeconds * 1_000,
    scopes: [
      'products:read',
      'inventory:read',
      'orders:read',
      'orders:write',
      'usage:read',
      'webhooks:read',
      'webhooks:write',
    ],
  };
  return {
    user: writeHeader(folder, 'ada', token),
    partner: writeHeader(folder, 'partner', key),
    keyEnv: {
      PARTNER_ENVIRONMENT: 'test',
      PARTNER_WEBHOOKS_PRIVATE: 'true', // receivers on this machine
      PARTNER_KEY_PEPPER: pepper,
      PARTNER_API_KEYS: JSON.stringify([seed]),
    },
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

/** Six characters of base 62 after the key: its CRC-32. */
function withChecksum(body: string): string {
  let rest = crc32(body);
  const digits = Array.from({ length: 6 }, () => {
    const digit = alphabet.charAt(rest % 62);
    rest = Math.floor(rest / 62);
    return digit;
  });
  return body + digits.reverse().join('');
}

function randomText(length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}
