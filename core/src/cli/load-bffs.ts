/**
 * Finds the BFFs of a repository and builds them without listening: `bffs/NAME/src/app.ts` exports
 * `createBff(config)`, `bffs/NAME/src/config.ts` exports `readConfig(env)`.
 *
 * @module
 */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Bff } from '../bff.ts';
import type { BffGraph } from '../graph.ts';
import { UsageError } from './usage-error.ts';

interface AppModule {
  readonly createBff?: (config: unknown) => Bff;
}

interface ConfigModule {
  readonly readConfig?: (env: NodeJS.ProcessEnv) => unknown;
}

/** The nearest folder upwards that has a `bffs` folder. */
export function findRoot(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'bffs'))) return folder;
    if (dirname(folder) === folder) throw new UsageError(`there is no folder 'bffs' in ${from} or above it`);
  }
}

/** The names under `bffs/`, sorted. */
export function bffNames(root: string): string[] {
  return readdirSync(join(root, 'bffs'))
    .filter((name) => existsSync(join(root, 'bffs', name, 'src', 'app.ts')))
    .sort();
}

/** The graph of one BFF, or of all when no name is given. */
export async function loadGraphs(name?: string): Promise<BffGraph[]> {
  return (await loadBffs(name)).map(({ graph }) => graph);
}

/** One BFF as declared and already closed, or all of them when no name is given. */
export function loadBffs(name?: string): Promise<Bff[]> {
  const root = findRoot(process.cwd());
  const names = bffNames(root);
  if (name !== undefined && !names.includes(name)) {
    throw new UsageError(`there is no BFF '${name}'; there are ${names.join(', ')}`);
  }
  return Promise.all((name === undefined ? names : [name]).map((each) => loadBff(root, each)));
}

async function loadBff(root: string, name: string): Promise<Bff> {
  const load = (file: string): Promise<unknown> =>
    import(pathToFileURL(join(root, 'bffs', name, 'src', file)).href);
  const { createBff } = (await load('app.ts')) as AppModule;
  const { readConfig } = (await load('config.ts')) as ConfigModule;
  if (createBff === undefined) throw new UsageError(`bffs/${name}/src/app.ts does not export createBff`);
  if (readConfig === undefined) throw new UsageError(`bffs/${name}/src/config.ts does not export readConfig`);
  const bff = createBff(readConfig({ NODE_ENV: 'development', ...process.env }));
  await bff.close();
  return bff;
}
