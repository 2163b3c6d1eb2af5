/**
 * The documents of the partner API are kept in the repository: what is different in them is seen in review, and what
 * breaks partners does not pass.
 */
import { changeLines, compareDocuments, readSnapshot } from 'bffkit/openapi';
import { expect, test } from 'vitest';
import {
  bootPartner,
  currentDocument,
  currentText,
  dated,
  releasedFolder,
  snapshotFolder,
  textIn,
  versionsIn,
  writeSnapshots,
} from '../support/partner-documents.ts';

const bff = await bootPartner();

test.each(dated)('the document of %s is the one in bffs/partner/openapi', (version) => {
  const kept = textIn(snapshotFolder, version);
  if (kept === currentText(bff, version)) return;
  const changes =
    kept === undefined ? [] : compareDocuments(readSnapshot(kept), currentDocument(bff, version));
  const lines = changeLines(changes);
  const what = lines.length === 0 ? ['texts or examples'] : lines;
  throw new Error(
    `the document of ${version} has changed:\n  ${what.join('\n  ')}\nWrite it with: ${writeSnapshots}`,
  );
});

test.each(versionsIn(releasedFolder))('whoever built on %s as it was released is not broken', (version) => {
  expect(dated, `${version} was released, and is not declared any more`).toContain(version);
  const changes = compareDocuments(
    readSnapshot(textIn(releasedFolder, version) ?? '{}'),
    currentDocument(bff, version),
  );
  expect(changeLines(changes.filter(({ isBreaking }) => isBreaking))).toEqual([]);
});

test('every version is released: else run node test/openapi/release.ts', () => {
  expect(versionsIn(releasedFolder).sort()).toEqual([...dated].sort());
});

test('no document of a version that there is not is kept', () => {
  expect(versionsIn(snapshotFolder).filter((version) => !dated.includes(version))).toEqual([]);
});
