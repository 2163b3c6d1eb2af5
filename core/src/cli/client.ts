/**
 * `bffkit client`: the types of a client of a BFF, as TypeScript declarations.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { clientTypesOf } from '../client-types/client-types.ts';
import { documentOf } from '../openapi/index.ts';
import { loadBffs } from './load-bffs.ts';
import { UsageError } from './usage-error.ts';

/** @param parameters `BFF [--version VERSION]` */
export async function clientCommand(parameters: readonly string[]): Promise<string> {
  const { values, positionals } = parseArgs({
    args: [...parameters],
    options: { version: { type: 'string' } },
    allowPositionals: true,
  });
  const [name, ...rest] = positionals;
  if (name === undefined || rest.length > 0) throw new UsageError('client needs the name of one BFF');
  const [bff] = await loadBffs(name);
  return bff === undefined ? '' : clientTypesOf(documentOf(bff, values.version));
}
