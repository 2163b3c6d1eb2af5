/**
 * A real Prometheus and its promtool for tests on any machine: those of the PATH, else Debian's package unpacked
 * without root into `node_modules/.cache/prometheus`.
 *
 * @module
 */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { debianRoot } from './debian.ts';

/** How promtool ended. */
export interface ToolRun {
  readonly code: number;
  readonly output: string;
}

/** An alert that is pending or firing. */
export interface ActiveAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
}

export interface Prometheus {
  readonly url: string;
  /** The alerts that are pending or firing now. */
  alerts(): Promise<readonly ActiveAlert[]>;
  /** The values of an expression now. Rejects when it is not understood. */
  query(expression: string): Promise<readonly Sample[]>;
  /** Ends the process and forgets what it stored. */
  stop(): Promise<void>;
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface PrometheusOptions {
  /** Hosts with ports that it asks for `/metrics`. */
  readonly targets: readonly string[];
  /** Rule files, as data. */
  readonly rules: readonly object[];
  /** Between scrapes and evaluations, in milliseconds. */
  readonly intervalMs: number;
}

type ProgramName = 'prometheus' | 'promtool';

const found = new Map<ProgramName, string>();

function programOf(name: ProgramName): string {
  const known = found.get(name) ?? find(name);
  found.set(name, known);
  return known;
}

function find(name: ProgramName): string {
  if (spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0) return name;
  return join(debianRoot('prometheus', ['prometheus']), 'usr/bin', name);
}

/** Runs promtool with `files` beside it, by name; objects are written as JSON, which is YAML. */
export async function promtool(
  args: readonly string[],
  files: Readonly<Record<string, string | object>>,
): Promise<ToolRun> {
  const folder = mkdtempSync(join(tmpdir(), 'bffkit-promtool-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
    }
    return await new Promise((resolve) => {
      execFile(programOf('promtool'), args, { cwd: folder }, (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: out + err });
      });
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts one on a free port; resolves when it is ready. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'bffkit-prometheus-'));
  const interval = `${options.intervalMs}ms`;
  const ruleFiles = options.rules.map((rules, index) => {
    const file = join(folder, `rules-${index}.yml`);
    writeFileSync(file, JSON.stringify(rules));
    return file;
  });
  const config = {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    rule_files: ruleFiles,
    scrape_configs: [{ job_name: 'bff', static_configs: [{ targets: options.targets }] }],
  };
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const child = spawn(
    programOf('prometheus'),
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--web.listen-address=127.0.0.1:0',
      '--log.format=json',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const killAtExit = (): unknown => child.kill('SIGKILL'); // a test that failed leaves no server behind
  process.once('exit', killAtExit);
  const stop = async (): Promise<void> => {
    process.off('exit', killAtExit);
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const url = await addressOf(child);
    const get = async (path: string): Promise<Answer> => (await fetch(url + path)).json() as Promise<Answer>;
    return {
      url,
      alerts: async () => (await get('/api/v1/alerts')).data.alerts ?? [],
      async query(expression) {
        const { data, error } = await get(`/api/v1/query?query=${encodeURIComponent(expression)}`);
        if (error !== undefined) throw new Error(`${expression}: ${error}`);
        return (data.result ?? []).map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Answer {
  readonly error?: string;
  readonly data: {
    readonly alerts?: readonly ActiveAlert[];
    readonly result?: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly value: readonly [number, string];
    }[];
  };
}

/** Where it listens, read from its log once it is ready. */
function addressOf(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const said: string[] = [];
  let address: string | undefined;
  if (child.stderr === null) throw new Error('prometheus has no log');
  createInterface({ input: child.stderr }).on('line', (line) => {
    said.push(line);
    const { msg = '', address: at } = JSON.parse(line) as {
      readonly msg?: string;
      readonly address?: string;
    };
    if (msg === 'Listening on') address = at;
    if (msg.startsWith('Server is ready') && address !== undefined) resolve(`http://${address}`);
  });
  child.once('error', reject);
  child.once('exit', () => reject(new Error(`prometheus ended at once:\n${said.slice(-5).join('\n')}`)));
  return promise;
}
