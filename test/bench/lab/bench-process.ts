/**
 * The parent's side of the benchmark's processes: starts one on its cores, asks it, ends it.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Question, Reply } from './child.ts';
import { onCore } from './machine.ts';

export interface ProcessOptions {
  /** How the process is called in errors. */
  readonly name: string;
  readonly file: URL;
  /** The core it is pinned to; `undefined` leaves it to the system. */
  readonly core: number | undefined;
  /** The process reads it as JSON from `BENCH_ASSIGNMENT`. */
  readonly assignment?: unknown;
  /** Options of Node itself, such as `--cpu-prof`. */
  readonly nodeOptions?: readonly string[];
}

/** A running child process. */
export interface BenchProcess<Ready> {
  readonly name: string;
  /** What it said when it was ready. */
  readonly ready: Ready;
  /** @throws {Error} when the process fails, ends, or stays silent for `timeoutMs` (default 30 s). */
  ask<Answer>(question: unknown, timeoutMs?: number): Promise<Answer>;
  /** Ends the process and waits for it. */
  stop(): Promise<void>;
}

const startTimeoutMs = 30_000;
const stopTimeoutMs = 10_000;

/** Starts a process; resolves when it is ready. */
export async function startProcess<Ready>(options: ProcessOptions): Promise<BenchProcess<Ready>> {
  const { name } = options;
  const child = spawnPinned(options);
  const pending = new Map<number, (reply: Reply | Error) => void>();
  let numbers = 0;
  const failAll = (error: Error): void => {
    for (const settle of pending.values()) settle(error);
  };
  child.on('error', failAll);
  child.on('exit', (code, signal) => failAll(new Error(`${name} ended (${signal ?? `code ${code}`})`)));
  child.on('message', (reply: Reply) => pending.get('ready' in reply ? 0 : reply.number)?.(reply));

  const expect = (number: number, timeoutMs: number): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const settle = (reply: Reply | Error): void => {
        clearTimeout(timer);
        pending.delete(number);
        if (reply instanceof Error) reject(reply);
        else resolve(reply);
      };
      const timer = setTimeout(() => settle(new Error(`${name} was silent for ${timeoutMs} ms`)), timeoutMs);
      pending.set(number, settle);
    });
  const stop = (): Promise<void> => endChild(child);

  try {
    const first = await expect(0, startTimeoutMs);
    return {
      name,
      ready: ('ready' in first ? first.ready : undefined) as Ready,
      async ask<Answer>(ask: unknown, timeoutMs = 30_000): Promise<Answer> {
        numbers += 1;
        const question: Question = { number: numbers, ask };
        const replied = expect(numbers, timeoutMs);
        child.send(question, (error) => {
          if (error !== null) pending.get(question.number)?.(error);
        });
        const reply = await replied;
        if ('error' in reply) throw new Error(`${name}: ${reply.error}`);
        return ('answer' in reply ? reply.answer : undefined) as Answer;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function spawnPinned({ file, core, assignment, nodeOptions = [] }: ProcessOptions): ChildProcess {
  const [command = '', ...args] = onCore(core, [process.execPath, ...nodeOptions, fileURLToPath(file)]);
  return spawn(command, args, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production', BENCH_ASSIGNMENT: JSON.stringify(assignment ?? null) },
  });
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
  try {
    if (child.connected) child.disconnect();
    await ended;
  } finally {
    clearTimeout(timer);
  }
}
