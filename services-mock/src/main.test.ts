import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { LISTENER_NAMES } from './directory.ts';
import { portVariable } from './ports.ts';

const FREE = Object.fromEntries(LISTENER_NAMES.map((name) => [portVariable(name), '0']));

type Program = ChildProcessByStdio<null, Readable, Readable>;

function run(...args: readonly string[]): Program {
  return spawn(process.execPath, [new URL('main.ts', import.meta.url).pathname, ...args], {
    env: { ...process.env, ...FREE, NODE_ENV: 'test' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function finish(program: Program): Promise<{ code: unknown; output: string; complaint: string }> {
  const [[code], output, complaint] = await Promise.all([
    once(program, 'exit'),
    text(program.stdout),
    text(program.stderr),
  ]);
  return { code, output, complaint };
}

it('says where everything is, takes faults, and ends with 0 at Ctrl-C', async () => {
  const program = run('--fault', 'orders=status:503', '--fault', 'orders=latency:1ms');
  const [greeting]: unknown[] = await once(program.stdout, 'data');
  const orders = /orders +(http:\S+)/.exec(String(greeting))?.[1];
  expect(String(greeting).match(/^ {2}\w+ +http:\S+$/gm)).toHaveLength(LISTENER_NAMES.length);
  expect(String(greeting).match(/^ {2}curl /gm)).toHaveLength(3);
  expect((await fetch(`${orders}/health`)).status).toBe(503);

  const before = performance.now();
  program.kill('SIGINT');
  expect(await finish(program)).toMatchObject({ code: 0, complaint: '' });
  expect(performance.now() - before).toBeLessThan(1_000);
});

it.each([
  [['--fault', 'payments=hang'], /^unknown service "payments"; use users, catalog, .*\n$/],
  [['--fault', 'orders=slow'], /^unknown fault "slow"; use latency, .*\n$/],
  [['--verbose'], /^Unknown option '--verbose'.*\n$/],
])('%j is one line on stderr and exit code 2', async (args, line) => {
  expect(await finish(run(...args))).toEqual({ code: 2, output: '', complaint: expect.stringMatching(line) });
});

it('--help explains the faults', async () => {
  const { code, output } = await finish(run('--help'));
  expect(code).toBe(0);
  expect(output).toContain('--fault reviews=status:503@30%');
});
