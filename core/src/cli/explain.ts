/**
 * `bffkit explain curl …`: sends the request of a curl command so that the BFF explains it, and shows the decision
 * record that the admin port keeps of it.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { systemClock } from '../context/clock.ts';
import type { DecisionRecord } from '../explain/decision-record.ts';
import { type ExplainKeys, explainHeader, explainKeys, maxExplainMs } from '../explain/signature.ts';
import { CommandFailed } from './command-failed.ts';
import { type CurlRequest, curlRequest } from './curl-request.ts';
import { secondsOf } from './duration.ts';
import {
  type AdminWorld,
  addresses,
  findRecord,
  type Instance,
  openInstances,
} from './explaining-instances.ts';
import { type Heard, sendRequest } from './send-request.ts';
import { shellWords } from './shell-words.ts';
import { showRecord } from './show-record.ts';
import { type Terminal, terminalOf } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** What the command needs of the world; a test brings its own. */
export interface ExplainWorld extends AdminWorld {
  readonly send: (request: CurlRequest) => Promise<Heard>;
  readonly readText: (path: string) => string;
  readonly nowMs: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly terminal: Terminal;
}

interface Values {
  readonly admin: readonly string[];
  readonly 'key-file'?: string;
  readonly path?: string;
  readonly for?: string;
  readonly json: boolean;
}

const holdsMs = 120_000;
const tries = 10;
const retryMs = 50;
const verbs = ['curl', 'show', 'sign'];

function realWorld(): ExplainWorld {
  return {
    fetch: globalThis.fetch,
    send: sendRequest,
    env: process.env,
    user: () => userInfo().username,
    readText: (path) => readFileSync(path === '-' ? 0 : path, 'utf8'),
    nowMs: () => systemClock.wallMs(),
    wait: (ms) => new Promise((resolve) => systemClock.after(ms, () => resolve())),
    terminal: terminalOf(process.stdout, process.env),
  };
}

/** @param parameters `[OPTIONS] curl …`, the whole command as one word, `- `, `show ID`, or `sign curl …` */
export async function explainCommand(
  parameters: readonly string[],
  world: ExplainWorld = realWorld(),
): Promise<string> {
  const { values, verb, words } = split(parameters, world);
  const record = await run(verb, words, values, world);
  if (typeof record === 'string') return record;
  return values.json ? `${JSON.stringify(record, null, 2)}\n` : showRecord(record, world.terminal);
}

async function run(
  verb: string,
  words: readonly string[],
  values: Values,
  world: ExplainWorld,
): Promise<DecisionRecord | string> {
  if (verb === 'show') return showKept(words, values, world);
  const request = curlRequest(words, (path) => textOf(path, world));
  if (verb === 'sign') return signed(request, values, world);
  return explainRequest(request, values, world);
}

/** Options of ours, then a verb, then what belongs to it; `--admin` may also stand among curl's options. */
function split(
  parameters: readonly string[],
  world: ExplainWorld,
): { values: Values; verb: string; words: readonly string[] } {
  const all = parameters.flatMap((word) => {
    if (/^\s*curl\s/.test(word)) return shellWords(word);
    return word === '-' ? shellWords(world.readText('-')) : [word];
  });
  const at = all.findIndex((word) => verbs.includes(word));
  if (at < 0) throw new UsageError("say what to explain: 'explain curl URL …', 'explain show ID'");
  const [verb = '', ...rest] = all.slice(at);
  const { options, words } =
    verb === 'show' ? { options: rest.slice(1), words: rest.slice(0, 1) } : ours(rest);
  const { values } = parseArgs({
    args: [...all.slice(0, at), ...options],
    options: {
      admin: { type: 'string', multiple: true, default: [] },
      'key-file': { type: 'string' },
      path: { type: 'string' },
      for: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  if (verb !== 'sign') return { values, verb, words };
  if (words[0] !== 'curl') throw new UsageError("sign needs the request: 'explain sign curl URL …'");
  return { values, verb, words: words.slice(1) };
}

/** curl has no option `--admin`, so nobody means it. */
function ours(words: readonly string[]): { options: string[]; words: string[] } {
  const options: string[] = [];
  const rest: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--admin') {
      options.push(...words.slice(at, at + 2));
      at += 1;
    } else if (word.startsWith('--admin=')) options.push(word);
    else rest.push(word);
  }
  return { options, words: rest };
}

async function explainRequest(
  request: CurlRequest,
  values: Values,
  world: ExplainWorld,
): Promise<DecisionRecord> {
  const instances = await openInstances(addresses(values.admin, request.url, world), world);
  const heard = await world.send(marked(request, instances, values, world));
  const { origin } = request.url;
  const requestId = heard.header('x-request-id');
  if (requestId === undefined) {
    throw new CommandFailed(`${origin} answered ${heard.status} without an x-request-id: it is no BFF`);
  }
  const isExplained = /^explained(?:,|$)/.test(heard.header('server-timing') ?? '');
  if (!isExplained) throw new CommandFailed(notExplained(heard, origin, instances));
  for (let left = tries; left > 0; left -= 1) {
    const record = await findRecord(requestId, instances);
    if (record !== undefined) return record;
    await world.wait(retryMs);
  }
  throw new CommandFailed(
    `${origin} explained the request ${requestId}, but its record is not at ${shown(values, request.url, world)}: ` +
      'another instance answered; give the admin port of each, --admin as often as needed',
  );
}

/** The request with the header that asks, where one is needed. */
function marked(
  request: CurlRequest,
  instances: readonly Instance[],
  values: Values,
  world: ExplainWorld,
): CurlRequest {
  const [first] = instances;
  if (first === undefined || first.about.explains === 'every') return request;
  const { bff, explains, keyIds, nowMs } = first.about;
  if (explains === 'nothing') {
    throw new CommandFailed(
      `${bff} explains no requests: give defineBff explainKeys, or serverTiming in development`,
    );
  }
  const keys = keysOf(values, world);
  if (keys === undefined) {
    throw new CommandFailed(
      `${bff} explains signed requests only: set BFFKIT_EXPLAIN_KEY, or give --key-file`,
    );
  }
  if (!keyIds.includes(keys.ids[0] ?? '')) {
    throw new CommandFailed(`the key is none of the explainKeys of ${bff}`);
  }
  const header = keys.sign(signedPart(request, values), nowMs + holdsMs);
  return { ...request, headers: { ...request.headers, [explainHeader]: header } };
}

function notExplained({ status, code }: Heard, origin: string, [first]: readonly Instance[]): string {
  const what = `${origin} answered ${status}${code === undefined ? '' : ` (${code})`} and explained nothing`;
  const whose = `is it ${first?.about.bff ?? 'the same BFF'}, whose admin port was asked?`;
  if (first?.about.explains === 'every') return `${what}: the request reached no endpoint; ${whose}`;
  return (
    `${what}: the request reached no endpoint, a cache on the way answered, or the signature did not arrive as sent; ` +
    `${whose} Where a proxy changes paths, give the path that the BFF sees: --path`
  );
}

/** For a request that something else will send, such as a phone. */
function signed(request: CurlRequest, values: Values, world: ExplainWorld): string {
  const keys = keysOf(values, world);
  if (keys === undefined)
    throw new UsageError('sign needs a key: set BFFKIT_EXPLAIN_KEY, or give --key-file');
  const forMs = values.for === undefined ? holdsMs : secondsOf('--for', values.for) * 1_000;
  if (forMs > maxExplainMs) throw new UsageError('--for must be at most 10m');
  const part = signedPart(request, values);
  const untilMs = world.nowMs() + forMs;
  const until = new Date(untilMs).toISOString().replace(/\.\d+Z$/, 'Z');
  return `Bff-Explain: ${keys.sign(part, untilMs)}\n\nHolds for ${part.method} ${part.target} until ${until}.\n`;
}

function signedPart({ method, url }: CurlRequest, { path }: Values): { method: string; target: string } {
  if (path !== undefined && !path.startsWith('/')) throw new UsageError('--path must begin with a /');
  return { method, target: path ?? url.pathname };
}

async function showKept(
  words: readonly string[],
  values: Values,
  world: ExplainWorld,
): Promise<DecisionRecord> {
  const [id] = words;
  if (id === undefined || !/^[\w.-]{8,64}$/.test(id)) {
    throw new UsageError('show needs the id of a request, as in x-request-id');
  }
  const record = await findRecord(id, await openInstances(addresses(values.admin, undefined, world), world));
  if (record !== undefined) return record;
  throw new CommandFailed(
    `no record of ${id}: it was not explained, another instance answered it, or newer ones took its place`,
  );
}

function shown(values: Values, url: URL, world: ExplainWorld): string {
  return addresses(values.admin, url, world).join(', ');
}

function keysOf(values: Values, world: ExplainWorld): ExplainKeys | undefined {
  const file = values['key-file'];
  const key = file === undefined ? world.env.BFFKIT_EXPLAIN_KEY : textOf(file, world);
  if (key === undefined || key.trim() === '') return undefined;
  return explainKeys(file === undefined ? 'BFFKIT_EXPLAIN_KEY' : '--key-file', [key.trim()]);
}

function textOf(path: string, { readText }: ExplainWorld): string {
  try {
    return readText(path);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'it failed';
    throw new UsageError(`cannot read ${path}: ${why}`);
  }
}
