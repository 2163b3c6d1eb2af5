/**
 * Addresses that a page may name: paths of its own origin, and URLs of origins that were listed. They
 * come back as the URL parser writes them, so they are ASCII and fit into `<…>` of a header.
 *
 * @see {@link https://url.spec.whatwg.org/ URL Standard}
 * @module
 */

const maxLength = 2_048;
/** Stands for the own origin, whatever it is; `.invalid` is nobody's. */
const own = 'https://own.invalid';

/**
 * The address as it may be written: `/path?query` of the own origin, or a whole URL of one of `origins`.
 * Nothing for every other: protocol-relative, `javascript:`, with credentials, over 2 048 characters.
 *
 * @param origins Exact origins such as `https://images.example`.
 *
 * @example
 * pageUrl('/lamps?q=ä', []); // => '/lamps?q=%C3%A4'
 */
export function pageUrl(address: string, origins: readonly string[]): string | undefined {
  if (address.length > maxLength) return undefined;
  const url = URL.parse(address, address.startsWith('/') ? own : undefined);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    return undefined;
  if (url.origin !== own) return origins.includes(url.origin) ? bounded(url.href) : undefined;
  const path = url.pathname + url.search;
  // `/.//evil.example` has the path `//evil.example`, which read again is another origin.
  return path.startsWith('//') || !address.startsWith('/') ? undefined : bounded(path);
}

function bounded(text: string): string | undefined {
  return text.length > maxLength ? undefined : text;
}
