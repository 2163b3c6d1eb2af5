/**
 * Texts in records that others could read: sealed where the records are shared, and of no use at another key.
 *
 * @module
 */
import { GatewayError } from '../problem/gateway-error.ts';
import type { Seal } from '../records/seal.ts';

export interface SealedText {
  write(plain: string, key: string): string;
  /** @throws {GatewayError} `dependency-unavailable` for what cannot be opened or understood. Shows nothing of it. */
  read<T>(text: string, key: string, understand: (plain: string) => T): T;
}

/** Without a seal texts are kept as they are. */
export function sealedText(seal: Seal | undefined): SealedText {
  return {
    write: (plain, key) => seal?.seal(plain, key) ?? plain,
    read(text, key, understand) {
      const plain = seal === undefined ? text : seal.open(text, key);
      try {
        if (plain !== undefined) return understand(plain);
      } catch {
        // What stands in it stays out of logs.
      }
      const cause = new Error('a record of webhooks cannot be read: sealed with another key, or changed');
      throw new GatewayError('dependency-unavailable', { retryAfterMs: 1_000, cause });
    },
  };
}
