/**
 * `npm run bench -- cost`: what a gateway costs when nothing happens: memory for each connection that is
 * open and idle, and the time from starting the process to the first answer.
 *
 * @module
 */
import { baseName, type Contender, contenders } from '../contenders/index.ts';
import type { MemoryFacts } from '../lab/child.ts';
import { type Laboratory, openLaboratory } from '../lab/laboratory.ts';
import { chooseCores, machineFacts } from '../lab/machine.ts';
import { requireEqualAnswers } from '../measure.ts';
import { median } from '../statistics.ts';
import { formatTable } from '../table.ts';
import { allWorkloads, type Workload } from '../work/workloads.ts';
import type { Command } from './command.ts';
import { progress } from './progress.ts';

/** One contender in one round, by a fresh process. */
interface Cost {
  /** Wall time from starting the process to its first answer, in milliseconds. */
  readonly startMs: number;
  /** CPU time of the process until then, in milliseconds. */
  readonly startCpuMs: number;
  /** What the process held when it was warm and had no connection open, in bytes. */
  readonly rss: number;
  readonly live: number;
  /** What each idle connection added, in bytes. */
  readonly rssEach: number;
  readonly liveEach: number;
}

interface CostResult {
  readonly contender: Contender;
  readonly rounds: readonly Cost[];
}

/** Fewer than a second of work for the slowest: connections must not be closed for idling meanwhile. */
const connections = 1_000;
const warmUp = { count: 4_000, durationMs: 6_000 };

export const cost: Command = {
  name: 'cost',
  summary: 'memory per open idle connection, and time to the first answer',
  flags: [
    { name: 'short', help: '3 rounds instead of 9; about two minutes' },
    { name: 'contender', values: contenders.map(({ name }) => name), help: `only these, and ${baseName}` },
    { name: 'json', help: 'the result as JSON on standard output' },
  ],
  async run(flags) {
    const rounds = flags.has('short') ? 3 : 9;
    const names = flags.get('contender');
    const workload = allWorkloads().find(({ name }) => name === 'S2') as Workload;
    const cores = chooseCores();
    const laboratory = await openLaboratory(cores);
    try {
      const slices = new Map<Contender, Cost[]>();
      for (const contender of contenders) {
        if (names?.includes(contender.name) ?? true) slices.set(contender, []);
        else if (contender.name === baseName) slices.set(contender, []);
      }
      for (let round = 1; round <= rounds; round += 1) {
        for (const [contender, own] of slices) {
          progress(`round ${round} of ${rounds}: ${contender.name}`);
          own.push(await measure(laboratory, contender, workload));
        }
      }
      const results = [...slices].map(([contender, own]) => ({ contender, rounds: own }));
      const machine = machineFacts(cores);
      process.stdout.write(
        flags.has('json')
          ? `${JSON.stringify({ machine, connections, results }, undefined, 2)}\n`
          : `\n${report(results)}\n${machine.cpu}, ${machine.cores} cores · Node ${machine.node} · ${rounds} rounds, each with a fresh process\n${reading}\n`,
      );
    } finally {
      await laboratory.close();
    }
  },
};

async function measure(laboratory: Laboratory, contender: Contender, workload: Workload): Promise<Cost> {
  const startedMs = performance.now();
  const gateway = await laboratory.startGateway(contender, ['--expose-gc']);
  try {
    await laboratory.askOnce(gateway, workload);
    const startMs = performance.now() - startedMs;
    const startCpuMs = (await gateway.process.ask<number>('cpu')) / 1_000;
    await requireEqualAnswers(laboratory, workload, [gateway]);
    await laboratory.aim(gateway, workload);
    await laboratory.load(warmUp);
    await laboratory.idle(gateway, workload, 0);
    const before = await gateway.process.ask<MemoryFacts>('memory');
    const open = await laboratory.idle(gateway, workload, connections);
    const after = await gateway.process.ask<MemoryFacts>('memory');
    if (open < connections) throw new Error(`${contender.name} kept ${open} of ${connections} connections`);
    const each = (what: keyof MemoryFacts): number => (after[what] - before[what]) / connections;
    return { startMs, startCpuMs, ...before, rssEach: each('rss'), liveEach: each('live') };
  } finally {
    await gateway.process.stop();
  }
}

const reading = [
  `live: V8's heap and what it holds outside after a garbage collection; per connection: what ${connections} connections`,
  'that had one answer each and are idle add to it. resident grows in steps and with garbage: compare live first.',
  'first answer: from starting the process to its answer to S2; ratio: its CPU time in terms of the first line.',
].join(' ');

function report(results: readonly CostResult[]): string {
  const base = results[0]?.rounds ?? [];
  const rows = results.map(({ contender, rounds }) => {
    const of = (field: keyof Cost): number => median(rounds.map((round) => round[field]));
    const ratios = rounds.map(
      ({ startCpuMs }, round) => startCpuMs / (base[round]?.startCpuMs ?? Number.NaN),
    );
    return [
      contender.label,
      (of('liveEach') / 1_024).toFixed(1),
      (of('rssEach') / 1_024).toFixed(1),
      (of('live') / 1_024 ** 2).toFixed(0),
      (of('rss') / 1_024 ** 2).toFixed(0),
      of('startMs').toFixed(0),
      of('startCpuMs').toFixed(0),
      median(ratios).toFixed(2),
    ];
  });
  return formatTable(head, rows);
}

const head = [
  'contender',
  'live KiB / connection',
  'resident KiB / connection',
  'live MiB',
  'resident MiB',
  'first answer ms',
  'CPU ms',
  'ratio',
];
