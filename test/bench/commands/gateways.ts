/**
 * The default command: the same jobs by every contender, side by side.
 *
 * @module
 */
import { baseName, type Contender, contenders } from '../contenders/index.ts';
import { openLaboratory } from '../lab/laboratory.ts';
import { chooseCores, machineFacts } from '../lab/machine.ts';
import { type MeasureSettings, measureWorkload, type WorkloadResult } from '../measure.ts';
import { profileBffkit } from '../profile/profile-bffkit.ts';
import { formatReport, jsonReport } from '../report.ts';
import { allWorkloads } from '../work/workloads.ts';
import type { Command } from './command.ts';
import type { GivenFlags } from './flags.ts';
import { progress } from './progress.ts';

/** V8 settles late where there is much code: measured, after 20 000 requests. */
const full: MeasureSettings = { rounds: 35, sliceMs: 250, warmUpRequests: 20_000, warmUpMs: 8_000 };
const short: MeasureSettings = { rounds: 5, sliceMs: 300, warmUpRequests: 2_000, warmUpMs: 2_000 };

const workloads = allWorkloads();

export const gateways: Command = {
  name: 'gateways',
  summary: 'CPU time per request, in terms of node:http + undici written by hand (default)',
  flags: [
    { name: 'short', help: `${short.rounds} rounds instead of ${full.rounds}; under two minutes` },
    { name: 'workload', values: workloads.map(({ name }) => name), help: 'only these' },
    {
      name: 'contender',
      values: contenders.map(({ name }) => name),
      help: `only these, and ${baseName} to compare with`,
    },
    { name: 'json', help: 'the result as JSON on standard output' },
    {
      name: 'profile',
      help: 'instead of comparing, writes CPU profiles of bffkit and lists where time goes',
    },
  ],
  async run(flags) {
    const settings = flags.has('short') ? short : full;
    const chosen = workloads.filter(({ name }) => flags.get('workload')?.includes(name) ?? true);
    const cores = chooseCores();
    const laboratory = await openLaboratory(cores);
    try {
      if (flags.has('profile')) {
        for (const workload of chosen) {
          process.stdout.write(await profileBffkit(laboratory, workload, settings));
        }
        return;
      }
      const results: WorkloadResult[] = [];
      const options = { contenders: chosenContenders(flags), settings, progress };
      for (const workload of chosen) results.push(await measureWorkload(laboratory, workload, options));
      const result = { machine: machineFacts(cores), settings, workloads: results };
      process.stdout.write(flags.has('json') ? jsonReport(result) : `\n${formatReport(result)}`);
    } finally {
      await laboratory.close();
    }
  },
};

/** The base is always among them: without it there is no ratio. Who is not installed is left out, with a note. */
function chosenContenders(flags: GivenFlags): Contender[] {
  const names = flags.get('contender');
  return contenders.filter(({ name, foreign }) => {
    const isWanted = names === undefined || name === baseName || names.includes(name);
    if (!isWanted || foreign === undefined || foreign.isInstalled()) return isWanted;
    progress(`note: ${name} is left out: it needs ${foreign.needs}`);
    return false;
  });
}
