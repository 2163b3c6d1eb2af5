/**
 * Tokens that are refused before their end: a list by issuer and `jti`, shared by all instances. Never by
 * the token's text, because several texts are the same token.
 *
 * Asked on every request, so verdicts are remembered: a refusal until the token's end, a clearance for
 * less than five seconds. A revocation is told to all instances at once; where the telling was interrupted, every
 * clearance is forgotten. So it holds everywhere within a second, and within five when telling fails.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7519#section-4.1.7 RFC 7519, 4.1.7}, `jti`
 * @module
 */
import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { AdminPages } from '../context/admin-pages.ts';
import { type Clock, systemClock } from '../context/clock.ts';
import type { EventBus } from '../context/event-bus.ts';
import { requireInteger, requireKnown } from '../context/options.ts';
import type { RecordStore } from '../records/record-store.ts';
import { revocationPages } from './revocation-pages.ts';

/** What names a token. */
export interface TokenName {
  readonly issuer: string;
  readonly jti: string;
}

export interface Revocation extends TokenName {
  /** The token's `exp`, in epoch milliseconds: it is refused until then. */
  readonly expiresMs: number;
}

export interface Revocations {
  /**
   * Refuses the token on all instances.
   *
   * @param actor Who does it, for the audit. Default `gateway`.
   * @throws {GatewayError} 503 `dependency-unavailable` when it could not be written.
   */
  revoke(revocation: Revocation, actor?: string): Promise<void>;
  /**
   * Whether the token is refused; at once when it is known.
   *
   * @throws {GatewayError} 503 `dependency-unavailable` (as a rejection) when it cannot be known.
   */
  isRevoked(token: TokenName): boolean | Promise<boolean>;
  /** `POST /revocations` with `issuer`, `jti` and `expiresAt`. */
  readonly admin: AdminPages;
  /** Where revocations are told as audit facts. */
  watch(events: EventBus): void;
  /** Stops listening; the records stay open. */
  close(): void;
}

export interface RevocationsOptions {
  /**
   * What becomes of a token that nothing is known about while the records cannot be asked: `closed`
   * answers 503, `open` accepts it. Default `closed`.
   */
  readonly onStoreError?: 'closed' | 'open';
  readonly clock?: Clock;
}

const channel = 'revocations';
/** Five seconds are promised when telling fails; asking takes its time, too. */
const clearedMs = 4_500;
/** Tokens are accepted a little after their end, and clocks differ. */
const marginMs = 60_000;
/** The last moment that a date can name. */
const maxDateMs = 8.64e15;
const maxVerdicts = 50_000;

/**
 * The list of revoked tokens in `records`. One instance answers for its own revocations at once.
 *
 * @throws {RangeError} for an unknown option or value.
 */
export function revocations(records: RecordStore, options: RevocationsOptions = {}): Revocations {
  requireKnown('revocations', options, ['onStoreError', 'clock']);
  const { onStoreError = 'closed', clock = systemClock } = options;
  if (onStoreError !== 'closed' && onStoreError !== 'open') {
    throw new RangeError(`revocations: onStoreError must be closed or open, got '${String(onStoreError)}'`);
  }
  return new RevocationList(records, onStoreError === 'open', clock);
}

class RevocationList implements Revocations {
  readonly admin: AdminPages;
  readonly #records: RecordStore;
  readonly #isOpen: boolean;
  readonly #clock: Clock;
  /** When each refusal ends, by the wall clock. */
  readonly #denied = new LRUCache<string, number>({ max: maxVerdicts });
  /** When each clearance ends, by the monotonic clock. */
  readonly #cleared = new LRUCache<string, number>({ max: maxVerdicts });
  readonly #asking = new Map<string, Promise<boolean>>();
  /** Grows with every gap: an answer to an older question clears nobody. */
  #generation = 0;
  #buses: readonly EventBus[] = [];
  readonly #stopListening: () => void;

  constructor(records: RecordStore, isOpen: boolean, clock: Clock) {
    this.#records = records;
    this.#isOpen = isOpen;
    this.#clock = clock;
    this.admin = revocationPages((revocation, actor) => this.revoke(revocation, actor));
    this.#stopListening = records.subscribe(
      channel,
      (message) => this.#onMessage(message),
      () => this.#onGap(),
    );
  }

  async revoke(revocation: Revocation, actor = 'gateway'): Promise<void> {
    const { issuer, jti } = revocation;
    const expiresMs = Math.ceil(revocation.expiresMs);
    requireInteger('revocations', 'expiresMs', expiresMs, 0, maxDateMs);
    const key = keyOf(revocation);
    const ttlMs = expiresMs + marginMs - this.#clock.wallMs();
    if (ttlMs > 0) {
      await this.#records.set(key, String(expiresMs), { ttlMs });
      this.#deny(key, expiresMs);
      await this.#records.publish(channel, `${key} ${expiresMs}`).catch(() => {}); // it stands; they learn of it in five seconds
    }
    const details = { issuer, jti, expiresAt: new Date(expiresMs).toISOString() };
    const fact = { actor, action: 'token.revoke', target: key, atMs: this.#clock.wallMs(), details };
    for (const events of this.#buses) events.emit('audit', fact);
  }

  isRevoked(token: TokenName): boolean | Promise<boolean> {
    const key = keyOf(token);
    if (this.#isDenied(key)) return true;
    if ((this.#cleared.get(key) ?? 0) > this.#clock.monotonicMs()) return false;
    return this.#asking.get(key) ?? this.#askOnce(key);
  }

  watch(events: EventBus): void {
    this.#buses = [...this.#buses, events];
  }

  close(): void {
    this.#stopListening();
  }

  /** Whoever wants to know the same meanwhile gets the same answer. */
  #askOnce(key: string): Promise<boolean> {
    const asked = this.#ask(key).finally(() => {
      if (this.#asking.get(key) === asked) this.#asking.delete(key);
    });
    this.#asking.set(key, asked);
    return asked;
  }

  async #ask(key: string): Promise<boolean> {
    const generation = this.#generation;
    const askedMs = this.#clock.monotonicMs();
    try {
      const expires = await this.#records.get(key);
      if (expires !== undefined) {
        this.#deny(key, Number(expires));
        return true;
      }
      if (this.#isDenied(key)) return true; // a message overtook the answer
      if (generation === this.#generation) this.#cleared.set(key, askedMs + clearedMs);
      return false;
    } catch (error) {
      if (this.#isDenied(key)) return true;
      if (this.#isOpen) return false;
      throw error;
    }
  }

  #isDenied(key: string): boolean {
    const expiresMs = this.#denied.get(key);
    if (expiresMs === undefined) return false;
    if (this.#clock.wallMs() < expiresMs + marginMs) return true;
    this.#denied.delete(key);
    return false;
  }

  #deny(key: string, expiresMs: number): void {
    this.#denied.set(key, expiresMs);
    this.#cleared.delete(key);
  }

  #onMessage(message: string): void {
    const [, key, expires] = /^(deny:\{[\w-]{43}\}) (\d{1,16})$/.exec(message) ?? [];
    if (key === undefined) this.#onGap();
    else this.#deny(key, Number(expires));
  }

  #onGap(): void {
    this.#generation += 1;
    this.#cleared.clear();
    this.#asking.clear(); // who asks from now on asks anew
  }
}

/** An issuer is configured and has no NUL in it: no two tokens meet. */
function keyOf({ issuer, jti }: TokenName): string {
  return `deny:{${hash('sha256', `${issuer}\0${jti}`, 'base64url')}}`;
}
