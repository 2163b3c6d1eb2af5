/**
 * What operators do with keys. Every change is an audit fact and is told to all instances.
 *
 * @module
 */
import type { Clock } from '../context/clock.ts';
import type { AuditFact } from '../context/events.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { createKey, type RandomInteger } from './key-format.ts';
import type { KeyHash } from './key-hash.ts';
import { describeKey, endOf, type KeyDescription, KeyFacts, type KeyRecord, recordOf } from './key-record.ts';
import type { KeyStore } from './key-store.ts';

/** What a new key may do. */
export interface KeyOrder {
  readonly partner: string;
  /** Default that of the gateway. */
  readonly environment?: string | undefined;
  readonly scopes: readonly string[];
  readonly plan?: string | undefined;
  readonly tenant?: string | undefined;
  /** The version that the partner is pinned to by its first key. Default the newest. */
  readonly version?: string | undefined;
  /** Addresses and CIDR ranges it may be used from. Default everywhere. */
  readonly ipAllow?: readonly string[] | undefined;
  /** Default no end. */
  readonly expiresInMs?: number | undefined;
}

export interface RotateOptions {
  /** How long the old key still works, at most 30 days. Default 24 hours. */
  readonly overlapMs?: number | undefined;
}

/** A key that was just made; the only place where its text is. */
export interface NewKey extends KeyDescription {
  readonly key: string;
}

export interface KeyListing {
  readonly keys: readonly KeyDescription[];
  /** There are more: ask for one partner. */
  readonly isCut: boolean;
}

/** A partner and the version it is pinned to. */
export interface Pinned {
  readonly partner: string;
  readonly version: string;
  readonly before: string | undefined;
}

/** `actor` is who does it, for the audit. Every method rejects with 503 while the records cannot be asked. */
export interface KeyAdmin {
  /** @throws {GatewayError} 400 for a plan that is not there, 409 for a partner with too many keys. */
  create(order: KeyOrder, actor: string): Promise<NewKey>;
  list(partner?: string): Promise<KeyListing>;
  /** @throws {GatewayError} 404 for an unknown id. */
  show(id: string): Promise<KeyDescription>;
  /**
   * Makes a key like this one, which works on for the overlap. A key with an end is replaced by one that
   * lives as long.
   *
   * @throws {GatewayError} 404 for an unknown id, 409 for a key that was replaced or has ended.
   */
  rotate(id: string, options: RotateOptions, actor: string): Promise<NewKey>;
  /**
   * Pins a partner, and so all its keys, to a version of the API.
   *
   * @throws {GatewayError} 400 for a version that is not there, 404 for a partner without keys.
   */
  pin(partner: string, version: string, actor: string): Promise<Pinned>;
  /** Ends a key for good. Harmless when repeated. @throws {GatewayError} 404 for an unknown id. */
  revoke(id: string, actor: string): Promise<KeyDescription>;
}

export interface KeyAdminParts {
  readonly store: KeyStore;
  readonly hash: KeyHash;
  readonly environment: string;
  /** Known plans; any name is one when absent. */
  readonly plans: readonly string[] | undefined;
  /** The versions of the API, newest first; nobody is pinned when absent. */
  readonly versions: readonly string[] | undefined;
  readonly clock: Clock;
  readonly random: RandomInteger | undefined;
  /** Hears that a key changed. */
  readonly onChange: (id: string) => Promise<void>;
  readonly onAudit: (fact: AuditFact) => void;
}

export const dayMs = 86_400_000;
export const maxOverlapMs = 30 * dayMs;
const defaultOverlapMs = dayMs;
const maxKeysOfPartner = 500;

export function keyAdmin(parts: KeyAdminParts): KeyAdmin {
  const { store, clock } = parts;
  const audit = (actor: string, action: string, target: string, details: AuditFact['details'] = {}): void =>
    parts.onAudit({ actor, action, target, atMs: clock.wallMs(), details });

  const find = async (id: string): Promise<KeyRecord> => {
    const record = await store.show(id);
    if (record === undefined) throw new GatewayError('not-found', { detail: `There is no key '${id}'.` });
    return record;
  };

  /** Adds a key with these terms. The chance that an id is taken is nil, and a second try costs nothing. */
  const make = async (terms: Omit<KeyFacts, 'id' | 'hash'>): Promise<{ facts: KeyFacts; key: string }> => {
    for (;;) {
      const { id, key } = createKey(terms.environment, parts.random);
      const facts = { ...terms, id, hash: parts.hash.of(key) };
      requireSound(facts);
      if (await store.add(facts)) return { facts, key };
    }
  };

  const requireRoom = async (partner: string): Promise<void> => {
    const { records } = await store.list(clock.wallMs(), partner);
    if (records.length < maxKeysOfPartner) return;
    throw new GatewayError('conflict', { detail: `A partner has at most ${maxKeysOfPartner} keys.` });
  };

  /** The first key of a partner decides its version. */
  const pinFirst = async (partner: string, version: string | undefined): Promise<string | undefined> => {
    requireVersion(parts.versions, version);
    const wanted = version ?? parts.versions?.[0];
    if (wanted === undefined) return undefined;
    if (await store.pin(partner, wanted, 'absent')) return wanted;
    const pinned = await store.pinOf(partner);
    if (version === undefined || version === pinned) return pinned;
    throw new GatewayError('conflict', { detail: `The partner is pinned to ${pinned}; pin it anew first.` });
  };

  return {
    async create(order, actor) {
      const { partner, environment = parts.environment, plan, tenant, ipAllow, expiresInMs } = order;
      requirePlan(parts.plans, plan);
      await requireRoom(partner);
      const version = await pinFirst(partner, order.version);
      const createdMs = clock.wallMs();
      const { facts, key } = await make({
        partner,
        environment,
        scopes: [...order.scopes],
        plan,
        tenant,
        ...(ipAllow === undefined ? {} : { ipAllow: [...ipAllow] }),
        createdMs,
        ...(expiresInMs === undefined ? {} : { expiresMs: createdMs + expiresInMs }),
      });
      await parts.onChange(facts.id);
      audit(actor, 'key.create', facts.id, {
        ...termsOf(facts),
        ...(version === undefined ? {} : { version }),
      });
      return { ...describe(facts, createdMs, version), key };
    },

    async list(partner) {
      const nowMs = clock.wallMs();
      const { records, isCut } = await store.list(nowMs, partner);
      return { keys: records.map((record) => describeKey(record, nowMs)), isCut };
    },

    async show(id) {
      return describeKey(await find(id), clock.wallMs());
    },

    async rotate(id, { overlapMs = defaultOverlapMs }, actor) {
      const old = await find(id);
      const createdMs = clock.wallMs();
      requireRotatable(old, createdMs);
      await requireRoom(old.partner);
      const { partner, environment, scopes, plan, tenant, ipAllow, expiresMs } = old;
      const { facts, key } = await make({
        ...{ partner, environment, scopes, plan, tenant, ipAllow, createdMs },
        ...(expiresMs === undefined ? {} : { expiresMs: createdMs + (expiresMs - old.createdMs) }),
      });
      const graceUntilMs = createdMs + overlapMs;
      if (!(await store.replace(id, graceUntilMs, facts.id))) {
        await store.discard(facts);
        throw new GatewayError('conflict', { detail: 'Somebody else just replaced or revoked this key.' });
      }
      await Promise.all([parts.onChange(id), parts.onChange(facts.id)]);
      audit(actor, 'key.rotate', id, {
        ...termsOf(facts),
        replacedBy: facts.id,
        graceUntil: new Date(graceUntilMs).toISOString(),
      });
      return { ...describe(facts, createdMs, old.version), key };
    },

    async pin(partner, version, actor) {
      requireVersion(parts.versions, version);
      const { records } = await store.list(clock.wallMs(), partner);
      if (records.length === 0)
        throw new GatewayError('not-found', { detail: `There are no keys of '${partner}'.` });
      const before = await store.pinOf(partner);
      await store.pin(partner, version, 'always');
      await Promise.all(records.map(({ id }) => parts.onChange(id)));
      audit(actor, 'partner.pin', partner, { version, ...(before === undefined ? {} : { before }) });
      return { partner, version, before };
    },

    async revoke(id, actor) {
      const record = await find(id);
      const nowMs = clock.wallMs();
      if (record.status === 'revoked') {
        await parts.onChange(id); // the first time it may not have been heard
        return describeKey(record, nowMs);
      }
      await store.revoke(record, nowMs);
      await parts.onChange(id);
      audit(actor, 'key.revoke', id, { partner: record.partner });
      return describeKey({ ...record, status: 'revoked', revokedMs: nowMs }, nowMs);
    },
  };
}

function describe(facts: KeyFacts, nowMs: number, version: string | undefined): KeyDescription {
  return describeKey(recordOf(facts, {}, version), nowMs);
}

/** What could not be read again must not be written: it would hide the other keys of the partner. */
function requireSound(facts: KeyFacts): void {
  const checked = KeyFacts.safeParse(facts);
  if (checked.success) return;
  throw new GatewayError('validation-failed', {
    issues: checked.error.issues.map(({ path, message }) => ({
      pointer: `/${path.join('/')}`,
      detail: message,
    })),
  });
}

function requirePlan(plans: readonly string[] | undefined, plan: string | undefined): void {
  if (plan === undefined || plans === undefined || plans.includes(plan)) return;
  const detail = `must be one of ${plans.join(', ')}`;
  throw new GatewayError('validation-failed', { issues: [{ pointer: '/plan', detail }] });
}

function requireVersion(versions: readonly string[] | undefined, version: string | undefined): void {
  if (version === undefined || versions?.includes(version) === true) return;
  const detail =
    versions === undefined ? 'this API has no versions' : `must be one of ${versions.join(', ')}`;
  throw new GatewayError('validation-failed', { issues: [{ pointer: '/version', detail }] });
}

function requireRotatable(record: KeyRecord, nowMs: number): void {
  const { status, replacedBy } = record;
  if (status === 'active' && replacedBy === undefined && nowMs < endOf(record)) return;
  const why =
    status === 'revoked'
      ? 'was revoked'
      : replacedBy === undefined
        ? 'has expired'
        : `was replaced by '${replacedBy}'`;
  throw new GatewayError('conflict', { detail: `The key ${why}.` });
}

function termsOf({
  partner,
  environment,
  scopes,
  plan,
  ipAllow,
}: KeyFacts): NonNullable<AuditFact['details']> {
  return {
    partner,
    environment,
    scopes,
    ...(plan === undefined ? {} : { plan }),
    ...(ipAllow === undefined ? {} : { ipAllow }),
  };
}
