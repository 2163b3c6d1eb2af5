/**
 * Releases what is new: `node test/openapi/release.ts`, when a version goes out. Its document becomes the one that
 * nothing may break, and what clients of it were recorded with is frozen. What was released before is not touched.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
// @boundaries-ignore files are written as the documents are
import { prettyJson } from '../../core/src/openapi/pretty-json.ts';
import { frozenFile, hashesKept, hashesNow, thawed } from '../support/frozen.ts';
import {
  dated,
  releasedFolder,
  snapshotFolder,
  textIn,
  writeSnapshots,
} from '../support/partner-documents.ts';

const kept = hashesKept();
const changed = thawed(kept, hashesNow());
if (changed.length > 0) throw new Error(changed.join('\n'));

mkdirSync(releasedFolder, { recursive: true });
for (const version of dated) {
  if (textIn(releasedFolder, version) !== undefined) continue;
  const text = textIn(snapshotFolder, version);
  if (text === undefined) throw new Error(`there is no document of ${version} yet: ${writeSnapshots}`);
  writeFileSync(new URL(`${version}.json`, releasedFolder), text);
}
writeFileSync(frozenFile, prettyJson(hashesNow()));
