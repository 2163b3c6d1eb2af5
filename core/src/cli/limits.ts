/**
 * `bffkit limits simulate`: an access log under a policy, before the policy meets anybody.
 *
 * @module
 */
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Caller } from '../context/caller.ts';
import type { StandIn } from '../context/events.ts';
import { principalKey } from '../context/principal.ts';
import { checkLimits } from '../limit/check-limits.ts';
import type { Limit } from '../limit/limit.ts';
import { type PastDecision, type Simulation, type SimulationPolicy, simulate } from '../limit/simulate.ts';
import type { LimitLine } from '../telemetry/limit-line.ts';
import { table } from './table.ts';
import { UsageError } from './usage-error.ts';

const shown = 20;

/** @param parameters `simulate ACCESS_LOG --policy FILE [--json]` */
export async function limitsCommand(parameters: readonly string[]): Promise<string> {
  const { values, positionals } = parseArgs({
    args: [...parameters],
    options: { policy: { type: 'string' }, json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [verb, log, ...rest] = positionals;
  if (verb !== 'simulate' || log === undefined || values.policy === undefined || rest.length > 0) {
    throw new UsageError('limits simulate needs ACCESS_LOG and --policy FILE');
  }
  const simulation = simulate(await readPolicy(values.policy), await readDecisions(log));
  return values.json ? `${JSON.stringify(simulation, null, 2)}\n` : describe(simulation);
}

/** A module with `limits` and, if there are any, `plans`: the values that `defineBff` gets. */
async function readPolicy(file: string): Promise<SimulationPolicy> {
  const module: { limits?: Limit | Limit[]; plans?: Record<string, Limit | Limit[]> } = await import(
    pathToFileURL(resolve(file)).href
  );
  if (module.limits === undefined) throw new UsageError(`${file} exports no limits`);
  const plans = Object.entries(module.plans ?? {}).map(([plan, limits]) => [plan, [limits].flat()] as const);
  const limits = [module.limits].flat();
  checkLimits('limits', limits);
  for (const [plan, planned] of plans) checkLimits(`plans.${plan}`, planned);
  return { limits, plans: Object.fromEntries(plans) };
}

/** The fields of a log line that say who asked and what was decided. */
interface Line {
  readonly service?: string;
  readonly principal?: string;
  readonly limit?: LimitLine;
}

async function readDecisions(file: string): Promise<PastDecision[]> {
  const decisions: PastDecision[] = [];
  for await (const text of createInterface({ input: createReadStream(file) })) {
    const line = parse(text);
    if (typeof line?.limit?.at !== 'number') continue;
    decisions.push(decisionOf(line, line.limit));
  }
  if (decisions.length === 0) throw new UsageError(`${file} has no line with a decision of the limits`);
  return decisions;
}

function parse(text: string): Line | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // what else a process writes to its output
  }
}

function decisionOf({ service = '', principal }: Line, limit: LimitLine): PastDecision {
  const { at, n, cost, refused = [], repeat, standIn } = limit;
  return {
    bff: service,
    caller: callerOf(principal, limit),
    cost,
    atMs: at,
    order: n,
    refusedBy: refused,
    ...(repeat === true ? { isRepeat: true } : {}),
    ...(standIn === undefined ? {} : { standIn: standIn as StandIn }),
  };
}

/** The caller as the gateway saw it, with the address under its pseudonym. */
function callerOf(principal: string | undefined, limit: LimitLine): Caller {
  const where = { address: limit.ip, endpointClass: limit.class ?? 'default' };
  if (principal === undefined) return where;
  const [, kind, subject = ''] = /^(user|partner):(.*)$/s.exec(principal) ?? [];
  if (kind !== 'user' && kind !== 'partner') return where;
  const { client: clientId = '', tenant, plan } = limit;
  return {
    ...where,
    principal: principalKey({ kind, subject, clientId, tenant, scopes: new Set() }),
    kind,
    subject,
    clientId,
    ...(tenant === undefined ? {} : { tenant }),
    ...(plan === undefined ? {} : { plan }),
  };
}

function describe({ requests, refused, refusedInLog, different, subjects }: Simulation): string {
  const percent = ((100 * refused) / requests).toFixed(1);
  const head =
    `${requests} requests, ${refused} refused (${percent} %); the log refused ${refusedInLog}; ` +
    `${different.length} decided differently\n\n`;
  const rows = subjects
    .slice(0, shown)
    .map(({ limit, subject, requests: asked, refused: no, firstRefusedMs, lowestRemaining, max }) => [
      limit,
      subject,
      String(asked),
      String(no),
      firstRefusedMs === undefined ? '-' : new Date(firstRefusedMs).toISOString(),
      `${lowestRemaining} of ${max}`,
    ]);
  const more = subjects.length > shown ? `and ${subjects.length - shown} more; --json has all\n` : '';
  return `${head}${table([['limit', 'caller', 'requests', 'refused', 'first refused', 'least left'], ...rows])}${more}`;
}
