/**
 * What is known of one API key: what it may do, for how long, and how it ended. Never the key itself.
 *
 * @module
 */
import { z } from 'zod';
import { addressList } from '../ingress/address-list.ts';
import { environmentForm, keyIdForm, shownKey } from './key-format.ts';
import { keyHashForm } from './key-hash.ts';

const epochMs = z.int().min(0);
const name = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, - or _');

/** What an operator decides about a key. */
export const keyTerms = {
  partner: name,
  environment: z.string().regex(environmentForm, 'must be 2 to 16 lowercase letters or digits'),
  scopes: z
    .array(z.string().regex(/^[a-z0-9_.-]{1,64}:[a-z0-9_.-]{1,64}$/, 'must look like orders:write'))
    .max(100),
  plan: name.optional(),
  tenant: name.optional(),
  ipAllow: z
    .array(z.string().max(50).refine(isRange, 'must be an address or a CIDR range'))
    .min(1)
    .max(100)
    .optional(),
};

/** Written once, when the key is made. */
export const KeyFacts = z.object({
  id: z.string().regex(keyIdForm, 'must be 12 letters or digits'),
  /** HMAC-SHA-256 of the whole key, in lowercase hexadecimal. */
  hash: z.string().regex(keyHashForm, 'must be 64 lowercase hexadecimal digits'),
  ...keyTerms,
  createdMs: epochMs,
  expiresMs: epochMs.optional(),
  /** The configuration may bring it again, so its revocation must never be forgotten. */
  seed: z.literal(true).optional(),
});
export type KeyFacts = z.output<typeof KeyFacts>;

/** Written when the key is replaced or revoked. A revocation is never taken back. */
export const KeyEnd = z.object({
  revokedMs: epochMs.optional(),
  graceUntilMs: epochMs.optional(),
  replacedBy: z.string().optional(),
});
export type KeyEnd = z.output<typeof KeyEnd>;

export interface KeyRecord extends KeyFacts, KeyEnd {
  readonly status: 'active' | 'revoked';
  /** The version of the API that its partner is pinned to. */
  readonly version?: string;
  /** At most a minute behind; only where it was asked for. */
  readonly lastUsedMs?: number;
}

/** A key as operators see it. */
export interface KeyDescription {
  readonly id: string;
  /** The key without its secret. */
  readonly shown: string;
  readonly partner: string;
  readonly environment: string;
  readonly scopes: readonly string[];
  readonly plan?: string | undefined;
  /** The version of the API that its partner is pinned to. */
  readonly version?: string | undefined;
  readonly tenant?: string | undefined;
  readonly ipAllow?: readonly string[] | undefined;
  /** `replaced` still works until `graceUntil`. */
  readonly state: 'active' | 'replaced' | 'expired' | 'revoked';
  readonly createdAt: string;
  readonly expiresAt?: string;
  readonly graceUntil?: string;
  readonly replacedBy?: string | undefined;
  readonly revokedAt?: string;
  readonly lastUsedAt?: string;
}

export function recordOf(facts: KeyFacts, end: KeyEnd = {}, version?: string): KeyRecord {
  return {
    ...facts,
    ...end,
    ...(version === undefined ? {} : { version }),
    status: end.revokedMs === undefined ? 'active' : 'revoked',
  };
}

/** The moment from which a key that is not revoked is refused; infinite without one. */
export function endOf({ expiresMs = Number.POSITIVE_INFINITY, graceUntilMs = expiresMs }: KeyRecord): number {
  return Math.min(expiresMs, graceUntilMs);
}

export function describeKey(record: KeyRecord, nowMs: number): KeyDescription {
  const { id, partner, environment, scopes, plan, tenant, ipAllow, replacedBy } = record;
  return {
    id,
    shown: shownKey(record),
    partner,
    environment,
    scopes,
    ...(plan === undefined ? {} : { plan }),
    ...(record.version === undefined ? {} : { version: record.version }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(ipAllow === undefined ? {} : { ipAllow }),
    state: stateOf(record, nowMs),
    createdAt: dateOf(record.createdMs),
    ...(record.expiresMs === undefined ? {} : { expiresAt: dateOf(record.expiresMs) }),
    ...(record.graceUntilMs === undefined ? {} : { graceUntil: dateOf(record.graceUntilMs) }),
    ...(replacedBy === undefined ? {} : { replacedBy }),
    ...(record.revokedMs === undefined ? {} : { revokedAt: dateOf(record.revokedMs) }),
    ...(record.lastUsedMs === undefined ? {} : { lastUsedAt: dateOf(record.lastUsedMs) }),
  };
}

function stateOf(record: KeyRecord, nowMs: number): KeyDescription['state'] {
  if (record.status === 'revoked') return 'revoked';
  if (nowMs >= endOf(record)) return 'expired';
  return record.graceUntilMs === undefined ? 'active' : 'replaced';
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString();
}

function isRange(entry: string): boolean {
  try {
    addressList('ipAllow', [entry]);
    return true;
  } catch {
    return false;
  }
}
