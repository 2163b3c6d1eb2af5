/**
 * `npm run bench -- cost`: what a gateway costs when nothing happens: memory for each connection that is
 * open and idle, and the time from starting the process to the first answer.
 *
 * @module
 */
import { baseName, type Contender, contenders, takesPart } from '../contenders/index.ts';
import type { MemoryFacts } from '../lab/child.ts';
import { type Gateway, type Laboratory, openLaboratory } from '../lab/laboratory.ts';
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

/** Little work also for the slowest: after 5 s most servers close connections that idle. */
const connections = 500;
/** Open in all measurements, so that calls to services have their connections in all of them. */
const few = 100;
const warmUp = { count: 4_000, durationMs: 6_000 };

const workloads = allWorkloads();
/** S2: the one that every contender can do and that has several services. */
const workloadOfAll = workloads.find(({ name }) => name === 'S2') as Workload;
const candidates = contenders.filter(({ foreign }) => foreign === undefined);

export const cost: Command = {
  name: 'cost',
  summary: 'memory per open idle connection, and time to the first answer',
  flags: [
    { name: 'short', help: '3 rounds instead of 9; about two minutes' },
    { name: 'contender', values: candidates.map(({ name }) => name), help: `only these, and ${baseName}` },
    { name: 'json', help: 'the result as JSON on standard output' },
  ],
  async run(flags) {
    const rounds = flags.has('short') ? 3 : 9;
    const names = flags.get('contender');
    const cores = chooseCores();
    const laboratory = await openLaboratory(cores);
    try {
      const slices = new Map<Contender, Cost[]>();
      for (const contender of candidates) {
        if (names?.includes(contender.name) ?? true) slices.set(contender, []);
        else if (contender.name === baseName) slices.set(contender, []);
      }
      for (let round = 1; round <= rounds; round += 1) {
        for (const [contender, own] of slices) {
          progress(`round ${round} of ${rounds}: ${contender.name}`);
          own.push(await measure(laboratory, contender));
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

async function measure(laboratory: Laboratory, contender: Contender): Promise<Cost> {
  const startedMs = performance.now();
  const gateway = await laboratory.startGateway(contender, ['--expose-gc']);
  try {
    await laboratory.askOnce(gateway, workloadOfAll);
    const startMs = performance.now() - startedMs;
    const startCpuMs = (await gateway.process.ask<number>('cpu')) / 1_000;
    await requireEqualAnswers(laboratory, workloadOfAll, [gateway]);
    await laboratory.aim(gateway, { ...workloadOfAll, connections: 32 });
    await laboratory.load(warmUp);
    const before = await memoryWith(laboratory, gateway, few);
    const between = await memoryWith(laboratory, gateway, few + connections);
    const after = await memoryWith(laboratory, gateway, few);
    const each = (what: keyof MemoryFacts, base: number): number => (between[what] - base) / connections;
    return {
      startMs,
      startCpuMs,
      ...before,
      rssEach: each('rss', before.rss), // it does not shrink again
      liveEach: each('live', (before.live + after.live) / 2),
    };
  } finally {
    await gateway.process.stop();
  }
}

async function memoryWith(laboratory: Laboratory, gateway: Gateway, count: number): Promise<MemoryFacts> {
  const job = workloads.find((workload) => takesPart(gateway.contender, workload)) ?? workloadOfAll;
  const open = await laboratory.idle(gateway, job, count);
  const memory = await gateway.process.ask<MemoryFacts>('memory');
  if (open < count) throw new Error(`${gateway.contender.name} kept ${open} of ${count} connections`);
  return memory;
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
