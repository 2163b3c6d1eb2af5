/**
 * Routes from a file, for teams that come from a gateway configured that way. They become the endpoints that
 * code would have made: checked at boot, in the graph, under the same protection.
 *
 * @module
 */
import type { Endpoint } from '../endpoint/endpoint.ts';
import { type Access, allOf, anyone, roles, scopes, signedIn } from '../identity/access.ts';
import { type ProxyOptions, proxy } from '../proxy/proxy.ts';
import { aggregateEndpoint, DeclarationFault, type SharedOptions } from './aggregate.ts';
import { type Path, readDocument, type TextDocument } from './document.ts';
import { kinds, type Route, routesSchema } from './schema.ts';

export interface RoutesOptions {
  /** What the routes may name: the bindings of the BFF, or anything else with their names. */
  readonly upstreams: readonly { readonly name: string }[];
}

/** A file that was read: its endpoints, and the upstreams they name. */
export interface RoutesFile {
  readonly endpoints: readonly Endpoint[];
  /** Sorted, each once. */
  readonly upstreams: readonly string[];
}

/**
 * The endpoints of a routes file, for `defineBff({ endpoints: [...routesFromFile(…)] })`.
 *
 * @param path Of a `.json` file, or of YAML where the package `yaml` is installed.
 * @throws {RangeError} with a line for each fault: file, line, column, and the path in the file.
 */
export function routesFromFile(path: string, { upstreams }: RoutesOptions): Endpoint[] {
  const known = upstreams.map(({ name }) => name);
  return [...readRoutes(path, known).endpoints];
}

/** @param known The upstreams there are; absent where they are not known. */
export function readRoutes(path: string, known?: readonly string[]): RoutesFile {
  const document = readDocument(path);
  const parsed = routesSchema.safeParse(document.value);
  if (!parsed.success) throw refusal(document, faultsOf(document.value));
  const faults: Fault[] = [];
  const named = new Set<string>();
  const endpoints = parsed.data.routes.flatMap((route, index) => {
    for (const [where, upstream] of upstreamsOf(route)) {
      named.add(upstream);
      if (known === undefined || known.includes(upstream)) continue;
      const message = `there is no upstream '${upstream}'; there are ${known.join(', ') || 'none'}`;
      faults.push({ path: ['routes', index, ...where], message });
    }
    try {
      return compile(route);
    } catch (error) {
      if (!(error instanceof RangeError) && !(error instanceof DeclarationFault)) throw error;
      const where = error instanceof DeclarationFault ? error.path : [];
      faults.push({ path: ['routes', index, ...where], message: error.message });
      return [];
    }
  });
  if (faults.length > 0) throw refusal(document, faults);
  return { endpoints, upstreams: [...named].sort() };
}

function compile(route: Route): readonly Endpoint[] {
  const { summary, deadlineMs, cost, limitClass, priority } = route;
  const access = accessOf(route.access);
  const shared = defined({ access, deadlineMs, cost, limitClass, priority });
  if ('aggregate' in route) {
    const names = Object.keys(route.aggregate.calls).join(', ');
    const options = { ...shared, summary: summary ?? `The answers of ${names} together.` } as SharedOptions;
    return [aggregateEndpoint(route, options)];
  }
  const { upstream, ...options } = route.proxy;
  const { maxBodyBytes, antiForgery } = route;
  const more = defined({ summary, maxBodyBytes, antiForgery });
  const whole: object = { ...options, ...shared, ...more };
  return [proxy(route.route, upstream, whole as ProxyOptions)].flat();
}

function accessOf(access: Route['access']): Access {
  if (access === 'anyone') return anyone();
  if (access === 'signed-in') return signedIn();
  const rules = [
    ...(access.scopes === undefined ? [] : [scopes(...(access.scopes as [string, ...string[]]))]),
    ...(access.roles === undefined ? [] : [roles(...(access.roles as [string, ...string[]]))]),
  ];
  const [first, second] = rules;
  if (first === undefined) throw new DeclarationFault(['access'], 'it names neither scopes nor roles');
  return second === undefined ? first : allOf(first, second);
}

function upstreamsOf(route: Route): (readonly [Path, string])[] {
  if ('proxy' in route) return [[['proxy', 'upstream'], route.proxy.upstream]];
  return Object.entries(route.aggregate.calls).map(([name, call]) => [
    ['aggregate', 'calls', name, 'upstream'],
    call.upstream,
  ]);
}

interface Fault {
  readonly path: Path;
  readonly message: string;
}

/** The faults of a value that the schema refuses, each route judged by the kind it shows. */
function faultsOf(value: unknown): Fault[] {
  const issues = routesSchema.safeParse(value).error?.issues ?? [];
  return issues.flatMap((issue) => {
    const path = issue.path as Path;
    const [list, index] = path;
    if (issue.code !== 'invalid_union' || list !== 'routes' || path.length !== 2) return [faultOf(issue, [])];
    const route = (value as { readonly routes: readonly unknown[] }).routes[Number(index)];
    const shown =
      typeof route === 'object' && route !== null ? Object.keys(kinds).filter((kind) => kind in route) : [];
    const [kind, other] = shown as (keyof typeof kinds)[];
    if (kind === undefined || other !== undefined) {
      return [{ path, message: 'a route is either a proxy or an aggregate' }];
    }
    return (kinds[kind].safeParse(route).error?.issues ?? []).map((inner) => faultOf(inner, path));
  });
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function faultOf({ path, message }: Issue, before: Path): Fault {
  return { path: [...before, ...(path as Path)], message };
}

function refusal(document: TextDocument, faults: readonly Fault[]): RangeError {
  const lines = faults.map(({ path, message }) => `${document.placeOf(path)}: ${written(path)}${message}`);
  return new RangeError(lines.join('\n'));
}

/** `routes[2].proxy.to: ` */
function written(path: Path): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return text === '' ? '' : `${text.replace(/^\./, '')}: `;
}

function defined(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
