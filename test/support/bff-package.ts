/**
 * The BFFs of the repository, found by their folders and loaded without knowing their names: a new one is
 * covered by the tests as soon as it exists.
 *
 * @module
 */
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Bff, BffGraph, BffOptions, Endpoint } from 'bffkit';
import { fakeUpstreams } from 'bffkit/testing';
import type { Contract } from './contract.ts';

const bffs = new URL('../../bffs/', import.meta.url);

type Env = Readonly<Record<string, string>>;
type Module = Readonly<Record<string, unknown>>;

export interface BffPackage {
  /** Of its folder. */
  readonly name: string;
  /** Every operation its upstream files declare. */
  readonly operations: readonly Contract[];
  readonly endpoints: readonly Endpoint[];
  readonly graph: BffGraph;
  /** Boots it as its `main.ts` does; `parts` replaces pieces. */
  create(env: Env, parts?: Partial<BffOptions>): Bff;
}

/** Loads every BFF, in the order of their names. */
export function loadBffs(): Promise<BffPackage[]> {
  const names = readdirSync(bffs).filter((name) => existsSync(new URL(`${name}/src/app.ts`, bffs)));
  return Promise.all(names.sort().map(loadBff));
}

/** The variables that tell a BFF where the services are. */
export function envOf(urls: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(urls).map(([name, url]) => [`${name.toUpperCase()}_URL`, url]));
}

async function loadBff(name: string): Promise<BffPackage> {
  const source = new URL(`${name}/src/`, bffs);
  const app = await load(new URL('app.ts', source));
  const config = await load(new URL('config.ts', source));
  const { endpoints } = await load(new URL('endpoints/index.ts', source));
  const createBff = exportOf<(config: unknown, parts: Partial<BffOptions>) => Bff>(app, 'create', name);
  const readConfig = exportOf<(env: Env) => unknown>(config, 'read', name);
  const create = (env: Env, parts: Partial<BffOptions> = {}): Bff =>
    createBff(readConfig({ NODE_ENV: 'test', ...env }), parts); // production asks for secrets
  const { graph } = create({}, { transport: fakeUpstreams({}).transport });
  return {
    name,
    operations: await loadOperations(new URL('upstreams/', source)),
    endpoints: endpoints as readonly Endpoint[],
    graph,
    create,
  };
}

async function loadOperations(folder: URL): Promise<Contract[]> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && !/\.test(-d)?\.ts$/.test(file));
  const modules = await Promise.all(files.sort().map((file) => load(new URL(file, folder))));
  const exported = modules.flatMap((module) => Object.values(module)).filter(isRecord);
  return exported
    .flatMap((upstream) => Object.values(upstream).filter(isOperation))
    .map(({ contract }) => contract);
}

function load(file: URL): Promise<Module> {
  return import(/* @vite-ignore */ fileURLToPath(file)) as Promise<Module>;
}

function exportOf<F>(module: Module, prefix: string, bff: string): F {
  const found = Object.entries(module).find(
    ([name, value]) => name.startsWith(prefix) && typeof value === 'function',
  );
  if (found === undefined) throw new Error(`bffs/${bff}: no function whose name starts with '${prefix}'`);
  return found[1] as F;
}

function isOperation(value: unknown): value is { readonly contract: Contract } {
  return isRecord(value) && isRecord(value.contract) && typeof value.contract.method === 'string';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
