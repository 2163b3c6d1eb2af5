/**
 * Keys as text for a person.
 *
 * @module
 */
import { table } from './table.ts';

/** A key as the admin port describes it. */
export interface ListedKey {
  readonly id: string;
  readonly shown: string;
  readonly partner: string;
  readonly environment: string;
  readonly state: string;
  readonly scopes: readonly string[];
  readonly plan?: string;
  readonly version?: string;
  readonly tenant?: string;
  readonly ipAllow?: readonly string[];
  readonly createdAt: string;
  readonly expiresAt?: string;
  readonly graceUntil?: string;
  readonly replacedBy?: string;
  readonly revokedAt?: string;
  readonly lastUsedAt?: string;
}

/** A partner and its version, as the admin port says it. */
export interface PinnedPartner {
  readonly partner: string;
  readonly version: string;
  readonly before?: string;
}

/** The one time that a key is shown. */
export function showNewKey({ key, ...described }: ListedKey & { readonly key: string }): string {
  return `${key}\n\nThis is the only time the key is shown. Hand it over safely.\n\n${showKey(described)}`;
}

export function showKeys({
  keys,
  isCut,
}: {
  readonly keys: readonly ListedKey[];
  readonly isCut: boolean;
}): string {
  if (keys.length === 0) return 'no keys\n';
  const rows = keys.map((key) => [
    key.id,
    key.partner,
    key.environment,
    key.state,
    key.plan ?? '-',
    key.scopes.join(' '),
    key.createdAt.slice(0, 10),
    key.revokedAt ?? key.graceUntil ?? key.expiresAt ?? '-',
    key.lastUsedAt ?? 'never',
  ]);
  const head = ['id', 'partner', 'env', 'state', 'plan', 'scopes', 'created', 'ends', 'last used'];
  return table([head, ...rows]) + (isCut ? 'and more; ask for one with --partner\n' : '');
}

export function showKey(key: ListedKey): string {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['id', key.id],
    ['begins with', `${key.shown}_`],
    ['partner', key.partner],
    ['environment', key.environment],
    ['state', key.state],
    ['scopes', key.scopes.join(' ') || 'none'],
    ['plan', key.plan],
    ['version', key.version],
    ['tenant', key.tenant],
    ['only from', key.ipAllow?.join(' ')],
    ['created', key.createdAt],
    ['expires', key.expiresAt],
    ['works until', key.graceUntil],
    ['replaced by', key.replacedBy],
    ['revoked', key.revokedAt],
    ['last used', key.lastUsedAt],
  ];
  return table(rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
