/**
 * `bffkit new`: writes the files of a new BFF or a new endpoint. Nothing that exists is touched.
 *
 * @module
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bffNames, findRoot } from './load-bffs.ts';
import { bffFiles, endpointFiles } from './templates.ts';
import { UsageError } from './usage-error.ts';

const firstPort = 4_001;
const firstAdminPort = 9_001;

/** @param parameters `bff NAME` or `endpoint BFF NAME` */
export function newCommand([what, ...names]: readonly string[]): string {
  const root = findRoot(process.cwd());
  if (what === 'bff') return newBff(root, nameOf(names[0], 'the BFF'));
  if (what === 'endpoint')
    return newEndpoint(root, nameOf(names[0], 'the BFF'), nameOf(names[1], 'the endpoint'));
  throw new UsageError(`say what to make: 'new bff NAME' or 'new endpoint BFF NAME'`);
}

function newBff(root: string, name: string): string {
  const folder = join('bffs', name);
  if (existsSync(join(root, folder))) throw new UsageError(`${folder} exists already`);
  const offset = highestPort(root) + 1 - firstPort;
  write(root, bffFiles({ name, folder, port: firstPort + offset, adminPort: firstAdminPort + offset }));
  return `made ${folder}\n\n  npm install   links the new package\n  npm start     runs it beside the others, on port ${firstPort + offset}\n`;
}

function newEndpoint(root: string, bff: string, name: string): string {
  if (!bffNames(root).includes(bff))
    throw new UsageError(`there is no BFF '${bff}'; there are ${bffNames(root).join(', ')}`);
  const folder = join('bffs', bff, 'src', 'endpoints');
  const files = endpointFiles({ name, prefix: prefixOf(join(root, folder)), folder });
  const taken = Object.keys(files).find((file) => existsSync(join(root, file)));
  if (taken !== undefined) throw new UsageError(`${taken} exists already`);
  write(root, files);
  return `made ${Object.keys(files).join(' and ')}\n\nadd it to the list in ${join(folder, 'index.ts')}\n`;
}

/** Where the routes of a BFF begin: `/api` or `/v1`, as most of its endpoints say. */
function prefixOf(folder: string): string {
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8'));
  return texts.flatMap((text) => /endpoint\('[A-Z]+', '(\/[\w-]+)\//.exec(text)?.[1] ?? []).at(0) ?? '';
}

/** The highest default port the BFFs name; a new BFF takes the next. */
function highestPort(root: string): number {
  const ports = readdirSync(join(root, 'bffs')).flatMap((name) => {
    const file = join(root, 'bffs', name, 'src', 'main.ts');
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    return Number(/\{ port: (\d[\d_]*)/.exec(text)?.[1]?.replaceAll('_', '') ?? firstPort - 1);
  });
  return Math.max(firstPort - 1, ...ports);
}

function nameOf(name: string | undefined, what: string): string {
  if (name === undefined) throw new UsageError(`the name of ${what} is missing`);
  if (/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) return name;
  throw new UsageError(`the name of ${what} must be lowercase words joined by -, got '${name}'`);
}

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text, { flag: 'wx' });
  }
}
