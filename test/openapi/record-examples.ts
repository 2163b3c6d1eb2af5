/**
 * Writes the examples of the partner API anew, for every version or for those named:
 * `node test/openapi/record-examples.ts [2026-11-01]`. A diff in them is a reviewed change, like one in the documents.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { versions } from '@acme/bff-partner/versions';
import { versionNames } from 'bffkit';
// @boundaries-ignore files are written as the documents are
import { prettyJson } from '../../core/src/openapi/pretty-json.ts';
import { exampleFolder, recordExamples } from '../support/api-examples.ts';

const wanted = process.argv.slice(2);
mkdirSync(exampleFolder, { recursive: true });
for (const version of wanted.length > 0 ? wanted : versionNames(versions.dated)) {
  const examples = await recordExamples(version);
  writeFileSync(new URL(`${version}.json`, exampleFolder), prettyJson(examples));
}
