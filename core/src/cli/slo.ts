/**
 * `bffkit slo`: what endpoints promise, and the Prometheus rules that watch over it.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { type Objective, objectivesOf, periodDays } from '../slo/objectives.ts';
import { rulesOf } from '../slo/rules.ts';
import { CommandFailed } from './command-failed.ts';
import { loadGraphs } from './load-bffs.ts';
import { table } from './table.ts';
import { UsageError } from './usage-error.ts';

/** @param parameters `[BFF] [--json]` or `rules [BFF] [--json]` */
export async function sloCommand(
  parameters: readonly string[],
  load: typeof loadGraphs = loadGraphs,
): Promise<string> {
  const { values, positionals } = parseArgs({
    args: [...parameters],
    options: { json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [first, ...others] = positionals;
  const [name, ...rest] = first === 'rules' ? others : positionals;
  if (rest.length > 0) throw new UsageError('slo needs `[BFF]` or `rules [BFF]`');
  const graphs = await load(name);
  if (first === 'rules') {
    const file = { groups: graphs.flatMap((graph) => rulesOf(graph).groups) };
    return values.json ? `${JSON.stringify(file, null, 2)}\n` : toYaml(file);
  }
  const objectives = graphs.flatMap(objectivesOf);
  if (values.json) return `${JSON.stringify(objectives, null, 2)}\n`;
  if (objectives.length === 0) return 'no endpoint declares slo\n';
  return table([['bff', 'endpoint', 'promise', `may be bad in ${periodDays} days`], ...objectives.map(row)]);
}

function row({ bff, method, path, promise, sli, budget }: Objective): string[] {
  const share = `${Number((budget * 100).toPrecision(6))} % of requests`;
  return [
    bff,
    `${method} ${path}`,
    promise,
    sli === 'availability' ? `${share}, or ${outage(budget)}` : share,
  ];
}

/** How long everything may be down. */
function outage(budget: number): string {
  const minutes = budget * periodDays * 24 * 60;
  return minutes < 120 ? `${Math.round(minutes)} min` : `${Math.round(minutes / 60)} h`;
}

async function toYaml(file: object): Promise<string> {
  try {
    const { stringify } = await import('yaml');
    return stringify(file, { lineWidth: 0, aliasDuplicateObjects: false });
  } catch (cause) {
    throw new CommandFailed("slo rules needs the package 'yaml' (npm install yaml), or --json", { cause });
  }
}
