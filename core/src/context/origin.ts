/**
 * Origins in configuration: exact, as a browser writes them, so that they can be compared as text.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6454#section-6.2 RFC 6454, section 6.2}
 * @module
 */

/**
 * Checks that `value` is an exact `http` or `https` origin such as `https://shop.example`: lowercase, without
 * path, credentials or default port.
 *
 * @throws {RangeError} naming `where`, the option and the value.
 */
export function requireOrigin(where: string, option: string, value: unknown): string {
  if (
    typeof value === 'string' &&
    /^https?:\/\/[a-z0-9._:[\]-]+$/.test(value) &&
    URL.parse(value)?.origin === value
  )
    return value;
  throw new RangeError(
    `${where}: ${option} must be an exact origin such as https://shop.example, got '${String(value)}'`,
  );
}

/** Whether a host name, without its port, always means this machine: browsers trust it like `https`. */
export function isLoopback(name: string): boolean {
  return (
    name === 'localhost' ||
    name === '127.0.0.1' ||
    name === '[::1]' ||
    (name.endsWith('.localhost') && /^[a-z0-9.-]+$/.test(name))
  );
}
