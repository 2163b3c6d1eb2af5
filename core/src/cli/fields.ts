/**
 * `bffkit fields`: which endpoint reads which field of which upstream. It is the masks, read at
 * boot; nothing has to run and nothing is guessed.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { type FieldUse, fieldUses } from '../graph.ts';
import { loadGraphs } from './load-bffs.ts';
import { table } from './table.ts';

/** @param parameters `[UPSTREAM | UPSTREAM.FIELD] [--json]` */
export async function fieldsCommand(parameters: readonly string[]): Promise<string> {
  const { values, positionals } = parseArgs({
    args: [...parameters],
    options: { json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const graphs = await loadGraphs();
  const uses = graphs.flatMap((graph) =>
    fieldUses(graph)
      .filter((use) => matches(use, positionals[0]))
      .map((use) => ({ bff: graph.name, ...use })),
  );
  if (values.json) return `${JSON.stringify(uses, null, 2)}\n`;
  if (uses.length === 0) return `no endpoint reads ${positionals[0] ?? 'anything'}\n`;
  return table(
    uses.map(({ bff, endpoint, node, operation, field }) => [bff, endpoint, node, operation, field]),
  );
}

/** `orders` matches every field of the upstream, `orders.total` the fields called so at any depth. */
function matches({ operation, field }: FieldUse, filter: string | undefined): boolean {
  if (filter === undefined) return true;
  const [upstream = '', ...rest] = filter.split('.');
  if (operation.split('.')[0] !== upstream) return false;
  const wanted = rest.join('.');
  return wanted === '' || field === '*' || `.${field}.`.includes(`.${wanted}.`);
}
