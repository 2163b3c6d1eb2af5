/** `bffkit routes`, and the example of the guide. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { kongRoutes } from './files.ts';

const run = promisify(execFile);
const main = fileURLToPath(new URL('../../core/src/cli/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bffkit-routes-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function bffkit(...parameters: string[]): Promise<Outcome> {
  return run(process.execPath, [main, 'routes', ...parameters]).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: Outcome) => error,
  );
}

test('a sound file is listed, route by route', async () => {
  const { code, stdout } = await bffkit('check', kongRoutes);
  expect(code).toBe(0);
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.trim().split(/ {2,}/)),
  ).toEqual([
    ...['GET', 'POST', 'PUT', 'DELETE'].map((method) => [
      `${method} /catalog/*`,
      'catalog:read',
      '5000 ms',
      'catalog.proxy',
    ]),
    ['GET /me', 'signed-in', '1500 ms', 'users.profile, orders.orders'],
  ]);
});

test('a wrong file is refused with its lines, also where only the whole BFF shows it', async () => {
  const file = join(folder, 'routes.json');
  const route = { route: 'GET /a', access: 'anyone', deadlineMs: 100, proxy: { upstream: 'a' } };
  writeFileSync(file, JSON.stringify({ routes: [{ ...route, deadlineMs: 'soon' }] }, null, 1));
  const wrong = await bffkit('check', file);
  expect([wrong.code, wrong.stderr]).toEqual([
    1,
    expect.stringMatching(/routes\.json:6:18: routes\[0\]\.deadlineMs: /),
  ]);
  writeFileSync(file, JSON.stringify({ routes: [route, route] }));
  const twice = await bffkit('check', file);
  expect([twice.code, twice.stderr]).toEqual([1, expect.stringContaining('two endpoints on one route')]);
});

test('without a file it says what it takes', async () => {
  expect((await bffkit()).code).toBe(2);
  expect((await bffkit('check', 'a', 'b')).code).toBe(2);
});

test('editors that read the published schema accept what the gateway accepts, and refuse what it refuses', async () => {
  const { stdout } = await bffkit('schema');
  const schema = z.fromJSONSchema(JSON.parse(stdout));
  const route = {
    route: 'GET /a/*',
    access: 'anyone',
    deadlineMs: 100,
    proxy: { upstream: 'a', to: '/b/*' },
  };
  const rows = [
    route,
    { ...route, acess: 'anyone' },
    { ...route, deadlineMs: 0 },
    { ...route, proxy: { upstream: 'A' } },
    { ...route, proxy: { ...route.proxy, maxAnswerBytes: 'unlimited' } },
  ];
  expect(rows.map((row) => schema.safeParse({ routes: [row] }).success)).toEqual([
    true,
    false,
    false,
    false,
    true,
  ]);
});
