/**
 * Where Redis is, and the options that everything kept there has in common.
 *
 * @module
 */

/** Where Redis is. */
export type RedisAddress =
  /** One server: `redis://user:password@host:port/db`, `rediss://` for TLS. */
  | { readonly url: string; readonly nodes?: never }
  /** A cluster: some of its nodes, from which the others are found. */
  | { readonly nodes: readonly [string, ...string[]]; readonly url?: never };

/** @throws {RangeError} when an address is not one of Redis. */
export function urlsOf(where: string, { url, nodes }: RedisAddress): readonly [string, ...string[]] {
  const urls: readonly string[] = nodes ?? [url];
  const wrong = urls.find((one) => !/^rediss?:\/\/.+/.test(String(one)));
  const [first, ...rest] = urls;
  if (wrong !== undefined || first === undefined) {
    const option = nodes === undefined ? 'url' : 'nodes';
    throw new RangeError(`${where}: ${option} must begin with redis:// or rediss://`); // it may hold a password
  }
  return [first, ...rest];
}

/** @throws {RangeError} when `prefix` could break a key. */
export function requirePrefix(where: string, prefix: string): void {
  if (/^[\w.-]{1,64}$/.test(prefix)) return;
  throw new RangeError(
    `${where}: prefix must be 1 to 64 of letters, digits, '_', '.' and '-', got '${prefix}'`,
  );
}
