/**
 * Who takes part, and how each is asked for the same thing.
 *
 * @module
 */
import type { Workload } from '../work/workloads.ts';
import { feedQuery, homeQuery } from './graphql-yoga/queries.ts';
import { findNginx } from './nginx-lua/find.ts';

export interface Contender {
  /** For the command line. */
  readonly name: string;
  /** For the table. */
  readonly label: string;
  readonly file: URL;
  /** Whether its callers send a token; a gateway that does not verify it need not read past it. */
  readonly token: boolean;
  readonly asked: 'by path' | 'by query';
  /** Which of several gateways one file is. */
  readonly variant?: string;
  /** The one encoding its callers accept, and must get. Default none. */
  readonly encoding?: string;
  /** Its callers have the answer already: they send its `ETag`, and must get 304. Default false. */
  readonly isKnown?: boolean;
  /** No program of this repository's: it may be missing, and can only be asked for its CPU time. */
  readonly foreign?: { isInstalled(): boolean; readonly needs: string };
}

/** The name of the contender all ratios refer to. */
export const baseName = 'node-http';

/** The name of the contender that is profiled. */
export const bffkitName = 'bffkit';

export const contenders: readonly Contender[] = [
  {
    name: baseName,
    label: 'node:http + undici',
    file: new URL('./node-http.ts', import.meta.url),
    token: false,
    asked: 'by path',
  },
  {
    name: 'hono',
    label: 'hono + fetch',
    file: new URL('./hono.ts', import.meta.url),
    token: false,
    asked: 'by path',
  },
  {
    name: 'fastify',
    label: 'fastify + undici',
    file: new URL('./fastify.ts', import.meta.url),
    token: false,
    asked: 'by path',
  },
  {
    name: 'express',
    label: 'express + fetch',
    file: new URL('./express.ts', import.meta.url),
    token: false,
    asked: 'by path',
  },
  {
    name: 'graphql-yoga',
    label: 'graphql-yoga + undici',
    file: new URL('./graphql-yoga/main.ts', import.meta.url),
    token: false,
    asked: 'by query',
  },
  {
    name: 'nginx-lua',
    label: 'nginx + Lua',
    file: new URL('./nginx-lua/main.ts', import.meta.url),
    token: false,
    asked: 'by path',
    foreign: {
      isInstalled: () => findNginx() !== undefined,
      needs:
        "Debian's nginx, libnginx-mod-http-lua and lua-cjson, or BENCH_NGINX_ROOT where they are unpacked",
    },
  },
  {
    name: bffkitName,
    label: 'bffkit, everything on',
    file: new URL('./bffkit/main.ts', import.meta.url),
    token: true,
    asked: 'by path',
  },
  {
    name: 'bffkit-checked',
    label: 'bffkit, every part checked',
    file: new URL('./bffkit/checked.ts', import.meta.url),
    token: true,
    asked: 'by path',
  },
  {
    name: 'bffkit-no-token',
    label: 'bffkit, no token',
    file: new URL('./bffkit/no-token.ts', import.meta.url),
    token: false,
    asked: 'by path',
  },
];

const queries: Readonly<Record<string, string | undefined>> = { S2: homeQuery, S3: feedQuery };

/** Whether a contender can do a workload: a graph has nothing to pass through. */
export function takesPart(contender: Contender, workload: Workload): boolean {
  return contender.asked === 'by path' || queries[workload.name] !== undefined;
}

/** One request as it is sent. */
export interface BenchRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The request that asks `contender` for `workload`. */
export function requestOf(contender: Contender, workload: Workload, token: string): BenchRequest {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (contender.encoding !== undefined) headers['accept-encoding'] = contender.encoding;
  if (contender.token) headers.authorization = `Bearer ${token}`;
  if (contender.asked === 'by path') return { method: 'GET', path: workload.path, headers, body: '' };
  const body = JSON.stringify({ query: queries[workload.name] });
  headers['content-type'] = 'application/json';
  return { method: 'POST', path: '/graphql', headers, body };
}

/** The part of an answer that must be equal for all: GraphQL wraps it into `data`. */
export function unwrap(contender: Contender, answer: unknown): unknown {
  return contender.asked === 'by path' ? answer : (answer as { readonly data: unknown }).data;
}
