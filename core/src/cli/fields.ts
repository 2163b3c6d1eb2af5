/**
 * `bffkit fields`: which endpoint reads which field of which upstream. It is the masks, read at
 * boot; nothing has to run and nothing is guessed.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { type BffGraph, type FieldUse, fieldUses } from '../graph.ts';
import { loadGraphs } from './load-bffs.ts';
import { table } from './table.ts';
import { UsageError } from './usage-error.ts';

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
  if (uses.length === 0) throw new UsageError(nothingReads(graphs, positionals[0] ?? ''));
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

/** What there is instead, so that a typing error is not taken for an answer. */
function nothingReads(graphs: readonly BffGraph[], filter: string): string {
  const uses = graphs.flatMap(fieldUses);
  const upstreamOf = ({ operation }: FieldUse): string => operation.split('.')[0] ?? '';
  const upstreams = [...new Set(uses.map(upstreamOf))].sort();
  const [upstream = ''] = filter.split('.');
  if (!upstreams.includes(upstream))
    return `no endpoint calls '${upstream}'; they call ${upstreams.join(', ')}`;
  const fields = new Set(uses.filter((use) => upstreamOf(use) === upstream).map(({ field }) => field));
  return `no endpoint reads ${filter}; of ${upstream} they read ${[...fields].sort().join(', ')}`;
}
