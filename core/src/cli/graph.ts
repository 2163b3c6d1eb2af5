/**
 * `bffkit graph`: every endpoint with its calls, as declared.
 *
 * @module
 */
import { parseArgs } from 'node:util';
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
  const { access, maxCalls, depth, deadlineMs, opaque } = endpoint;
  const needed = [...access.scopes, ...access.roles.map((role) => `role:${role}`)];
  const who = needed.length === 0 ? access.kind : needed.join(' ');
  const head = `  ${endpoint.method} ${endpoint.path}   ${endpoint.summary}\n`;
  const calls = opaque
    ? 'opaque: calls are not known before they are made'
    : `at most ${maxCalls} calls, ${depth} in a row`;
  return `${head}    access ${who}; deadline ${deadlineMs} ms; ${calls}\n${table(endpoint.nodes.map(describeNode), '    ')}`;
}

function describeNode(node: GraphNode): string[] {
  const after = node.dependencies.length === 0 ? '' : `after ${node.dependencies.join(', ')}`;
  if (node.kind === 'derive') return [node.name, 'derive', '', '', after];
  const need = node.required ? 'required' : node.fallback ? 'optional, with fallback' : 'optional';
  const when = node.conditional ? `${need}, conditional` : need;
  const batch = node.kind === 'each' ? `, up to ${node.maxCalls} calls` : '';
  return [node.name, node.operation ?? '', `${when}${batch}`, `${node.timeoutMs} ms`, after];
}
