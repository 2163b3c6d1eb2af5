/**
 * The names of places in a page: from headings, fields and paths to fragments of addresses.
 *
 * @module
 */

/** Lowercase words joined by hyphens. @example slugOf('What is `safe`?'); // => 'what-is-safe' */
export function slugOf(text: string): string {
  const slug = text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return slug === '' ? 'section' : slug;
}

/** Gives each name once: the second `limits` is `limits-2`. */
export function uniqueSlugs(): (text: string) => string {
  const given = new Set<string>();
  return function uniqueSlug(text) {
    const wanted = slugOf(text);
    let slug = wanted;
    for (let number = 2; given.has(slug); number += 1) slug = `${wanted}-${number}`;
    given.add(slug);
    return slug;
  };
}
