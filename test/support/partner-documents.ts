/**
 * The documents of the partner API: as they are declared, as they are kept, and as they were released.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { versions } from '@acme/bff-partner/versions';
import { type Bff, versionNames } from 'bffkit';
import { documentOf, type OpenApiDocument, readSnapshot, snapshotText } from 'bffkit/openapi';
import { fakeUpstreams } from 'bffkit/testing';
import { loadBffs } from './bff-package.ts';
import { packageOf } from './shop-requests.ts';

/** Written by {@link writeSnapshots}. */
export const snapshotFolder = new URL('../../bffs/partner/openapi/', import.meta.url);
/** Written once per version, by `node test/openapi/release.ts`. */
export const releasedFolder = new URL('../openapi/released/', import.meta.url);
export const writeSnapshots = 'npm run -s bffkit -- openapi partner --snapshots';

/** Newest first. */
export const dated = versionNames(versions.dated);

/** The partner BFF, as it boots. */
export async function bootPartner(): Promise<Bff> {
  return packageOf(await loadBffs(), 'partner').create({}, { transport: fakeUpstreams({}).transport });
}

/** The text a snapshot has to have. */
export function currentText(bff: Bff, version: string): string {
  return snapshotText(documentOf(bff, version));
}

/** The document as clients read it. */
export function currentDocument(bff: Bff, version: string): OpenApiDocument {
  return readSnapshot(currentText(bff, version));
}

/** The text of a file; nothing while there is none. */
export function textIn(folder: URL, version: string): string | undefined {
  const file = new URL(`${version}.json`, folder);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** The versions that a folder has files of. */
export function versionsIn(folder: URL): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((file) => /^(\d{4}-\d\d-\d\d)\.json$/.exec(file)?.[1] ?? []);
}
