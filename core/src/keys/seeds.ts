/**
 * Keys that the configuration brings: the first key of a new installation, and those of tests. The
 * records decide once they have them, so a seed that was revoked stays so.
 *
 * @module
 */
import { KeyFacts } from './key-record.ts';

/** A key by its hash. */
export interface KeySeed {
  /** The 12 characters after the environment. */
  readonly id: string;
  /** HMAC-SHA-256 of the whole key under the pepper, in lowercase hexadecimal. */
  readonly hash: string;
  readonly partner: string;
  readonly scopes: readonly string[];
  /** Default that of the gateway. */
  readonly environment?: string | undefined;
  readonly plan?: string | undefined;
  readonly tenant?: string | undefined;
  readonly ipAllow?: readonly string[] | undefined;
  /** Epoch milliseconds. Default no end. */
  readonly expiresMs?: number | undefined;
}

/** @throws {RangeError} naming the seed by its place; its values may be secrets by mistake. */
export function readSeeds(seeds: readonly KeySeed[], environment: string, createdMs: number): KeyFacts[] {
  const read = seeds.map((seed, index) => {
    const parsed = KeyFacts.strict().safeParse({
      ...seed,
      environment: seed.environment ?? environment,
      createdMs,
      seed: true,
    });
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new RangeError(`apiKeys: seed ${index + 1}: ${issue?.path.join('.')} ${issue?.message}`);
  });
  const ids = read.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new RangeError(`apiKeys: the id '${twice}' appears twice in the seeds`);
  return read;
}
