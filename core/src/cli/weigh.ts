/**
 * `bffkit weigh`: what each endpoint of a running BFF answers, in bytes per field.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Bff } from '../bff.ts';
import { endpointName } from '../endpoint/check-options.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import { type AnswerWeight, weighAnswer } from '../endpoint/field-weights.ts';
import { paramNames } from '../upstream/path.ts';
import { CommandFailed } from './command-failed.ts';
import { loadBffs } from './load-bffs.ts';
import { table } from './table.ts';
import { UsageError } from './usage-error.ts';

/** What the command needs of the world; a test brings its own. */
export interface WeighWorld {
  readonly fetch: typeof globalThis.fetch;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly load: (name: string) => Promise<readonly Pick<Bff, 'name' | 'graph' | 'declared'>[]>;
}

/** An endpoint on the scales: its answer, or why there is none. What is `skipped` is never asked. */
export interface Weighed {
  readonly endpoint: string;
  readonly budgetBytes?: number;
  readonly answer?: AnswerWeight;
  readonly problem?: string;
  readonly skipped?: string;
}

const shown = 12;
const timeoutMs = 30_000;

const world: WeighWorld = { fetch: globalThis.fetch, env: process.env, load: loadBffs };

/** @param parameters `BFF [--from URL] [--token-file FILE] [--param NAME=VALUE]… [--json]` */
export async function weighCommand(
  parameters: readonly string[],
  { fetch: send, env, load }: WeighWorld = world,
): Promise<string> {
  const { values, positionals } = parseArgs({
    args: [...parameters],
    options: {
      from: { type: 'string' },
      'token-file': { type: 'string' },
      param: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const [name, ...rest] = positionals;
  if (name === undefined || rest.length > 0) throw new UsageError('weigh needs the name of one BFF');
  const [bff] = await load(name);
  if (bff === undefined) throw new UsageError(`there is no BFF '${name}'`);
  const origin = originOf(values.from ?? bff.graph.publicOrigin);
  const file = values['token-file'];
  const token = file === undefined ? env.BFFKIT_TOKEN : tokenIn(await readFile(file, 'utf8'));
  const params = paramsIn(values.param);
  const weighed: Weighed[] = [];
  for (const { endpoint } of bff.declared.endpoints) {
    if (endpoint.method !== 'GET') continue;
    const skipped = noDocument(endpoint);
    weighed.push(
      skipped === undefined
        ? await weigh(endpoint, params, (target) => ask(send, origin, target, token))
        : { endpoint: endpointName(endpoint), skipped },
    );
  }
  return values.json ? `${JSON.stringify(weighed, null, 2)}\n` : describeAll(weighed);
}

/** Why an answer has no fields to weigh; nothing when it has. */
function noDocument({ behaviour }: Endpoint): string | undefined {
  if (behaviour.kind === 'plain') return 'they write their answer themselves';
  if (behaviour.kind === 'stream') return 'what the service behind answers passes through unread';
  return behaviour.kind === 'plan' && behaviour.page !== undefined ? 'they are pages' : undefined;
}

/** A file that curl takes with `-H @FILE` will do. */
function tokenIn(text: string): string {
  return text.trim().replace(/^authorization: *bearer +/i, '');
}

function originOf(text: string | undefined): string {
  const url = text === undefined ? null : URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      `weigh needs --from, the http or https address of a running BFF, got '${text ?? ''}'`,
    );
  }
  return url.origin;
}

/** Values by name, in the order in which they are tried. */
type Params = ReadonlyMap<string, readonly string[]>;

function paramsIn(texts: readonly string[]): Params {
  const given = texts.map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw new UsageError(`--param must be like id=prd_1, got '${text}'`);
    return { name: text.slice(0, at), value: text.slice(at + 1) };
  });
  const byName = Map.groupBy(given, ({ name }) => name);
  return new Map([...byName].map(([name, all]) => [name, all.map(({ value }) => value)]));
}

type Ask = (target: string) => Promise<{ readonly status: number; readonly text: string }>;

async function weigh(endpoint: Endpoint, params: Params, ask: Ask): Promise<Weighed> {
  const { budget, status: good = 200 } = endpoint.options;
  const about = {
    endpoint: endpointName(endpoint),
    ...(budget === undefined ? {} : { budgetBytes: budget.bytes }),
  };
  const missing = paramNames(endpoint.path).filter((name) => !params.has(name));
  if (missing.length > 0) {
    return { ...about, problem: `not asked: add ${missing.map((name) => `--param ${name}=…`).join(' ')}` };
  }
  let problem = '';
  for (const target of targetsOf(endpoint, params)) {
    const { status, text } = await ask(target);
    if (status === good) return { ...about, answer: await weighAnswer(text) };
    problem ||= `answered ${status} ${codeIn(text)}`.trim();
    if (status !== 400 && status !== 404) break; // another value would change nothing
  }
  return { ...about, problem };
}

/** The same name may stand for other things elsewhere, so each of its values is one try. */
function targetsOf({ path, options: { query } }: Endpoint, params: Params): string[] {
  const asked = Object.keys(query?._zod.def.shape ?? {}).filter((name) => params.has(name));
  const used = [...paramNames(path), ...asked].map((name) => params.get(name) ?? []);
  const tries = Math.max(1, ...used.map((values) => values.length));
  return Array.from({ length: tries }, (_, turn) => {
    const valueFor = (name: string): string => {
      const values = params.get(name) ?? [];
      return values[Math.min(turn, values.length - 1)] ?? '';
    };
    const filled = path.replaceAll(/:([^/]+)/g, (_whole, name: string) => encodeURIComponent(valueFor(name)));
    const search = new URLSearchParams(asked.map((name): [string, string] => [name, valueFor(name)]));
    return search.size === 0 ? filled : `${filled}?${search}`;
  });
}

async function ask(
  send: WeighWorld['fetch'],
  origin: string,
  target: string,
  token: string | undefined,
): ReturnType<Ask> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  try {
    const answer = await send(origin + target, {
      headers,
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: answer.status, text: await answer.text() };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(error);
    throw new CommandFailed(`no answer from ${origin}: ${reason}; is the BFF running? See --from`);
  }
}

function codeIn(text: string): string {
  try {
    const { code } = Object(JSON.parse(text)) as { readonly code?: unknown };
    return typeof code === 'string' ? code : '';
  } catch {
    return '';
  }
}

function describeAll(weighed: readonly Weighed[]): string {
  const asked = weighed.filter(({ skipped }) => skipped === undefined);
  const skipped = Map.groupBy(weighed, (each) => each.skipped);
  const notes = [...skipped].flatMap(([why, those]) =>
    why === undefined ? [] : `not weighed: ${why}: ${those.map(({ endpoint }) => endpoint).join(', ')}\n`,
  );
  return [...asked.map(describe), ...(notes.length === 0 ? [] : [notes.join('')])].join('\n');
}

function describe({ endpoint, budgetBytes, answer, problem }: Weighed): string {
  if (answer === undefined) return `${endpoint}   ${problem ?? ''}${hint(problem)}\n`;
  const { bytes, compressedBytes, fields } = answer;
  const head = `${endpoint}   ${bytes} bytes, ${compressedBytes} compressed; ${againstBudget(bytes, budgetBytes)}\n`;
  const rows = fields.slice(0, shown).map((field) => [
    field.field,
    field.count === 0 ? 'its name' : `${field.count} ×`, // what it holds has lines of its own
    `${field.bytes} bytes`,
    `${Math.round(field.share * 100)} %`,
    `${field.compressedBytes} compressed`,
  ]);
  const more = fields.length > shown ? `  and ${fields.length - shown} more; --json has all\n` : '';
  return head + table(rows, '  ') + more;
}

/** What whoever typed the command may have left out. */
function hint(problem = ''): string {
  if (problem.startsWith('answered 401')) return '; needs a token: --token-file FILE or BFFKIT_TOKEN';
  return /^answered 40[04]/.test(problem)
    ? '; other values? --param NAME=VALUE, several times if need be'
    : '';
}

function againstBudget(bytes: number, budget: number | undefined): string {
  if (budget === undefined) return 'no budget';
  if (bytes > budget) return `OVER its budget of ${budget} by ${bytes - budget}`;
  return `${Math.round((bytes / budget) * 100)} % of its budget of ${budget}`;
}
