/**
 * `bffkit openapi`: the document of a BFF, as JSON.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { openApiOf } from '../openapi/index.ts';
import { loadBffs } from './load-bffs.ts';
import { UsageError } from './usage-error.ts';

/** @param parameters `BFF [--json]`; JSON is what there is. */
export async function openApiCommand(parameters: readonly string[]): Promise<string> {
  const { positionals } = parseArgs({
    args: [...parameters],
    options: { json: { type: 'boolean', default: true } },
    allowPositionals: true,
  });
  const [name, ...rest] = positionals;
  if (name === undefined || rest.length > 0) throw new UsageError('openapi needs the name of one BFF');
  const [bff] = await loadBffs(name);
  return bff === undefined ? '' : `${JSON.stringify(openApiOf(bff), null, 2)}\n`;
}
