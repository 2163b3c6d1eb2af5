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

/** An endpoint on the scales: its answer, or why there is none. */
export interface Weighed {
  readonly endpoint: string;
  readonly budgetBytes?: number;
  readonly answer?: AnswerWeight;
  readonly problem?: string;
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
  const token = file === undefined ? env.BFFKIT_TOKEN : (await readFile(file, 'utf8')).trim();
  const params = paramsIn(values.param);
  const weighed: Weighed[] = [];
  for (const { endpoint } of bff.declared.endpoints) {
    if (endpoint.method === 'GET' && endpoint.behaviour.kind !== 'plain') {
      weighed.push(await weigh(endpoint, params, (target) => ask(send, origin, target, token)));
    }
  }
  return values.json ? `${JSON.stringify(weighed, null, 2)}\n` : weighed.map(describe).join('\n');
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

function paramsIn(texts: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new UsageError(`--param must be like id=prd_1, got '${text}'`);
      return [text.slice(0, at), text.slice(at + 1)] as const;
    }),
  );
}

type Ask = (target: string) => Promise<{ readonly status: number; readonly text: string }>;

async function weigh(endpoint: Endpoint, params: ReadonlyMap<string, string>, ask: Ask): Promise<Weighed> {
  const { budget, query } = endpoint.options;
  const about = {
    endpoint: endpointName(endpoint),
    ...(budget === undefined ? {} : { budgetBytes: budget.bytes }),
  };
  const missing = paramNames(endpoint.path).filter((name) => !params.has(name));
  if (missing.length > 0) {
    return { ...about, problem: `not asked: add ${missing.map((name) => `--param ${name}=…`).join(' ')}` };
  }
  const path = endpoint.path.replaceAll(/:([^/]+)/g, (_whole, name: string) =>
    encodeURIComponent(params.get(name) ?? ''),
  );
  const names = Object.keys(query?._zod.def.shape ?? {}).filter((name) => params.has(name));
  const search = new URLSearchParams(names.map((name): [string, string] => [name, params.get(name) ?? '']));
  const { status, text } = await ask(search.size === 0 ? path : `${path}?${search}`);
  if (status !== (endpoint.options.status ?? 200))
    return { ...about, problem: `answered ${status} ${codeIn(text)}`.trim() };
  return { ...about, answer: await weighAnswer(text) };
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

function describe({ endpoint, budgetBytes, answer, problem }: Weighed): string {
  if (answer === undefined) return `${endpoint}   ${problem ?? ''}\n`;
  const { bytes, compressedBytes, fields } = answer;
  const head = `${endpoint}   ${bytes} bytes, ${compressedBytes} compressed; ${againstBudget(bytes, budgetBytes)}\n`;
  const rows = fields
    .slice(0, shown)
    .map((field) => [
      field.field,
      `${field.count} ×`,
      `${field.bytes} bytes`,
      `${Math.round(field.share * 100)} %`,
      `${field.compressedBytes} compressed`,
    ]);
  const more = fields.length > shown ? `  and ${fields.length - shown} more; --json has all\n` : '';
  return head + table(rows, '  ') + more;
}

function againstBudget(bytes: number, budget: number | undefined): string {
  if (budget === undefined) return 'no budget';
  if (bytes > budget) return `OVER its budget of ${budget} by ${bytes - budget}`;
  return `${Math.round((bytes / budget) * 100)} % of its budget of ${budget}`;
}
