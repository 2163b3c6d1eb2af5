/**
 * `bffkit openapi`: the document of a BFF, as JSON; or the documents of all its versions as files that are reviewed.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Bff } from '../bff.ts';
import { documentOf, versionsOf } from '../openapi/index.ts';
import { findRoot, loadBffs } from './load-bffs.ts';
import { snapshotFolder, writeSnapshots } from './openapi-snapshots.ts';
import { UsageError } from './usage-error.ts';

/** @param parameters `BFF [--version VERSION] [--out FILE]`, or `BFF --snapshots [--allow-breaking]`. */
export async function openApiCommand(parameters: readonly string[]): Promise<string> {
  const { values, positionals } = parseArgs({
    args: [...parameters],
    options: {
      json: { type: 'boolean', default: true },
      version: { type: 'string' },
      out: { type: 'string' },
      snapshots: { type: 'boolean', default: false },
      'allow-breaking': { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const [name, ...rest] = positionals;
  if (name === undefined || rest.length > 0) throw new UsageError('openapi needs the name of one BFF');
  const [bff] = await loadBffs(name);
  if (bff === undefined) return '';
  if (values.snapshots) return snapshotsOf(bff, values['allow-breaking']);
  const text = `${JSON.stringify(documentOf(bff, values.version), null, 2)}\n`;
  if (values.out === undefined) return text;
  writeFileSync(values.out, text);
  return `${values.out}\n`;
}

function snapshotsOf(bff: Bff, allowsBreaking: boolean): string {
  if (versionsOf(bff).length === 0) throw new UsageError(`${bff.name} has no versions to keep snapshots of`);
  return writeSnapshots(bff, { folder: snapshotFolder(findRoot(process.cwd()), bff.name), allowsBreaking });
}
