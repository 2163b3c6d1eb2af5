/**
 * Logins under way, kept by the browser itself: one sealed cookie per login, so that several tabs can sign
 * in at once and a callback works only in the browser that began it. Each is good for one callback.
 *
 * @module
 */
import { timingSafeEqual } from 'node:crypto';
import type { Inbound } from '../context/inbound.ts';
import type { RecordStore } from '../records/record-store.ts';
import type { Seal } from '../records/seal.ts';
import { clearCookie, cookiesOf, cookieValues, setCookie } from './cookie.ts';
import type { Checks } from './oidc-client.ts';
import { sha256, transactionKey } from './record-keys.ts';

export interface Transaction extends Checks {
  readonly returnTo: string;
  /** The session the browser had before, by its hash: it ends when the new one begins. */
  readonly replaces?: string;
  /** Epoch milliseconds. */
  readonly startedMs: number;
}

/** Milliseconds a person has to sign in. */
const lifetimeMs = 600_000;
const maxAlive = 5;

export class Transactions {
  readonly #seal: Seal;
  readonly #records: RecordStore;
  readonly #prefix: string;

  constructor(parts: { readonly seal: Seal; readonly records: RecordStore; readonly sessionCookie: string }) {
    this.#seal = parts.seal;
    this.#records = parts.records;
    this.#prefix = `${parts.sessionCookie}-tx-`;
  }

  /** The cookies that begin a login: its own, and the ends of those too old or too many. */
  begin(inbound: Inbound, transaction: Transaction): string[] {
    const name = this.#nameOf(transaction.state);
    const known = cookiesOf(inbound, this.#prefix).map(([other, sealed]) => ({
      name: other,
      startedMs: this.#open(other, sealed, transaction.startedMs)?.startedMs ?? Number.NEGATIVE_INFINITY,
    }));
    const kept = known
      .filter(({ startedMs }) => startedMs > Number.NEGATIVE_INFINITY)
      .sort((one, other) => other.startedMs - one.startedMs)
      .slice(0, maxAlive - 1);
    const dropped = known.filter((one) => !kept.includes(one));
    const sealed = this.#seal.seal(JSON.stringify(transaction), name);
    return [
      ...dropped.map((one) => clearCookie(one.name, 'Lax')),
      setCookie(name, sealed, 'Lax', lifetimeMs / 1_000),
    ];
  }

  /** The login of this browser that `state` belongs to. */
  find(inbound: Inbound, state: string, nowMs: number): Transaction | undefined {
    const name = this.#nameOf(state);
    const [sealed, ...others] = cookieValues(inbound, name);
    if (sealed === undefined || others.length > 0) return undefined;
    const transaction = this.#open(name, sealed, nowMs);
    return transaction !== undefined && isSame(transaction.state, state) ? transaction : undefined;
  }

  /** The cookie that ends a login in the browser. */
  clear(state: string): string {
    return clearCookie(this.#nameOf(state), 'Lax');
  }

  /** Uses a login up. @returns False when it was used before, on any instance. */
  use({ state }: Transaction): Promise<boolean> {
    return this.#records.set(transactionKey(state), '1', { ttlMs: lifetimeMs, when: 'absent' });
  }

  #open(name: string, sealed: string, nowMs: number): Transaction | undefined {
    const text = this.#seal.open(sealed, name);
    if (text === undefined) return undefined;
    const transaction = JSON.parse(text) as Transaction; // sealed by this gateway, so it is one
    return nowMs - transaction.startedMs < lifetimeMs ? transaction : undefined;
  }

  #nameOf(state: string): string {
    return `${this.#prefix}${sha256(state).slice(0, 8)}`;
  }
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
