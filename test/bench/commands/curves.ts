/**
 * `npm run bench -- curves`: how the cost of a request grows with the number of services and with the size
 * of an answer.
 *
 * @module
 */
import { curveContenders } from '../contenders/curves/index.ts';
import { openLaboratory } from '../lab/laboratory.ts';
import { chooseCores, machineFacts } from '../lab/machine.ts';
import { type MeasureSettings, measureWorkload } from '../measure.ts';
import { jsonReport } from '../report.ts';
import { type CurveResult, formatCurves } from '../report-curves.ts';
import { allCurves } from '../work/curves.ts';
import type { Command } from './command.ts';
import { progress } from './progress.ts';

const full: MeasureSettings = { rounds: 15, sliceMs: 300, warmUpRequests: 5_000, warmUpMs: 4_000 };
const short: MeasureSettings = { rounds: 3, sliceMs: 200, warmUpRequests: 2_000, warmUpMs: 1_500 };

const all = allCurves();

export const curves: Command = {
  name: 'curves',
  summary: 'how CPU time per request grows with services asked at once and with kilobytes read',
  flags: [
    { name: 'short', help: `${short.rounds} rounds instead of ${full.rounds}; about two minutes` },
    { name: 'curve', values: all.map(({ name }) => name), help: 'only these' },
    { name: 'json', help: 'the result as JSON on standard output' },
  ],
  async run(flags) {
    const settings = flags.has('short') ? short : full;
    const chosen = all.filter(({ name }) => flags.get('curve')?.includes(name) ?? true);
    const cores = chooseCores();
    const laboratory = await openLaboratory(cores);
    try {
      const options = { contenders: curveContenders, settings, progress };
      const results: CurveResult[] = [];
      for (const curve of chosen) {
        const points = [];
        for (const { at, workload } of curve.points) {
          points.push({ at, result: await measureWorkload(laboratory, workload, options) });
        }
        results.push({ curve, points });
      }
      const workloads = results.flatMap(({ points }) => points.map(({ result }) => result));
      const result = { machine: machineFacts(cores), settings, workloads };
      process.stdout.write(flags.has('json') ? jsonReport(result) : `\n${formatCurves(results, result)}`);
    } finally {
      await laboratory.close();
    }
  },
};
