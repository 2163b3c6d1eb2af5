#!/usr/bin/env node
/**
 * The `bffkit` command: looks at BFFs without running them, makes new ones, and manages keys of those that run.
 *
 * @module
 */
import { cacheCommand } from './cache.ts';
import { clientCommand } from './client.ts';
import { CommandFailed } from './command-failed.ts';
import { explainCommand } from './explain.ts';
import { fieldsCommand } from './fields.ts';
import { graphCommand } from './graph.ts';
import { keysCommand } from './keys.ts';
import { limitsCommand } from './limits.ts';
import { newCommand } from './new.ts';
import { openApiCommand } from './openapi.ts';
import { routesCommand } from './routes.ts';
import { sloCommand } from './slo.ts';
import { usageCommand } from './usage.ts';
import { UsageError } from './usage-error.ts';
import { versionsCommand } from './versions.ts';
import { weighCommand } from './weigh.ts';

const help = `bffkit: look at the BFFs of this repository, make a new one, manage the keys of partners

  bffkit graph [BFF] [--json]       endpoints, their calls, what waits for what
  bffkit fields [FILTER] [--json]   which endpoint reads which field; FILTER is an upstream
                                    (orders) or a field of it (orders.total)
  bffkit openapi BFF [--version V] [--out FILE]
                                    the OpenAPI 3.1 document: what there is to call, by whom, with what
  bffkit openapi BFF --snapshots [--allow-breaking]
                                    writes the document of every version to bffs/BFF/openapi/, for review;
                                    refuses what would break clients of a version
  bffkit client BFF [--version V]   the types of a client, as TypeScript declarations: for createClient of
                                    bffkit/client, and for hc of hono
  bffkit limits simulate ACCESS_LOG --policy FILE [--json]
                                    who would have been refused, when, and the headroom; FILE is a
                                    module that exports limits and plans as defineBff takes them
  bffkit keys create --partner PARTNER --scopes SCOPE,… [--plan PLAN] [--expires 90d] [--cidr RANGE,…]
                     [--env ENV] [--tenant TENANT]
  bffkit keys list [--partner PARTNER]
  bffkit keys show ID
  bffkit keys rotate ID [--overlap 24h]
                                    a new key like this one, which works on for the overlap (at most 30d)
  bffkit keys pin --partner PARTNER --version DATE
                                    the version of the API a partner gets when it names none; its
                                    first key pins it to the newest, or to create --version DATE
  bffkit keys revoke ID             ends a key everywhere at once
                                    all with [--admin URL] (or BFFKIT_ADMIN; default
                                    http://127.0.0.1:9003), [--actor NAME] and [--json]; the token of
                                    the admin port, if it asks for one, is BFFKIT_ADMIN_TOKEN
  bffkit usage [--partner PARTNER] [--month 2026-11 | --from DAY --to DAY] [--admin URL] [--json]
                                    what partners used, by day of UTC; of one partner also by endpoint,
                                    key and version
  bffkit weigh BFF [--from URL] [--token-file FILE] [--param NAME=VALUE]… [--json]
                                    what each answer of a running BFF weighs, field by field, against
                                    its budget; the token may be in BFFKIT_TOKEN instead, --param gives
                                    parts of paths and queries: --param id=prd_0001; several of one name
                                    are tried in turn, and FILE may be one for curl -H @FILE
  bffkit cache purge TAG [--admin URL] [--actor NAME] [--json]
                                    ends every kept answer with this tag, on all instances of a BFF;
                                    URL may be in BFFKIT_ADMIN
  bffkit explain [--json] [--path PATH] [--key-file FILE] curl URL -H … [--admin URL]…
                                    sends what the curl command would send, and shows what was decided
                                    about it and where its time went; the key of production may be in
                                    BFFKIT_EXPLAIN_KEY; the admin port is BFFKIT_ADMIN, or for localhost
                                    the port of the URL + 5000
  bffkit explain [--admin URL]… show ID
                                    the same of a request that was explained before
  bffkit explain [--for 10m] sign curl URL …
                                    the header with which something else can ask, such as a phone
  bffkit routes check FILE [--json] what is wrong with a routes file, line by line; or what it declares
  bffkit routes schema              the JSON Schema of routes files
  bffkit slo [BFF] [--json]         what endpoints promise of their availability and speed
  bffkit slo rules [BFF] [--json]   Prometheus rules: the seven key metrics, and alerts when a promise is at risk
  bffkit versions [BFF] [--admin URL] [--json]
                                    the dated versions of an API, what each change does, and which keys
                                    called which version in the last 30 days (asks a BFF that runs)
  bffkit new bff NAME               a new BFF in bffs/NAME
  bffkit new endpoint BFF NAME      a new endpoint file with its test

A BFF is a folder bffs/NAME with src/app.ts (createBff) and src/config.ts (readConfig).
`;

type Command = (parameters: readonly string[]) => Promise<string> | string;

const commands: Readonly<Record<string, Command>> = {
  cache: (parameters) => cacheCommand(parameters),
  client: clientCommand,
  explain: (parameters) => explainCommand(parameters),
  graph: graphCommand,
  keys: (parameters) => keysCommand(parameters),
  fields: fieldsCommand,
  limits: limitsCommand,
  openapi: openApiCommand,
  routes: routesCommand,
  slo: (parameters) => sloCommand(parameters),
  new: newCommand,
  usage: (parameters) => usageCommand(parameters),
  versions: (parameters) => versionsCommand(parameters),
  weigh: (parameters) => weighCommand(parameters),
  help: () => help,
  '--help': () => help,
};

async function main([name = 'help', ...parameters]: readonly string[]): Promise<void> {
  try {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined) throw new UsageError(`unknown command '${name}'`);
    process.stdout.write(await command(parameters));
  } catch (error) {
    process.stderr.write(explain(error));
    process.exitCode = isUsage(error) ? 2 : 1;
  }
}

function explain(error: unknown): string {
  if (error instanceof CommandFailed) return `bffkit: ${error.message}\n`;
  if (isUsage(error)) return `bffkit: ${error.message}\n\n${help}`;
  return `${error instanceof Error ? error.stack : String(error)}\n`;
}

/** Whether whoever typed the command can mend it; what `parseArgs` throws is a TypeError with a code. */
function isUsage(error: unknown): error is Error {
  if (error instanceof UsageError || error instanceof RangeError) return true;
  return error instanceof Error && 'code' in error && /^ERR_PARSE_ARGS/.test(String(error.code));
}

await main(process.argv.slice(2));
