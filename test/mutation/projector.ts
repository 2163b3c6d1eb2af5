/**
 * `npm run mutation:projector -- --sample 150 --seed 1`: breaks the projector of `core/assembly` in small
 * ways, one at a time, compiles each, and asks the tests beside it which of them they notice. Works in a
 * copy outside the repository. Ends with 1 below 90 %.
 *
 * Without `--sample` every mutant is tried, with `--lines 31,127` those of these lines. One that compiles to the
 * same bytes is none and not counted.
 *
 * Some survive because they change nothing that can be seen:
 * - `if (i === GAVE_UP) return GAVE_UP` left out: at address 0 stands a zero, which is no JSON, so that whoever
 *   goes on from there gives up at the next byte;
 * - `copy` with one block of 16 bytes more, or `end` of `findField` a byte off: what is written behind the output
 *   is overwritten, and what stands behind the fields is padding, which is no key;
 * - one byte more in `isSame`: behind both keys, which are of one length, stands a quote;
 * - a step of 15 where 16 bytes were looked at: one is looked at twice;
 * - a first bit in `objects`, which is read only where a container is open.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
// @boundaries-ignore what compiles the projector is what is tested
import { buildProjector } from '../../core/assembly/build.ts';
import { type Mutant, mutantsOf } from './mutants.ts';

const { values } = parseArgs({
  options: {
    sample: { type: 'string', default: '0' },
    seed: { type: 'string', default: String(process.pid) },
    lines: { type: 'string', default: '' },
    runs: { type: 'string', default: '600' },
    'timeout-ms': { type: 'string', default: '60000' },
  },
});
const [sample, seed, runs, timeoutMs] = [values.sample, values.seed, values.runs, values['timeout-ms']].map(
  Number,
) as [number, number, number, number];
if (![sample, seed, runs, timeoutMs].every((value) => Number.isInteger(value) && value >= 0)) {
  process.stderr.write('projector: --sample, --seed, --runs and --timeout-ms take whole numbers from 0\n');
  process.exit(2);
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const lowest = 0.9;
let running: ChildProcess | undefined;

/** What the tests of the projector need, and nothing else. */
const needed = [
  'core/package.json',
  'core/src/problem',
  'core/src/context',
  'core/src/testing/projection-rig.ts',
  'core/src/upstream',
];
const tests = ['projector.test.ts', 'projector-corpus.test.ts'];

type Verdict = 'killed' | 'timeout' | 'survived';

const source = await readFile(join(root, 'core/assembly/projector.ts'), 'utf8');
const folder = await copyOfTests();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
try {
  await main();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function main(): Promise<void> {
  const original = await buildProjector(source);
  await put(original);
  if ((await judge()) !== 'survived') throw new Error('the tests fail without any mutant');
  const lines = values.lines.split(',').filter(Boolean).map(Number);
  const all = mutantsOf(source).filter(({ line }) => lines.length === 0 || lines.includes(line));
  const chosen = sample === 0 ? all : shuffled(all, seed).slice(0, sample);
  const counts = { killed: 0, timeout: 0, survived: 0, same: 0, 'not compiled': 0 };
  const survivors: Mutant[] = [];
  process.stdout.write(`${chosen.length} of ${all.length} mutants, seed ${seed}\n`);
  for (const [index, mutant] of chosen.entries()) {
    if (index > 0 && index % 50 === 0) process.stdout.write(`${index} tried\n`);
    const module = await buildProjector(mutant.source).catch(() => undefined);
    if (module === undefined) counts['not compiled'] += 1;
    else if (module === original) counts.same += 1;
    else {
      await put(module);
      const verdict = await judge();
      counts[verdict] += 1;
      if (verdict === 'survived') survivors.push(mutant);
      if (verdict === 'survived') process.stdout.write(`survived  line ${mutant.line}: ${mutant.change}\n`);
    }
  }
  const found = counts.killed + counts.timeout;
  const share = found / Math.max(1, found + counts.survived);
  process.stdout.write(`${JSON.stringify(counts)}\n${(share * 100).toFixed(1)} % found\n`);
  if (share < lowest) process.exitCode = 1;
}

async function copyOfTests(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'bffkit-mutation-'));
  for (const path of needed) await cp(join(root, path), join(made, path), { recursive: true });
  await symlink(join(root, 'node_modules'), join(made, 'node_modules'));
  await mkdir(join(made, 'core/assembly'));
  return made;
}

function put(module: string): Promise<void> {
  return writeFile(join(folder, 'core/src/upstream/projector-wasm.ts'), module);
}

/** What the tests say of the module that is there; one that never ends is noticed as well. */
async function judge(): Promise<Verdict> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const files = tests.map((name) => `core/src/upstream/${name}`);
  const child = spawn(process.execPath, [vitest, 'run', '--root', folder, '--bail', '1', ...files], {
    cwd: folder,
    stdio: 'ignore',
    detached: true, // with a group of its own, so that its workers end with it
    env: { ...process.env, PROJECTOR_RUNS: String(runs), PROJECTOR_SEED: String(seed) },
  });
  running = child;
  const exited = once(child, 'exit') as Promise<[number | null]>;
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    kill(child);
  }, timeoutMs);
  try {
    const [code] = await exited;
    if (isLate) return 'timeout';
    return code === 0 ? 'survived' : 'killed';
  } finally {
    clearTimeout(timer);
    running = undefined;
  }
}

function kill({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}

async function stop(): Promise<never> {
  if (running !== undefined) kill(running);
  await rm(folder, { recursive: true, force: true });
  process.exit(130);
}

/** The same order for the same seed: Fisher and Yates, with a small linear congruential generator. */
function shuffled(mutants: readonly Mutant[], start: number): Mutant[] {
  const list = [...mutants];
  let state = start >>> 0;
  for (let last = list.length - 1; last > 0; last -= 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (last + 1));
    const [one, two] = [list[last], list[other]];
    if (one === undefined || two === undefined) continue;
    list[last] = two;
    list[other] = one;
  }
  return list;
}
