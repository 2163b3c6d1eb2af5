/**
 * Starts `workers-bff.ts` as a process of its own, and asks it.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { vi } from 'vitest';
import type { WorkersBffOptions } from './workers-bff.ts';

export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string };

export interface WorkersChild {
  readonly pid: number;
  /** The lines of the log so far, of all processes. */
  readonly log: readonly LogLine[];
  /** Resolves to the first line with this message that `is` true for. */
  line(msg: string, is?: (line: LogLine) => boolean): Promise<LogLine>;
  /** What it wrote to standard error, when it has ended. */
  readonly complaints: Promise<string>;
  /** Resolves to the exit code; `null` when a signal ended it. */
  readonly exit: Promise<number | null>;
}

/** Runs it, with the processes it starts in a group of their own. */
export function workersChild(options: WorkersBffOptions): WorkersChild {
  const script = fileURLToPath(new URL('workers-bff.ts', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const log: LogLine[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => void log.push(JSON.parse(line) as LogLine));
  const complaints = text(child.stderr);
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  const line: WorkersChild['line'] = async (msg, is = () => true) => {
    const find = (): LogLine => {
      const found = log.find((one) => one.msg === msg && is(one));
      if (found === undefined) throw new Error(`the log has no such line '${msg}'`);
      return found;
    };
    const ended = exit.then(async () => {
      await complaints;
      return find();
    });
    return Promise.race([vi.waitFor(find, { interval: 10, timeout: 25_000 }), ended]);
  };
  return { pid: child.pid ?? 0, log, line, complaints, exit };
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the tests say what they expect of it
  readonly body: any;
}

/** Asks over a connection of its own, so that the next worker answers. */
export async function askOnce(
  url: string,
  options: {
    readonly method?: 'GET' | 'PUT' | 'DELETE' | 'POST';
    readonly host?: string;
    readonly token?: string;
  } = {},
): Promise<Answer> {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  const { method = 'GET', host = 'bff.test', token } = options;
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  try {
    const answer = await request(url, { dispatcher, method, headers: { host, ...authorization } });
    const body = await answer.body.text();
    const isJson = /json/.test(String(answer.headers['content-type']));
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text: body,
      body: isJson ? (JSON.parse(body) as unknown) : undefined,
    };
  } finally {
    await dispatcher.close();
  }
}

/** Whether there is a process with this id. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
