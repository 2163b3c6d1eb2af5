/**
 * `bffkit versions`: the chain of versions of a BFF, what each change does, and who still calls which.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { type Clock, systemClock } from '../context/clock.ts';
import type { VersionUse } from '../usage/usage-report.ts';
import { type VersionDescription, type Versioned, versionsOf } from '../versions/open-versions.ts';
import { adminClient } from './admin-client.ts';
import { loadBffs } from './load-bffs.ts';
import { table } from './table.ts';
import { UsageError } from './usage-error.ts';

/** What the command needs of the world; a test brings its own. */
export interface VersionsWorld {
  readonly load: (name?: string) => Promise<readonly (Versioned & { readonly name: string })[]>;
  readonly fetch: typeof globalThis.fetch;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Pick<Clock, 'wallMs'>;
}

const world: VersionsWorld = {
  load: loadBffs,
  fetch: globalThis.fetch,
  env: process.env,
  clock: systemClock,
};
const dayMs = 86_400_000;
const days = 30;

/** One key that called one version. */
interface Caller {
  readonly version: string;
  readonly partner: string;
  readonly key: string;
  readonly requests: number;
  readonly lastDay: string;
}

/** @param parameters `[BFF] [--admin URL] [--json]` */
export async function versionsCommand(
  parameters: readonly string[],
  { load, fetch, env, clock }: VersionsWorld = world,
): Promise<string> {
  const { values, positionals } = parseArgs({
    args: [...parameters],
    options: { admin: { type: 'string' }, json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [name, ...rest] = positionals;
  if (rest.length > 0) throw new UsageError('versions takes one BFF');
  const bffs = (await load(name)).filter((bff) => versionsOf(bff).length > 0);
  const url = values.admin ?? env.BFFKIT_ADMIN;
  if (url !== undefined && bffs.length > 1) throw new UsageError('with --admin say which BFF');
  const nowMs = clock.wallMs();
  const callers =
    url === undefined || bffs.length === 0
      ? undefined
      : await readCallers({ url, fetch, token: env.BFFKIT_ADMIN_TOKEN, nowMs });
  if (values.json) {
    const all = bffs.map((bff) => ({ bff: bff.name, versions: versionsOf(bff).map(plain), callers }));
    return `${JSON.stringify(all, null, 2)}\n`;
  }
  if (bffs.length === 0) return 'no BFF has versions\n';
  return bffs.map((bff) => showBff(bff, nowMs, callers)).join('\n');
}

async function readCallers(asking: {
  readonly url: string;
  readonly fetch: typeof globalThis.fetch;
  readonly token: string | undefined;
  readonly nowMs: number;
}): Promise<Caller[]> {
  const client = adminClient({
    ...asking,
    actor: 'bffkit-versions',
    notFound: 'this BFF does not count usage',
  });
  const [from, to] = [asking.nowMs - (days - 1) * dayMs, asking.nowMs].map(dayOf);
  const { uses } = (await client.read(`/usage/versions?from=${from}&to=${to}`)) as {
    readonly uses: VersionUse[];
  };
  const callers = new Map<string, Caller>();
  for (const { version, partner, key, requests, lastDay } of uses) {
    if (version === null) continue;
    const id = [version, partner, key].join('\n');
    const known = callers.get(id);
    callers.set(id, {
      version,
      partner,
      key,
      requests: requests + (known?.requests ?? 0),
      lastDay: known !== undefined && known.lastDay > lastDay ? known.lastDay : lastDay,
    });
  }
  return [...callers.values()].sort((one, other) => other.requests - one.requests);
}

function showBff(
  bff: Versioned & { readonly name: string },
  nowMs: number,
  callers?: readonly Caller[],
): string {
  const known = versionsOf(bff);
  const parts = known.map((version) => showVersion(version, nowMs, callers));
  const gone = callers?.filter((caller) => !known.some(({ version }) => version === caller.version)) ?? [];
  const hint = callers === undefined ? 'who calls which: --admin URL of a BFF that runs\n' : '';
  return [
    `${bff.name}\n`,
    ...parts,
    ...showCallers('  no longer declared, and still called', gone),
    hint,
  ].join('');
}

function showVersion(version: VersionDescription, nowMs: number, callers?: readonly Caller[]): string {
  const changes = version.changes.flatMap(({ name, summary, endpoints }) => [
    `    ${name}: ${summary}\n`,
    `      ${endpoints.join(', ') || 'problems of every endpoint'}\n`,
  ]);
  const brownouts = version.brownouts
    .filter(({ until }) => Date.parse(until) > nowMs)
    .map(({ from, until, status }) => `    answers ${status} from ${from} until ${until}\n`);
  const own = callers?.filter((caller) => caller.version === version.version) ?? [];
  const silence = callers !== undefined && own.length === 0 ? [`    nobody called it in ${days} days\n`] : [];
  return [
    `  ${version.version}  ${stateOf(version, nowMs)}\n`,
    ...changes,
    ...brownouts,
    ...silence,
    ...showCallers(`    called in ${days} days by`, own),
  ].join('');
}

function showCallers(title: string, callers: readonly Caller[]): string[] {
  if (callers.length === 0) return [];
  const rows = callers.map(({ partner, key, requests, lastDay }) => [
    partner,
    key,
    String(requests),
    lastDay,
  ]);
  return [`${title}\n`, table([['partner', 'key', 'requests', 'last'], ...rows], '      ')];
}

function stateOf({ isHead, deprecatedAt, sunsetAt }: VersionDescription, nowMs: number): string {
  if (isHead) return 'newest';
  if (sunsetAt !== undefined && nowMs >= Date.parse(sunsetAt)) return `ended ${sunsetAt.slice(0, 10)}`;
  if (deprecatedAt === undefined) return 'supported';
  const verb = nowMs >= Date.parse(deprecatedAt) ? 'deprecated since' : 'deprecated from';
  const end = sunsetAt === undefined ? '' : `, ends ${sunsetAt.slice(0, 10)}`;
  return `${verb} ${deprecatedAt.slice(0, 10)}${end}`;
}

/** Without what is no data. */
function plain({
  endpoints: _endpoints,
  problem: _problem,
  ways: _ways,
  ...described
}: VersionDescription): object {
  return described;
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
