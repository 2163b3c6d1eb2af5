/**
 * Tokens that were verified, under the header they came in: whoever sends the same header again has the same token,
 * and nothing of it is read again. A header is found by its end, which of a token is that of a signature, and
 * compared as a whole: to hash all of it takes longer than everything else that is asked of a known token.
 *
 * @module
 */
import { LRUCache } from 'lru-cache';
import type { Authorization } from './authorization.ts';
import type { VerifiedToken } from './token-claims.ts';

const maxRemembered = 10_000;
/** Characters of all headers together. */
const maxRememberedLength = 16 * 1_024 ** 2;
const endLength = 32;

export interface KnownToken {
  /** As it was sent. */
  readonly header: string;
  readonly authorization: Authorization;
  readonly verified: VerifiedToken;
  /** By which keys it was verified. */
  readonly keysVersion: number;
}

export class VerifiedTokens {
  readonly #byEnd = new LRUCache<string, KnownToken>({
    max: maxRemembered,
    maxSize: maxRememberedLength,
    sizeCalculation: ({ header }) => header.length,
  });

  find(header: string): KnownToken | undefined {
    const known = this.#byEnd.get(endOf(header));
    return known?.header === header ? known : undefined;
  }

  remember(known: KnownToken): KnownToken {
    this.#byEnd.set(endOf(known.header), known);
    return known;
  }

  forget({ header }: KnownToken): void {
    this.#byEnd.delete(endOf(header));
  }
}

function endOf(header: string): string {
  return header.slice(-endLength);
}
