/**
 * Names that stand for people in the log: a keyed hash of who they are. Whoever reads the log can follow one person
 * through it and cannot say who that is; whoever has the key can find the lines of a person they know.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc2104 RFC 2104}, HMAC
 * @see {@link https://gdpr-info.eu/art-4-gdpr/ GDPR, article 4 (5)}, pseudonymisation
 * @module
 */
import { createHmac, randomBytes } from 'node:crypto';

const minKeyLength = 32;
const maxRemembered = 10_000;
const length = 16;

/** Without a key of the operator's: nobody can link the lines of two processes, or guess who was there. */
const keyOfThisProcess = randomBytes(32);

export class Pseudonyms {
  readonly #key: string | Buffer;
  readonly #known = new Map<string, string>();

  /**
   * @param key At least 32 characters, the same on all instances whose lines are to be joined. Default: random, for
   * this process.
   * @throws {RangeError} when the key is shorter; it is not repeated.
   */
  constructor(key?: string) {
    if (key !== undefined && key.length < minKeyLength) {
      throw new RangeError(
        `log: pseudonymKey must have at least ${minKeyLength} characters, it has ${key.length}`,
      );
    }
    this.#key = key ?? keyOfThisProcess;
  }

  /** What a log says of a caller: `user:` and 16 characters; a partner or a service is no person and stays readable. */
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
