/**
 * Sessions in the record store: sealed, under the hash of what the cookie holds, found again by the
 * provider's session and by the person. Every change of a session happens under its lock, so that no
 * instance overwrites what another has just renewed.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import type { RecordStore } from '../records/record-store.ts';
import type { Seal } from '../records/seal.ts';
import {
  lockKey,
  providerSessionKey,
  revokedSessionKey,
  revokedSubjectKey,
  sessionKey,
  sha256,
  subjectKey,
} from './record-keys.ts';
import { remainingMs, type Session } from './session-record.ts';

export interface SessionStoreOptions {
  readonly records: RecordStore;
  readonly seal: Seal;
  readonly issuer: string;
  readonly idleMs: number;
  readonly absoluteMs: number;
}

/** Milliseconds a lock is held at most: longer than any call to the provider takes. */
export const lockTtlMs = 5_000;

/** The logout of the provider outlives every login that was under way then: those live 10 minutes. */
const revocationTtlMs = 20 * 60_000;
const idPattern = /^[A-Za-z0-9_-]{43}$/;

/** The record of the session whose cookie holds `id`; nothing for what was never an id. */
export function idHashOf(id: string): string | undefined {
  return idPattern.test(id) ? sha256(id) : undefined;
}

/** Every method rejects with `dependency-unavailable` when the records cannot be asked. */
export class SessionStore {
  readonly #options: SessionStoreOptions;

  constructor(options: SessionStoreOptions) {
    this.#options = options;
  }

  /** The living session; nothing for one that ended, was never there, or cannot be opened. */
  async find(idHash: string, nowMs: number): Promise<Session | undefined> {
    const { records, seal, idleMs } = this.#options;
    const key = sessionKey(idHash);
    const text = seal.open((await records.get(key)) ?? '', key);
    if (text === undefined) return undefined;
    const session = JSON.parse(text) as Session; // sealed by this gateway, so it is one
    return remainingMs(session, idleMs, nowMs) > 0 ? session : undefined;
  }

  /**
   * Keeps a new session.
   *
   * @param startedMs When its login began.
   * @returns What its cookie holds, or nothing when the provider ended the session meanwhile.
   */
  async create(session: Session, startedMs: number, nowMs: number): Promise<string | undefined> {
    const { records, issuer, absoluteMs } = this.#options;
    const id = randomBytes(32).toString('base64url');
    const idHash = sha256(id);
    await this.#write(idHash, session, nowMs, 'absent');
    await Promise.all(this.#indexes(session).map((key) => records.add(key, idHash, absoluteMs)));
    // Only now: a logout either finds the session in the index, or is found here.
    const [ended, endedAll] = await Promise.all([
      records.get(revokedSessionKey(issuer, session.sid)),
      records.get(revokedSubjectKey(issuer, session.subject)),
    ]);
    if (ended === undefined && (endedAll === undefined || Number(endedAll) < startedMs)) return id;
    await this.end(idHash, nowMs);
    return undefined;
  }

  /** @returns False when the session has ended meanwhile; then nothing was written. */
  replace(idHash: string, session: Session, nowMs: number): Promise<boolean> {
    return this.#write(idHash, session, nowMs, 'present');
  }

  /** Ends a session. @returns What it was, or nothing when it was over already. */
  async end(idHash: string, nowMs: number): Promise<Session | undefined> {
    const { records } = this.#options;
    const session = await this.find(idHash, nowMs);
    const isEnded = await records.delete(sessionKey(idHash));
    if (session === undefined) return undefined;
    await Promise.all(this.#indexes(session).map((key) => records.remove(key, idHash)));
    return isEnded ? session : undefined;
  }

  /** Marks the session of the provider as over, and names the sessions that belong to it. */
  async revokeProviderSession(sid: string): Promise<readonly string[]> {
    const { records, issuer } = this.#options;
    await records.set(revokedSessionKey(issuer, sid), '1', { ttlMs: revocationTtlMs });
    return records.members(providerSessionKey(issuer, sid));
  }

  /** Marks all sessions of a person as over, and names them. A later login is none of them. */
  async revokeSubject(subject: string, nowMs: number): Promise<readonly string[]> {
    const { records, issuer } = this.#options;
    await records.set(revokedSubjectKey(issuer, subject), String(nowMs), { ttlMs: revocationTtlMs });
    return records.members(subjectKey(issuer, subject));
  }

  /** Runs `work` while no other instance changes the session; nothing when one does right now. */
  async underLock<T>(idHash: string, work: () => Promise<T>): Promise<{ readonly value: T } | undefined> {
    const { records } = this.#options;
    const key = lockKey(idHash);
    const token = randomBytes(16).toString('base64url');
    if (!(await records.set(key, token, { ttlMs: lockTtlMs, when: 'absent' }))) return undefined;
    try {
      return { value: await work() };
    } finally {
      await records.delete(key, token).catch(() => {}); // it ends by itself
    }
  }

  #write(idHash: string, session: Session, nowMs: number, when: 'absent' | 'present'): Promise<boolean> {
    const { records, seal, idleMs } = this.#options;
    const key = sessionKey(idHash);
    const ttlMs = remainingMs(session, idleMs, nowMs);
    return records.set(key, seal.seal(JSON.stringify(session), key), { ttlMs, when });
  }

  #indexes({ sid, subject }: Session): readonly string[] {
    const { issuer } = this.#options;
    return [providerSessionKey(issuer, sid), subjectKey(issuer, subject)];
  }
}
