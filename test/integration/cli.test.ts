/**
 * The `bffkit` command as a person runs it: in a process of its own, in this repository or in an empty one.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Bff } from 'bffkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const main = join(root, 'core', 'src', 'cli', 'main.ts');

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function bffkit(cwd: string, ...parameters: readonly string[]): Promise<Run> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...parameters], { cwd }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });
}

describe('looking at the BFFs of this repository', () => {
  test('graph shows the endpoints of a BFF with their calls', async () => {
    const { code, out } = await bffkit(root, 'graph', 'web');
    expect(code).toBe(0);
    expect(out).toContain('web (@acme/web)');
    expect(out).toMatch(/GET \/api\/home .*\n.*at most 8 calls, 3 in a row/);
    expect(out).toMatch(/profile +users\.get +required/);
    expect(out).toMatch(
      / item +catalog\.get .* kept for everybody 1 min, stale 5 min more, .*tags by request$/m,
    );
    expect(out).toMatch(/ profile +users\.get .* kept per caller 30 s$/m);
    expect(out).toMatch(/GET \/app\.css .*\n.*deadline 1000 ms; no calls$/m);
  });

  test('graph --json is the graph of every BFF as data', async () => {
    const graphs = JSON.parse((await bffkit(root, 'graph', '--json')).out) as { name: string }[];
    expect(graphs.map(({ name }) => name)).toEqual(expect.arrayContaining(['mobile', 'partner', 'web']));
  });

  test('fields finds who reads a field of a service, and nobody else', async () => {
    const { out } = await bffkit(root, 'fields', 'orders.total');
    expect(out).toMatch(/^web +GET \/api\/home +recent +orders\.list +items\.total\.amount$/m);
    expect(out).not.toContain('/api/account');
  });

  test.each([
    [['fields', 'ordrs.total'], "no endpoint calls 'ordrs'; they call catalog,"],
    [['fields', 'orders.totl'], 'no endpoint reads orders.totl; of orders they read customerId,'],
    [['graph', 'nope'], "there is no BFF 'nope'; there are mobile, partner, web"],
    [['grpah'], "unknown command 'grpah'"],
    [['new', 'thing'], "say what to make: 'new bff NAME' or 'new endpoint BFF NAME'"],
    [['new', 'bff', 'Kiosk 1'], "must be lowercase words joined by -, got 'Kiosk 1'"],
    [['new', 'bff', 'web'], 'exists already'],
  ])('%j is refused with what there is instead', async (parameters, message) => {
    const { code, err } = await bffkit(root, ...parameters);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err).toContain('bffkit graph [BFF]');
  });
});

describe('making a BFF', () => {
  let folder: string;

  beforeAll(async () => {
    const cache = join(root, 'node_modules', '.cache'); // packages are found from here
    await mkdir(cache, { recursive: true });
    folder = await mkdtemp(join(cache, 'bffkit-cli-'));
    await mkdir(join(folder, 'bffs'));
  });

  afterAll(() => rm(folder, { recursive: true }));

  test('writes a BFF that boots and answers, on ports nobody has', async () => {
    expect((await bffkit(folder, 'new', 'bff', 'kiosk')).code).toBe(0);
    expect((await bffkit(folder, 'new', 'bff', 'field-sales')).out).toContain('on port 4002');
    const load = (file: string) => import(pathToFileURL(join(folder, 'bffs', 'kiosk', 'src', file)).href);
    const { createBff } = (await load('app.ts')) as { createBff: (config: unknown) => Bff };
    const { readConfig } = (await load('config.ts')) as { readConfig: (env: object) => unknown };
    const bff = createBff(readConfig({}));
    expect(bff.graph.endpoints).toMatchObject([{ path: '/hello', slo: { availability: 99.9 } }]);
    expect((await bff.app.request('/hello')).status).toBe(401);
    await bff.close();
  });

  test('writes an endpoint beside the others, and touches nothing that exists', async () => {
    expect((await bffkit(folder, 'new', 'endpoint', 'kiosk', 'price-tag')).code).toBe(0);
    const endpoints = join(folder, 'bffs', 'kiosk', 'src', 'endpoints');
    expect(await readdir(endpoints)).toContain('price-tag.test.ts');
    expect(await readFile(join(endpoints, 'price-tag.ts'), 'utf8')).toContain("endpoint('GET', '/price-tag'");
    expect((await bffkit(folder, 'new', 'endpoint', 'kiosk', 'price-tag')).err).toContain('exists already');
  });
});
