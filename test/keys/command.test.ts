/**
 * `bffkit keys` in a process of its own, against the admin port of a BFF that is served, with the keys in a
 * file that outlives it.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { apiKeys, fileRecords } from 'bffkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { orders, pepper } from '../support/key-bffs.ts';
import { type ServedBff, served } from '../support/served.ts';

const main = fileURLToPath(new URL('../../core/src/cli/main.ts', import.meta.url));

let folder: string;
let running: ServedBff;
/** All that was logged and written by commands, but for the answers that make keys. */
const written: string[] = [];

async function start(): Promise<ServedBff> {
  const records = fileRecords(join(folder, 'keys.json'));
  const ways = apiKeys({ records, pepper, environment: 'live' });
  return served({ identity: [ways], upstreams: [], endpoints: [orders] });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bffkit-keys-'));
  running = await start();
});
afterAll(async () => {
  await running.close();
  await rm(folder, { recursive: true });
});

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function keys(...parameters: readonly string[]): Promise<Run> {
  const env = { ...process.env, BFFKIT_ADMIN: running.adminUrl, BFFKIT_ADMIN_TOKEN: '' };
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'keys', ...parameters], { env }, (error, out, err) => {
      const makes = parameters[0] === 'create' || parameters[0] === 'rotate';
      written.push(err, ...(makes ? [] : [out]));
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });
}

async function call(key: string): Promise<number> {
  return (await fetch(`${running.url}/orders`, { headers: { authorization: `Bearer ${key}` } })).status;
}

test('a key is made, listed, replaced and revoked; all of it is in the audit, no secret is anywhere', async () => {
  const made = await keys(
    'create',
    '--partner',
    'acme',
    '--scopes',
    'orders:read',
    '--actor',
    'ada',
    '--json',
  );
  expect([made.code, made.err]).toEqual([0, '']);
  const { id, key } = JSON.parse(made.out) as { readonly id: string; readonly key: string };
  expect(await call(key)).toBe(200);
  expect((await keys('list')).out).toMatch(new RegExp(`^${id} +acme +live +active`, 'm'));

  const rotated = await keys('rotate', id, '--overlap', '1h', '--actor', 'ben', '--json');
  const fresh = JSON.parse(rotated.out) as { readonly id: string; readonly key: string };
  expect([await call(key), await call(fresh.key)]).toEqual([200, 200]);
  expect((await keys('show', id)).out).toMatch(new RegExp(`^replaced by +${fresh.id}$`, 'm'));

  expect((await keys('revoke', id, '--actor', 'eve')).out).toBe(`revoked bffk_live_${id} of acme\n`);
  expect([await call(key), await call(fresh.key)]).toEqual([401, 200]);

  await running.close();
  const { log } = running;
  expect(log.filter(({ stream }) => stream === 'audit')).toMatchObject([
    { level: 'info', msg: 'audit', actor: 'ada', action: 'key.create', target: id },
    { level: 'info', msg: 'audit', actor: 'ben', action: 'key.rotate', target: id },
    { level: 'info', msg: 'audit', actor: 'eve', action: 'key.revoke', target: id },
  ]);
  running = await start();
  expect([await call(key), await call(fresh.key)]).toEqual([401, 200]);

  const all =
    JSON.stringify([log, running.log, written]) + (await readFile(join(folder, 'keys.json'), 'utf8'));
  expect(all).toContain(id);
  for (const text of [key, fresh.key]) expect(all).not.toContain(text.slice(23, 53));
});

test('what was refused exits with 1 and a sentence, what was typed wrong with 2 and the help', async () => {
  const missing = await keys('revoke', 'aaaaaaaaaaaa');
  expect([missing.code, missing.err]).toEqual([1, "bffkit: There is no key 'aaaaaaaaaaaa'. (404)\n"]);
  const nobody = await keys('list', '--admin', 'http://127.0.0.1:1');
  expect([nobody.code, nobody.err]).toEqual([1, expect.stringContaining('is the BFF running?')]);
  const typo = await keys('list', '--jsno');
  expect([typo.code, typo.err]).toEqual([2, expect.stringContaining('bffkit keys create --partner')]);
  expect(typo.err).toContain("Unknown option '--jsno'");
  const none = await keys('create');
  expect([none.code, none.err]).toEqual([2, expect.stringContaining('needs --partner PARTNER')]);
});
