/**
 * `npm run bench -- features`: what bffkit's features cost and save on one workload. Each question has a
 * table of its own, whose first line the ratios refer to.
 *
 * @module
 */
import { bffkitName, type Contender, contenders } from '../contenders/index.ts';
import { openLaboratory } from '../lab/laboratory.ts';
import { chooseCores, machineFacts } from '../lab/machine.ts';
import { type MeasureSettings, measureWorkload, type WorkloadResult } from '../measure.ts';
import { formatReport, jsonReport } from '../report.ts';
import { allWorkloads } from '../work/workloads.ts';
import type { Command } from './command.ts';
import { progress } from './progress.ts';

const full: MeasureSettings = { rounds: 25, sliceMs: 300, warmUpRequests: 5_000, warmUpMs: 5_000 };
const short: MeasureSettings = { rounds: 5, sliceMs: 200, warmUpRequests: 2_000, warmUpMs: 1_500 };

/** A question, and the gateways that answer it: the first is what the others are compared with. */
interface Question {
  readonly name: string;
  readonly summary: string;
  readonly contenders: readonly Contender[];
}

const everything: Contender = {
  name: bffkitName,
  label: 'everything on',
  file: fileOf(bffkitName),
  token: true,
  asked: 'by path',
};
const variants = new URL('../contenders/bffkit/variants.ts', import.meta.url);
const keepsCalls: Contender = {
  ...everything,
  name: 'keeps-calls',
  label: 'answers of services kept',
  file: variants,
  variant: 'keeps-calls',
};
const keepsAnswers: Contender = {
  ...keepsCalls,
  name: 'keeps-answers',
  label: 'whole answers kept',
  variant: 'keeps-answers',
};
const bare: Contender = {
  ...everything,
  name: 'bare',
  label: 'all off that can be',
  file: variants,
  token: false,
  variant: 'bare',
};
const noToken: Contender = {
  ...everything,
  name: 'no-token',
  label: 'all on but the token',
  file: fileOf('bffkit-no-token'),
  token: false,
};

const questions: readonly Question[] = [
  { name: 'on-off', summary: 'every feature against none', contenders: [bare, noToken, everything] },
  {
    name: 'cache',
    summary: 'kept against fetched anew',
    contenders: [{ ...everything, label: 'nothing kept' }, keepsCalls, keepsAnswers],
  },
  {
    name: 'compression',
    summary: 'compressed against plain, made anew for each request',
    contenders: encodingsOf({ ...everything, label: 'plain' }),
  },
  {
    name: 'kept-compression',
    summary: 'compressed against plain, whole answers kept',
    contenders: encodingsOf({ ...keepsAnswers, label: 'kept, plain' }),
  },
  {
    name: 'not-modified',
    summary: 'answers that the caller has already (304), made anew and kept',
    contenders: [
      { ...everything, label: 'sent, made anew' },
      { ...everything, name: `${bffkitName}-known`, label: '304, made anew', isKnown: true },
      { ...keepsAnswers, label: 'sent, kept' },
      { ...keepsAnswers, name: 'keeps-answers-known', label: '304, kept', isKnown: true },
    ],
  },
  {
    name: 'observers',
    summary: 'who hears what happens: metrics, console, log, traces',
    contenders: [
      observed('heard-by-nobody', 'nobody'),
      observed('metrics', 'metrics'),
      observed('console', 'metrics, console'),
      observed('log', 'metrics, console, log'),
      observed('traces', 'the same, and traces of 10 %'),
    ],
  },
];
/** Facts are told to more and more. */
function observed(name: string, label: string): Contender {
  return { ...everything, name, label, file: variants, variant: name };
}
const workloads = allWorkloads().filter(({ name }) => name !== 'S1'); // too small to be compressed

export const features: Command = {
  name: 'features',
  summary: 'what features cost and save: all on against all off, cached, compressed, 304',
  flags: [
    { name: 'short', help: `${short.rounds} rounds instead of ${full.rounds}; about two minutes` },
    { name: 'question', values: questions.map(({ name }) => name), help: 'only these' },
    { name: 'workload', values: workloads.map(({ name }) => name), help: 'instead of S2' },
    { name: 'json', help: 'the result as JSON on standard output' },
  ],
  async run(flags) {
    const settings = flags.has('short') ? short : full;
    const asked = questions.filter(({ name }) => flags.get('question')?.includes(name) ?? true);
    const names = flags.get('workload') ?? ['S2'];
    const cores = chooseCores();
    const laboratory = await openLaboratory(cores);
    try {
      const results: WorkloadResult[] = [];
      for (const workload of workloads.filter(({ name }) => names.includes(name))) {
        for (const { name, summary, contenders: taking } of asked) {
          const named = { ...workload, name: `${workload.name} ${name}`, summary };
          results.push(await measureWorkload(laboratory, named, { contenders: taking, settings, progress }));
        }
      }
      const result = { machine: machineFacts(cores), settings, workloads: results };
      process.stdout.write(flags.has('json') ? jsonReport(result) : `\n${formatReport(result)}`);
    } finally {
      await laboratory.close();
    }
  },
};

/** The gateway itself, and the same for callers that accept one encoding. */
function encodingsOf(plain: Contender): Contender[] {
  const encoded = ['br', 'zstd', 'gzip'].map((encoding) => ({
    ...plain,
    name: `${plain.name}-${encoding}`,
    label: `${plain.label.replace('plain', '')}${encoding}`,
    encoding,
  }));
  return [plain, ...encoded];
}

function fileOf(name: string): URL {
  const found = contenders.find((contender) => contender.name === name);
  if (found === undefined) throw new Error(`there is no contender '${name}'`);
  return found.file;
}
