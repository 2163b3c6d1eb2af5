/**
 * `bffkit routes`: checks a routes file without a BFF around it, and writes the JSON Schema of such files.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { defineBff } from '../bff.ts';
import { readRoutes } from '../declarative/routes.ts';
import { routesJsonSchema } from '../declarative/schema.ts';
import type { GraphEndpoint } from '../graph.ts';
import { bind } from '../upstream/binding.ts';
import { CommandFailed } from './command-failed.ts';
import { table } from './table.ts';
import { UsageError } from './usage-error.ts';

/** @param parameters `check FILE [--json]` or `schema` */
export async function routesCommand(parameters: readonly string[]): Promise<string> {
  const { values, positionals } = parseArgs({
    args: [...parameters],
    options: { json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [command, file, ...rest] = positionals;
  if (command === 'schema' && file === undefined) return `${JSON.stringify(routesJsonSchema(), null, 2)}\n`;
  if (command !== 'check' || file === undefined || rest.length > 0) {
    throw new UsageError('routes needs `check FILE` or `schema`');
  }
  const endpoints = await check(file);
  return values.json ? `${JSON.stringify(endpoints, null, 2)}\n` : `${table(endpoints.map(row), '')}\n`;
}

/** Boots the routes with upstreams that are nowhere: whatever would not boot is found. */
async function check(file: string): Promise<readonly GraphEndpoint[]> {
  try {
    const { endpoints, upstreams } = readRoutes(file);
    const bff = defineBff({
      name: 'check',
      owner: 'bffkit',
      identity: [{ name: 'check', challenge: 'Bearer', authenticate: () => undefined }],
      upstreams: upstreams.map((name) => bind(name, { targets: 'http://upstream.invalid' })),
      endpoints,
    });
    await bff.close();
    bff.metrics.stop();
    return bff.graph.endpoints;
  } catch (error) {
    if (error instanceof RangeError) throw new CommandFailed(error.message);
    throw error;
  }
}

function row({ method, path, access, deadlineMs, proxy, nodes }: GraphEndpoint): string[] {
  const calls = proxy ?? nodes.flatMap(({ operation }) => operation ?? []).join(', ');
  const needed = [...access.scopes, ...access.roles.map((role) => `role:${role}`)];
  return [
    `${method} ${path}`,
    needed.length === 0 ? access.kind : needed.join(' '),
    `${deadlineMs} ms`,
    calls,
  ];
}
