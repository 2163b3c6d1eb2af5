/**
 * `npm run bench -- processes`: what a second process costs and gains. Nothing is pinned here: two processes
 * need two cores, and share them with the load generator and the upstream.
 *
 * @module
 */
import { bffkitName, type Contender, contenders } from '../contenders/index.ts';
import { concurrency, openLaboratory } from '../lab/laboratory.ts';
import { type Cores, machineFacts } from '../lab/machine.ts';
import {
  type ContenderResult,
  type MeasureSettings,
  measureWorkload,
  type WorkloadResult,
} from '../measure.ts';
import { jsonReport } from '../report.ts';
import { formatRange, formatTable } from '../table.ts';
import { allWorkloads } from '../work/workloads.ts';
import type { Command } from './command.ts';
import { progress } from './progress.ts';

const full: MeasureSettings = { rounds: 25, sliceMs: 400, warmUpRequests: 8_000, warmUpMs: 6_000 };
const short: MeasureSettings = { rounds: 7, sliceMs: 300, warmUpRequests: 3_000, warmUpMs: 3_000 };

const nowhere: Cores = { gateway: undefined, load: undefined };
const workloads = allWorkloads();

export const processes: Command = {
  name: 'processes',
  summary: 'one process against two, serve({ workers: 2 }): CPU per request and requests per second',
  flags: [
    { name: 'short', help: `${short.rounds} rounds instead of ${full.rounds}; about a minute` },
    { name: 'workload', values: workloads.map(({ name }) => name), help: 'instead of S2' },
    { name: 'json', help: 'the result as JSON on standard output' },
  ],
  async run(flags) {
    const settings = flags.has('short') ? short : full;
    const names = flags.get('workload') ?? ['S2'];
    const options = { contenders: taking(), settings, progress };
    const laboratory = await openLaboratory(nowhere);
    try {
      const results: WorkloadResult[] = [];
      for (const workload of workloads.filter(({ name }) => names.includes(name))) {
        results.push(await measureWorkload(laboratory, workload, options));
      }
      const machine = machineFacts(nowhere);
      const how = [
        `${machine.cpu}, ${machine.cores} cores`,
        `Node ${machine.node}`,
        `${settings.rounds} rounds of ${settings.sliceMs} ms each`,
        `concurrency ${concurrency}`,
      ].join(' · ');
      process.stdout.write(
        flags.has('json')
          ? jsonReport({ machine, settings, workloads: results })
          : `\n${results.map(report).join('\n')}\n${how}\n${reading(machine.cores)}\n`,
      );
    } finally {
      await laboratory.close();
    }
  },
};

function taking(): readonly Contender[] {
  const one = contenders.find(({ name }) => name === bffkitName);
  if (one === undefined) throw new Error(`there is no contender '${bffkitName}'`);
  const file = new URL('../contenders/bffkit/variants.ts', import.meta.url);
  return [
    { ...one, label: '1 process' },
    { ...one, name: 'two-processes', label: '2 processes', file, variant: 'two-processes' },
  ];
}

function report({ workload, contenders: results }: WorkloadResult): string {
  return `${workload.name}: ${workload.summary}\n\n${formatTable(columns, results.map(rowOf))}`;
}

const columns = [
  'gateway',
  'CPU µs',
  'ratio',
  'min–max',
  'req/s',
  'p50 ms',
  'p99 ms',
  'its cores',
  'load and upstream',
];

function rowOf(result: ContenderResult): string[] {
  return [
    result.label,
    result.cpuMicros.toFixed(0),
    result.ratio.toFixed(2),
    formatRange(result.ratioMin, result.ratioMax),
    result.requestsPerSecond.toFixed(0),
    result.p50Ms.toFixed(1),
    result.p99Ms.toFixed(1),
    result.gatewayShare.toFixed(2),
    result.loadShare.toFixed(2),
  ];
}

function reading(cores: number): string {
  const few =
    cores > 3
      ? ''
      : ` This machine has ${cores} cores, and the load generator and the upstream need theirs of them: requests per ` +
        'second say little here about what a second process gains. CPU per request is what counts: it says how much ' +
        'the same work costs in two processes.';
  return (
    'CPU µs: CPU time per request of all processes of the gateway, the one that hands out connections included, ' +
    'median over rounds. ratio: the same in terms of one process, in the same round. its cores, load and upstream: ' +
    `how many cores were used on average.${few}`
  );
}
