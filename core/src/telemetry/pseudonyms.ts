/**
 * Names that stand for people in the log, in explanations and on the console: a keyed hash of who they are. Whoever
 * reads them can follow one person and cannot say who that is; whoever has the key can find a person they know.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc2104 RFC 2104}, HMAC
 * @see {@link https://gdpr-info.eu/art-4-gdpr/ GDPR, article 4 (5)}, pseudonymisation
 * @module
 */
import { createHmac, randomBytes } from 'node:crypto';

const minKeyLength = 32;
const maxRemembered = 10_000;
const length = 16;

/** @throws {RangeError} when the key is short enough to be guessed; it is not repeated. */
export function checkPseudonymKey(where: string, key: string): void {
  if (key.length >= minKeyLength) return;
  throw new RangeError(
    `${where}: pseudonymKey must have at least ${minKeyLength} characters, it has ${key.length}`,
  );
}

/** The names of one BFF: the same person has the same one wherever operators look. */
export class Pseudonyms {
  /** Until there is one of the operator's: nobody can link the names of two processes, or guess who was there. */
  #key: string | Buffer = randomBytes(32);
  readonly #known = new Map<string, string>();

  /**
   * Names people by this key from now on.
   *
   * @param key At least 32 characters, the same on all instances whose lines are to be joined.
   * @throws {RangeError} when it is shorter.
   */
  useKey(key: string): void {
    checkPseudonymKey('useProcessKeys', key);
    this.#key = key;
    this.#known.clear();
  }

  /** A caller: `user:` and 16 characters; a partner or a service is no person and stays readable. */
  principal({
    kind,
    id,
    tenant = '',
  }: {
    readonly kind: string;
    readonly id: string;
    readonly tenant?: string;
  }): string {
    return kind === 'user' ? `user:${this.of(`user:${tenant}:${id}`)}` : `${kind}:${id}`;
  }

  /** Of an address, which says where a person is. */
  address(address: string): string {
    return this.of(`ip:${address}`);
  }

  /** 16 characters of base64url: 96 bits. */
  of(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (this.#known.size >= maxRemembered) this.#known.clear();
    const made = createHmac('sha256', this.#key).update(text).digest('base64url').slice(0, length);
    this.#known.set(text, made);
    return made;
  }
}
