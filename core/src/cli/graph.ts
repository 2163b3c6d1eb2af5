/**
 * `bffkit graph`: every endpoint with its calls, as declared.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import type { CacheDescription } from '../cache/describe-cache.ts';
import type { BffGraph, GraphEndpoint } from '../graph.ts';
import type { GraphNode } from '../plan/graph.ts';
import { loadGraphs } from './load-bffs.ts';
import { table } from './table.ts';

/** @param parameters `[BFF] [--json]` */
export async function graphCommand(parameters: readonly string[]): Promise<string> {
  const { values, positionals } = parseArgs({
    args: [...parameters],
    options: { json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const graphs = await loadGraphs(positionals[0]);
  return values.json ? `${JSON.stringify(graphs, null, 2)}\n` : graphs.map(describeBff).join('\n');
}

function describeBff(graph: BffGraph): string {
  return `${graph.name} (${graph.owner})\n\n${graph.endpoints.map(describeEndpoint).join('\n')}`;
}

function describeEndpoint(endpoint: GraphEndpoint): string {
  const { method, path, summary, access, deadlineMs, cache } = endpoint;
  const needed = [...access.scopes, ...access.roles.map((role) => `role:${role}`)];
  const who = needed.length === 0 ? access.kind : needed.join(' ');
  const head = `  ${method} ${path}   ${summary}\n`;
  const kept = cache === undefined ? '' : `; kept ${describeCache(cache)}`;
  const line = `    access ${who}; deadline ${deadlineMs} ms; ${describeCalls(endpoint)}${kept}\n`;
  return head + line + table(endpoint.nodes.map(describeNode), '    ');
}

function describeCalls({ maxCalls, depth, opaque, proxy }: GraphEndpoint): string {
  if (opaque) return 'opaque: calls are not known before they are made';
  if (proxy !== undefined) return `passes on to ${proxy}`;
  return maxCalls === 0 ? 'no calls' : `at most ${counted(maxCalls)}, ${depth} in a row`;
}

function describeNode(node: GraphNode): string[] {
  const after = node.dependencies.length === 0 ? '' : `after ${node.dependencies.join(', ')}`;
  if (node.kind === 'derive') return [node.name, 'derive', '', '', after];
  const need = node.required ? 'required' : node.fallback ? 'optional, with fallback' : 'optional';
  const when = node.conditional ? `${need}, conditional` : need;
  const batch = node.kind === 'each' ? `, up to ${counted(node.maxCalls)}` : '';
  const kept = node.cache === undefined ? '' : `kept ${describeCache(node.cache)}`;
  return [node.name, node.operation ?? '', `${when}${batch}`, `${node.timeoutMs} ms`, after, kept];
}

function describeCache({ scope, ttlMs, swrMs = 0, staleIfErrorMs = 0, ...more }: CacheDescription): string {
  const { tags = [], vary = [] } = more;
  return [
    `${scope === 'public' ? 'for everybody' : 'per caller'} ${period(ttlMs)}`,
    ...(swrMs === 0 ? [] : [`stale ${period(swrMs)} more`]),
    ...(staleIfErrorMs === 0 ? [] : [`on error ${period(staleIfErrorMs)} more`]),
    ...(vary.length === 0 ? [] : [`by ${vary.join(', ')}`]),
    ...(tags.length === 0 ? [] : [`tags ${typeof tags === 'string' ? tags : tags.join(' ')}`]),
  ].join(', ');
}

function counted(calls: number): string {
  return calls === 1 ? '1 call' : `${calls} calls`;
}

/** In the largest unit that needs no fraction. */
function period(ms: number): string {
  for (const [unit, size] of units) if (ms >= size && ms % size === 0) return `${ms / size} ${unit}`;
  return `${ms} ms`;
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;
