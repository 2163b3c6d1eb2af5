import type { VersionsOptions } from 'bffkit';
import { began20260115 } from './2026-01-15/index.ts';
import { began20260601 } from './2026-06-01/index.ts';
import { began20261101 } from './2026-11-01/index.ts';

/**
 * The versions of the API, newest first. Endpoints know the first only; each folder has what became different with
 * its version. How a version is added, deprecated and ended: docs/versions.md.
 */
export const versions: VersionsOptions = {
  dated: [began20261101, began20260601, began20260115],
  docs: '/docs/changelog',
};
