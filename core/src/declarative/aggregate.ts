/**
 * A declared aggregate, compiled to the endpoint that a team would have written: the same plan, the same
 * graph, the same engine.
 *
 * @module
 */
import { type ZodObject, type ZodType, z } from 'zod';
import { type Endpoint, type EndpointOptions, endpoint } from '../endpoint/endpoint.ts';
import type { PlanBuilder } from '../plan/builder.ts';
import type { AnyScope, Node, Nodes } from '../plan/node.ts';
import { type AnyOperation, get, upstream } from '../upstream/operation.ts';
import { paramNames } from '../upstream/path.ts';
import { schemaOf } from './pick.ts';
import type { AggregateRoute, CallSpec, Source } from './schema.ts';

/** What is the same for both kinds of routes. */
export type SharedOptions = Pick<
  EndpointOptions<undefined, undefined, undefined, undefined>,
  'summary' | 'access' | 'deadlineMs' | 'cost' | 'limitClass' | 'priority'
>;

/** A fault of a declaration, with where it is in the route. */
export class DeclarationFault extends Error {
  override readonly name = 'DeclarationFault';
  readonly path: readonly (string | number)[];

  constructor(path: readonly (string | number)[], message: string) {
    super(message);
    this.path = path;
  }
}

/** @throws {DeclarationFault} */
export function aggregateEndpoint({ route, aggregate }: AggregateRoute, options: SharedOptions): Endpoint {
  const [method, path = ''] = route.split(' ');
  if (method !== 'GET') throw new DeclarationFault(['route'], 'an aggregate answers GET');
  const { calls } = aggregate;
  const allowed = {
    isOpen: options.access.kind === 'anyone',
    params: paramNames(path),
    query: aggregate.query ?? [],
  };
  const order = orderOf(calls);
  const operations = operationsOf(calls);
  const sources = new Map(
    order.map((name) => [name, compileSources(name, calls[name] as CallSpec, allowed, calls)]),
  );
  const query = z.object(
    Object.fromEntries(allowed.query.map((name) => [name, z.string().max(1_024).optional()])),
  );
  return endpoint('GET', path, { ...options, query })
    .plan((builder) =>
      planOf(builder as unknown as PlanBuilder<unknown, unknown>, order, { calls, operations, sources }),
    )
    .respond(answerOf(order), (scope) => {
      const values = scope as unknown as AnyScope;
      return Object.fromEntries(order.map((name) => [name, values[name]]));
    });
}

interface Compiled {
  readonly calls: Readonly<Record<string, CallSpec>>;
  readonly operations: Readonly<Record<string, AnyOperation>>;
  readonly sources: ReadonlyMap<string, CompiledSources>;
}

function planOf(
  { call, optional }: PlanBuilder<unknown, unknown>,
  order: readonly string[],
  { calls, operations, sources }: Compiled,
): Nodes {
  const nodes: Record<string, Node<unknown>> = {};
  for (const name of order) {
    const { optional: mayFail = false, timeoutMs } = calls[name] as CallSpec;
    const operation = operations[name] as AnyOperation;
    const { needs, request } = sources.get(name) as CompiledSources;
    const dependencies = Object.fromEntries(needs.map((need) => [need, nodes[need] as Node<unknown>]));
    const timing = timeoutMs === undefined ? {} : { timeoutMs };
    nodes[name] = mayFail
      ? optional(operation, dependencies, request, { ...timing, fallback: () => null })
      : call(operation, dependencies, request, timing);
  }
  return nodes;
}

/** One contract per upstream; an operation is called like its call. */
function operationsOf(calls: Readonly<Record<string, CallSpec>>): Readonly<Record<string, AnyOperation>> {
  const operations: Record<string, AnyOperation> = {};
  for (const [name, spec] of Object.entries(calls)) {
    const query = Object.fromEntries(
      Object.keys(spec.query ?? {}).map((key) => [key, z.unknown().optional()]),
    );
    const response = at(['aggregate', 'calls', name, 'pick'], () => schemaOf(spec.pick));
    const operation = at(['aggregate', 'calls', name, 'get'], () =>
      get(spec.get, { query: z.object(query), response, passes: [404] }),
    );
    operations[name] = upstream(spec.upstream, { operations: { [name]: operation } })[name] as AnyOperation;
  }
  return operations;
}

function answerOf(order: readonly string[]): ZodObject<Record<string, ZodType>> {
  return z.object(Object.fromEntries(order.map((name) => [name, z.json().optional()])));
}

/** The calls, each behind those it needs. */
function orderOf(calls: Readonly<Record<string, CallSpec>>): string[] {
  const ordered: string[] = [];
  const under = new Set<string>();
  const visit = (name: string): void => {
    if (ordered.includes(name)) return;
    if (under.has(name)) {
      throw new DeclarationFault(['aggregate', 'calls', name], 'it waits for itself, through what it names');
    }
    under.add(name);
    for (const source of sourcesOf(calls[name] as CallSpec)) {
      const [kind, need = ''] = stepsOf(source);
      if (kind === '$calls' && Object.hasOwn(calls, need)) visit(need);
    }
    ordered.push(name);
  };
  for (const name of Object.keys(calls)) visit(name);
  return ordered;
}

/** What sources may name of the request. */
interface Allowed {
  /** Whether anyone may call. */
  readonly isOpen: boolean;
  readonly params: readonly string[];
  readonly query: readonly string[];
}

interface CompiledSources {
  readonly needs: readonly string[];
  readonly request: (scope: AnyScope) => { readonly params: object; readonly query: object };
}

type Read = (scope: AnyScope) => unknown;

function compileSources(
  name: string,
  spec: CallSpec,
  allowed: Allowed,
  calls: Readonly<Record<string, CallSpec>>,
): CompiledSources {
  const where = ['aggregate', 'calls', name];
  const wanted = paramNames(spec.get);
  const given = Object.keys(spec.params ?? {});
  const missing = wanted.find((param) => !given.includes(param));
  if (missing !== undefined)
    throw new DeclarationFault([...where, 'get'], `params has no source for ':${missing}'`);
  const foreign = given.find((param) => !wanted.includes(param));
  if (foreign !== undefined) {
    throw new DeclarationFault([...where, 'params', foreign], `the path has no ':${foreign}'`);
  }
  const needs = new Set<string>();
  const compile = (part: 'params' | 'query'): readonly (readonly [string, Read])[] =>
    Object.entries(spec[part] ?? {}).map(([key, source]) => {
      const steps = stepsOf(source);
      const fault = faultOf(steps, allowed, calls);
      if (fault !== undefined) throw new DeclarationFault([...where, part, key], fault);
      if (steps[0] === '$calls') needs.add(steps[1] ?? '');
      return [key, readerOf(source, steps)];
    });
  const [params, query] = [compile('params'), compile('query')];
  const fill = (readers: typeof params, scope: AnyScope): object =>
    Object.fromEntries(readers.map(([key, read]) => [key, read(scope)]));
  return {
    needs: [...needs],
    request: (scope) => ({ params: fill(params, scope), query: fill(query, scope) }),
  };
}

const ofPrincipal = ['subject', 'tenant', 'clientId'];

function faultOf(
  [kind = '', first = '', ...rest]: readonly string[],
  allowed: Allowed,
  calls: Readonly<Record<string, CallSpec>>,
): string | undefined {
  if (!kind.startsWith('$')) return undefined;
  if (kind === '$calls') {
    return Object.hasOwn(calls, first)
      ? undefined
      : `there is no call '${first}'; there are ${Object.keys(calls).join(', ')}`;
  }
  const known = new Map([
    ['$principal', ofPrincipal],
    ['$params', allowed.params],
    ['$query', allowed.query],
  ]).get(kind);
  if (known === undefined) return `${kind} is not known; there are $principal, $params, $query and $calls`;
  if (rest.length === 0 && known.includes(first)) {
    return kind === '$principal' && allowed.isOpen
      ? 'where anyone may call there may be no $principal'
      : undefined;
  }
  return `${kind} has no '${[first, ...rest].join('.')}'; it has ${known.join(', ') || 'nothing'}`;
}

function readerOf(source: Source, [kind, ...path]: readonly string[]): Read {
  if (kind === undefined || !kind.startsWith('$')) return () => source;
  const roots = new Map([
    ['$calls', []],
    ['$principal', ['principal']],
  ]);
  const from = [...(roots.get(kind) ?? ['input', kind.slice(1)]), ...path];
  return function read(scope) {
    let value: unknown = scope;
    for (const step of from) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
      value = (value as Readonly<Record<string, unknown>>)[step];
    }
    return value ?? undefined;
  };
}

function sourcesOf({ params = {}, query = {} }: CallSpec): Source[] {
  return [...Object.values(params), ...Object.values(query)];
}

/** `$calls.profile.id` in its steps; a plain value has none that begins with `$`. */
function stepsOf(source: Source): readonly string[] {
  return typeof source === 'string' && source.startsWith('$') ? source.split('.') : [];
}

function at<T>(path: readonly (string | number)[], make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new DeclarationFault(path, error instanceof Error ? error.message : String(error));
  }
}
