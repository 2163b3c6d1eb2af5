import { docsPortal, type Portal } from 'bffkit/portal';
import type { Config } from '../config.ts';

/** What partners read at `/docs`. A guide is a file in `guides/`, a sample a folder in `samples/`. */
export function partnerDocs({ PARTNER_ENVIRONMENT }: Pick<Config, 'PARTNER_ENVIRONMENT'>): Portal {
  return docsPortal({
    guides: new URL('./guides/', import.meta.url),
    samples: new URL('./samples/', import.meta.url),
    tryIt:
      PARTNER_ENVIRONMENT === 'test'
        ? { keyPrefix: 'bffk_test_' }
        : { notice: 'This is the live environment. Try operations on this page in the test environment.' },
  });
}
