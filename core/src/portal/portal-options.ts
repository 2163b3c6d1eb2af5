/**
 * What a docs portal is made of, checked at boot.
 *
 * @module
 */
import { requireKnown } from '../context/options.ts';

export interface DocsPortalOptions {
  /** Where it is: a path of the BFF without a slash at its end. Default `/docs`. */
  readonly path?: string;
  /**
   * A folder of Markdown files, one guide each: `20-errors.md` is the guide `errors`, and the number is its place.
   * `index.md` is the first page.
   */
  readonly guides: URL;
  /** A folder with one folder per sample, each with a file per language: `curl.sh`, `client.ts`, `client.py`. Default none. */
  readonly samples?: URL;
  /** What the console of each operation does. Default there is none. */
  readonly tryIt?: TryItOptions;
}

/** The console sends real requests with the reader's key, or says where one can. */
export type TryItOptions =
  | {
      /** How keys begin that may be used here, such as `bffk_test_`. Any other is not sent. */
      readonly keyPrefix: string;
    }
  | {
      /** One sentence instead of the console, such as where the test environment is. */
      readonly notice: string;
    };

const names = ['path', 'guides', 'samples', 'tryIt'];

/** @throws {RangeError} naming the option, the bound and the value. */
export function checkPortal(
  options: DocsPortalOptions,
): Required<Pick<DocsPortalOptions, 'path'>> & DocsPortalOptions {
  requireKnown('docsPortal', options, names);
  const { path = '/docs' } = options;
  if (!/^(?:\/[a-z][a-z0-9-]*)+$/.test(path))
    throw new RangeError(`docsPortal: path must look like /docs, got '${path}'`);
  return { ...options, path };
}
