import { describe, expect, test } from 'vitest';
import { adminApp } from '../node/admin.ts';
import type { AdminOptions } from '../node/admin-guard.ts';
import { type KeyRig, keyRig } from '../testing/key-rig.ts';
import { testBff } from '../testing/test-bff.ts';
import { keysCommand } from './keys.ts';

type Env = Readonly<Record<string, string>>;

interface CommandRig extends KeyRig {
  /** Where the command asked. */
  readonly asked: string[];
  bffkit(line: string, env?: Env, user?: string): Promise<string>;
}

function commandRig(admin: AdminOptions = {}, rig = keyRig()): CommandRig {
  const app = adminApp(rig.bff, () => true, admin);
  const asked: string[] = [];
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    asked.push(url);
    return app.request(url, init);
  };
  return {
    ...rig,
    asked,
    bffkit: (line, env = {}, user = 'ada') =>
      keysCommand(line.split(' '), { fetch: fetch as typeof globalThis.fetch, env, user: () => user }),
  };
}

const create = 'create --partner acme --scopes orders:read';

async function newKey({ bffkit }: CommandRig, line = create): Promise<{ id: string; key: string }> {
  return JSON.parse(await bffkit(`${line} --json`));
}

describe('create', () => {
  test('shows the key once, first, with what it may do', async () => {
    const rig = commandRig();
    const text = await rig.bffkit(
      `${create},stock:read --plan pro --tenant eu --expires 90d --cidr 10.0.0.0/8,::1 --cidr 192.0.2.1`,
    );
    const [key = ''] = text.split('\n');
    expect(key).toMatch(/^bffk_live_\w{49}$/);
    expect(text.split(key)).toHaveLength(2);
    expect(text).toContain('only time the key is shown');
    for (const line of [
      /^begins with +bffk_live_\w{12}_$/m,
      /^partner +acme$/m,
      /^state +active$/m,
      /^scopes +orders:read stock:read$/m,
      /^plan +pro$/m,
      /^tenant +eu$/m,
      /^only from +10\.0\.0\.0\/8 ::1 192\.0\.2\.1$/m,
      /^expires +2027-01-30T00:00:00\.000Z$/m,
    ]) {
      expect(text).toMatch(line);
    }
  });

  test('makes a key that works, also of another environment', async () => {
    const rig = commandRig();
    expect((await rig.call((await newKey(rig)).key)).status).toBe(200);
    expect((await newKey(rig, `${create} --env test`)).key).toMatch(/^bffk_test_/);
  });

  test('a refusal names every option that is wrong', async () => {
    const failing = commandRig().bffkit('create --partner a/b --scopes all');
    await expect(failing).rejects.toThrow(
      'The request is not valid (400)\n  partner must be 1 to 64 letters, digits, - or _\n  scopes/0 must look like orders:write',
    );
  });
});

test('list is a table, of all partners or of one', async () => {
  const rig = commandRig();
  expect(await rig.bffkit('list')).toBe('no keys\n');
  const first = await newKey(rig);
  rig.clock.advance(1);
  const second = await newKey(rig, 'create --partner other --scopes a:b --plan pro');
  await rig.call(first.key);
  await rig.bffkit(`revoke ${second.id}`);
  const text = await rig.bffkit('list');
  expect(text).toMatch(/^id +partner +env +state +plan +scopes +created +ends +last used\n/);
  expect(text).toMatch(
    new RegExp(
      `^${first.id} +acme +live +active +- +orders:read +2026-11-01 +- +2026-11-01T00:00:00.001Z$`,
      'm',
    ),
  );
  expect(text).toMatch(
    new RegExp(
      `^${second.id} +other +live +revoked +pro +a:b +2026-11-01 +2026-11-01T00:00:00.001Z +never$`,
      'm',
    ),
  );
  expect(await rig.bffkit('list --partner other')).not.toContain(first.id);
  expect(JSON.parse(await rig.bffkit('list --json'))).toMatchObject({
    keys: [{ id: first.id }, { id: second.id }],
  });
});

test('a list that was cut says so', async () => {
  const answer = { keys: [await newKey(commandRig())], isCut: true };
  const fetch = async (): Promise<Response> => Response.json(answer);
  expect(await keysCommand(['list'], { fetch, env: {}, user: () => 'ada' })).toContain(
    'ask for one with --partner',
  );
});

test('show is one key, without its secret', async () => {
  const rig = commandRig();
  const { id, key } = await newKey(rig, 'create --partner acme --scopes a:b --expires 1d');
  const text = await rig.bffkit(`show ${id}`);
  expect(text).toMatch(new RegExp(`^id +${id}$`, 'm'));
  expect(text).toMatch(/^scopes +a:b$/m);
  expect(text).not.toContain(key.slice(23));
  const bare = await rig.keys.create({ partner: 'acme', scopes: [] }, 'ada');
  expect(await rig.bffkit(`show ${bare.id}`)).toMatch(/^scopes +none$/m);
});

test('rotate gives the new key, and the old one the overlap', async () => {
  const rig = commandRig();
  const { id } = await newKey(rig);
  expect(await rig.bffkit(`rotate ${id} --overlap 2h`)).toMatch(/^bffk_live_\w{49}\n/);
  const text = await rig.bffkit(`show ${id}`);
  expect(text).toMatch(/^state +replaced$/m);
  expect(text).toMatch(/^works until +2026-11-01T02:00:00\.000Z$/m);
  expect(text).toMatch(/^replaced by +\w{12}$/m);
  await expect(rig.bffkit(`rotate ${id}`)).rejects.toThrow(/^The key was replaced by '\w{12}'\. \(409\)$/);
  const other = await newKey(rig);
  await rig.bffkit(`rotate ${other.id}`);
  expect(await rig.keys.show(other.id)).toMatchObject({ graceUntil: '2026-11-02T00:00:00.000Z' });
});

test('revoke ends a key', async () => {
  const rig = commandRig();
  const { id, key } = await newKey(rig);
  expect(await rig.bffkit(`revoke ${id}`)).toBe(`revoked bffk_live_${id} of acme\n`);
  expect((await rig.call(key)).status).toBe(401);
  await expect(rig.bffkit('revoke aaaaaaaaaaaa')).rejects.toThrow("There is no key 'aaaaaaaaaaaa'. (404)");
});

describe('who and where', () => {
  test('the actor is the user of the machine, unless told otherwise', async () => {
    const rig = commandRig();
    const actors: string[] = [];
    rig.bff.events.on('audit', ({ actor }) => actors.push(actor));
    await rig.bffkit(create);
    await rig.bffkit(create, {}, 'Zoë Müller');
    await rig.bffkit(create, {}, '');
    await rig.bffkit(`${create} --actor eve`);
    expect(actors).toEqual(['ada', 'Zo__M_ller', 'unknown', 'eve']);
  });

  test('the admin port is --admin, else BFFKIT_ADMIN, else that of the partner BFF', async () => {
    const { asked, bffkit } = commandRig();
    await bffkit('list');
    await bffkit('list', { BFFKIT_ADMIN: 'http://127.0.0.1:9999/' });
    await bffkit('list --admin http://localhost:9998/keys', { BFFKIT_ADMIN: 'http://127.0.0.1:9999' });
    expect(asked).toEqual([
      'http://127.0.0.1:9003/keys',
      'http://127.0.0.1:9999/keys',
      'http://localhost:9998/keys',
    ]);
  });

  test('its token is BFFKIT_ADMIN_TOKEN', async () => {
    const token = 't'.repeat(32);
    const { bffkit } = commandRig({ token });
    expect(await bffkit('list', { BFFKIT_ADMIN_TOKEN: token })).toBe('no keys\n');
    await expect(bffkit('list')).rejects.toThrow('the admin port asks for a token: set BFFKIT_ADMIN_TOKEN');
  });
});

describe('what fails says why, as a failure of the command', () => {
  const failing = (fetch: () => Promise<Response>): Promise<string> =>
    keysCommand(['list'], { fetch, env: {}, user: () => 'ada' });

  test.each<[string, () => Promise<Response>, string]>([
    [
      'nobody listens',
      () =>
        Promise.reject(
          new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) }),
        ),
      'no answer from http://127.0.0.1:9003: ECONNREFUSED; is the BFF running? See --admin',
    ],
    [
      'it takes too long',
      () => Promise.reject(new Error('the operation timed out')),
      'no answer from http://127.0.0.1:9003: the operation timed out; is the BFF running? See --admin',
    ],
    [
      'it breaks otherwise',
      () => Promise.reject('broken'),
      'no answer from http://127.0.0.1:9003: broken; is the BFF running? See --admin',
    ],
    [
      'it is something else',
      async () => new Response('hello', { status: 200 }),
      'the admin port refused (200)',
    ],
    ['it is another BFF', async () => new Response('404', { status: 404 }), 'this BFF has no keys (404)'],
    ['it fails', async () => new Response('', { status: 500 }), 'the admin port refused (500)'],
  ])('when %s', async (_what, fetch, message) => {
    await expect(failing(fetch)).rejects.toThrow(expect.objectContaining({ name: 'CommandFailed', message }));
  });

  test('when a BFF has no keys', async () => {
    const app = adminApp(testBff([], {}), () => true);
    const fetch = async (url: unknown): Promise<Response> => app.request(String(url));
    await expect(keysCommand(['list'], { fetch, env: {}, user: () => 'ada' })).rejects.toThrow('has no keys');
  });
});

describe('what is typed wrong is a usage error', () => {
  test.each([
    ['', "say what to do: 'keys create, list, show, rotate, pin, revoke'"],
    ['toString', "say what to do: 'keys create, list, show, rotate, pin, revoke'"],
    ['create', 'keys create needs --partner PARTNER and --scopes SCOPE,…'],
    ['create --partner acme', 'keys create needs --partner PARTNER and --scopes SCOPE,…'],
    [`${create} --expires soon`, "--expires must look like 90d, 24h, 30m or 2s, got 'soon'"],
    [`${create} --overlap 1d`, 'keys create has no option --overlap'],
    ['list acme', 'keys list takes no ID, got 1'],
    ['show', 'keys show takes one ID, got 0'],
    ['revoke a b', 'keys revoke takes one ID, got 2'],
    ['rotate a --overlap 1w', "--overlap must look like 90d, 24h, 30m or 2s, got '1w'"],
    ['list --admin ftp://x', "--admin must be an http or https address, got 'ftp://x'"],
    ['list --admin 9003', "--admin must be an http or https address, got '9003'"],
  ])('keys %s', async (line, message) => {
    const { asked, bffkit } = commandRig();
    await expect(bffkit(line)).rejects.toThrow(expect.objectContaining({ name: 'UsageError', message }));
    expect(asked).toEqual([]);
  });
});

test.each([
  ['2s', '2026-11-01T00:00:02.000Z'],
  ['30m', '2026-11-01T00:30:00.000Z'],
  ['24h', '2026-11-02T00:00:00.000Z'],
])('--expires %s', async (expires, expiresAt) => {
  expect(await newKey(commandRig(), `${create} --expires ${expires}`)).toMatchObject({ expiresAt });
});
