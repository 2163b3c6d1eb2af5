/**
 * Every address of a portal, in one place.
 *
 * @module
 */

/** The addresses of a portal at one path. */
export interface Links {
  readonly home: string;
  readonly changelog: string;
  guide(name: string): string;
  error(code: string): string;
  reference(version: string): string;
  operation(version: string, id: string): string;
  asset(file: string): string;
}

/** @param hash Of all assets: their addresses change when they do, so browsers may keep them for ever. */
export function linksOf(path: string, hash: string): Links {
  return {
    home: path,
    changelog: `${path}/changelog`,
    guide: (name) => (name === '' ? path : `${path}/${name}`),
    error: (code) => `${path}/errors#${code}`,
    reference: (version) => `${path}/reference/${version}`,
    operation: (version, id) => `${path}/reference/${version}/${id}`,
    asset: (file) => `${path}/assets/${hash}/${file}`,
  };
}
