import { describe, expect, test } from 'vitest';
import type { AuditFact, ProblemFact } from '../context/events.ts';
import type { Principal } from '../context/principal.ts';
import { tokenBucket } from '../limit/declare.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { countedRecords, type KeyRig, keyRig, pepper } from '../testing/key-rig.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { testContext } from '../testing/test-context.ts';
import { apiKeys } from './api-keys.ts';
import { createKey } from './key-format.ts';
import { keyHash } from './key-hash.ts';

const order = { partner: 'acme', scopes: ['orders:read'] };
const day = 86_400_000;

async function codeOf(answer: Response): Promise<unknown> {
  const { code } = (await answer.json()) as { code?: string };
  return [answer.status, code];
}

/** All that a client can see of an answer but what is new each time. */
async function wholeOf(answer: Response): Promise<unknown> {
  const { requestId: _requestId, ...body } = (await answer.json()) as Record<string, unknown>;
  const headers = [...answer.headers].filter(
    ([name]) => !/^x-request-id|^content-length|^etag|ratelimit/.test(name),
  );
  return [answer.status, headers, body];
}

describe('a right key', () => {
  test('is its partner, under the id of the key', async () => {
    const { keys, ways, clock } = keyRig();
    const { key, id } = await keys.create({ ...order, plan: 'pro', tenant: 'eu' }, 'ada');
    const context = testContext({ headers: { authorization: `Bearer ${key}` } }, { clock });
    expect(await ways.authenticate(context)).toEqual<Principal>({
      kind: 'partner',
      subject: 'acme',
      clientId: id,
      scopes: new Set(['orders:read']),
      tenant: 'eu',
      plan: 'pro',
    });
  });

  test('may do what its scopes say and nothing else', async () => {
    const { keys, call } = keyRig();
    const reader = await keys.create(order, 'ada');
    const writer = await keys.create({ ...order, scopes: ['orders:write'] }, 'ada');
    const answer = await call(reader.key);
    expect([answer.status, await answer.json()]).toEqual([200, { partner: 'acme' }]);
    expect(await codeOf(await call(writer.key))).toEqual([403, 'insufficient-scope']);
  });

  test('is looked up once in five seconds, and its use is written once in a minute', async () => {
    const { keys, call, records, clock } = keyRig();
    const { key, id } = await keys.create(order, 'ada');
    const during = async (seconds: number): Promise<readonly string[]> => {
      const before = records.commands.length;
      for (let second = 0; second < seconds; second += 1) {
        for (let time = 0; time < 10; time += 1) expect((await call(key)).status).toBe(200);
        clock.advance(1_000);
      }
      return records.commands.slice(before);
    };
    expect(await during(5)).toEqual([`get key:{${id}}`, `get key:{${id}}:end`, `set key:{${id}}:used`]);
    const rest = await during(56);
    expect(rest.filter((command) => command === `get key:{${id}}`)).toHaveLength(12);
    expect(rest.filter((command) => command.startsWith('set'))).toEqual([`set key:{${id}}:used`]);
  });

  test('tells when it was used last', async () => {
    const { keys, call, clock } = keyRig();
    const { key, id } = await keys.create(order, 'ada');
    expect((await keys.show(id)).lastUsedAt).toBeUndefined();
    clock.advance(10_000);
    await call(key);
    expect((await keys.show(id)).lastUsedAt).toBe('2026-11-01T00:00:10.000Z');
  });
});

test('documents say what a key looks like and where it goes', () => {
  const { ways } = keyRig();
  expect([ways.name, ways.challenge]).toEqual(['api-key', 'Bearer']);
  expect(ways.form).toEqual({
    summary: "An API key of a partner, for 'live'.",
    places: [{ kind: 'bearer', format: 'bffk_…' }],
    problems: [
      'bad-request-header',
      'credential-in-url',
      'invalid-api-key',
      'api-key-expired',
      'api-key-revoked',
      'wrong-environment',
      'ip-not-allowed',
      'dependency-unavailable',
    ],
  });
});

test('terms that could not be read again make no key, and the others of the partner stay', async () => {
  const { keys, call } = keyRig();
  const { key } = await keys.create(order, 'ada');
  const scope = 'must look like orders:write';
  for (const [terms, pointer, detail] of [
    [{ scopes: ['ORDERS READ'] }, '/scopes/0', scope],
    [{ scopes: ['a:b', 'x orders:read'] }, '/scopes/1', scope],
    [{ scopes: ['orders:read x'] }, '/scopes/0', scope],
    [{ partner: 'a b' }, '/partner', 'must be 1 to 64 letters, digits, - or _'],
    [{ environment: 'LIVE' }, '/environment', 'must be 2 to 16 lowercase letters or digits'],
    [{ ipAllow: ['10.0.0.0/99'] }, '/ipAllow/0', 'must be an address or a CIDR range'],
    [{ expiresInMs: 0.5 }, '/expiresMs', expect.any(String)],
  ] as const) {
    await expect(keys.create({ ...order, ...terms }, 'ada')).rejects.toMatchObject({
      code: 'validation-failed',
      options: { issues: [{ pointer, detail }] },
    });
  }
  expect((await keys.list('acme')).keys).toHaveLength(1);
  expect((await call(key)).status).toBe(200);
});

describe('a wrong key', () => {
  const rig = keyRig();
  const refused = async (): Promise<unknown> => {
    const { key } = await rig.keys.create(order, 'ada');
    const other = createKey('live', () => 7);
    return wholeOf(await rig.call(withIdOf(key, other.key)));
  };

  test('is 401 with a challenge', async () => {
    expect(await refused()).toMatchObject([
      401,
      expect.arrayContaining([['www-authenticate', 'Bearer realm="test", error="invalid_token"']]),
      { code: 'invalid-api-key' },
    ]);
  });

  test('says the same whether its id is known or not, or it cannot even be one', async () => {
    const wrong = await refused();
    const { key } = createKey('live');
    for (const credential of [
      key,
      createKey('test').key,
      key.slice(1, -1).replace('ffk', 'bffk'),
      `${key}x`,
      'bffk_',
    ]) {
      expect([credential, await wholeOf(await rig.call(credential))]).toEqual([credential, wrong]);
    }
  });

  test('opens nothing under another pepper', async () => {
    const { key } = await rig.keys.create(order, 'ada');
    const other = keyRig({ records: rig.records, clock: rig.clock, keys: { pepper: 'p'.repeat(32) } });
    expect(await codeOf(await other.call(key))).toEqual([401, 'invalid-api-key']);
  });

  test('is not told what became of the right one', async () => {
    const { key, id } = await rig.keys.create(order, 'ada');
    await rig.keys.revoke(id, 'ada');
    const guess = withIdOf(key, createKey('live').key);
    expect(await codeOf(await rig.call(guess))).toEqual([401, 'invalid-api-key']);
    expect(await codeOf(await rig.call(key))).toEqual([401, 'api-key-revoked']);
  });

  test('a thousand malformed ones ask the records nothing', async () => {
    const { key } = await rig.keys.create(order, 'ada');
    const before = rig.records.commands.length;
    for (let time = 0; time < 1_000; time += 1) {
      const at = 10 + (time % (key.length - 10));
      const changed = `${key.slice(0, at)}${key[at] === 'a' ? 'b' : 'a'}${key.slice(at + 1)}`;
      expect(await codeOf(await rig.call(changed))).toEqual([401, 'invalid-api-key']);
    }
    expect(rig.records.commands.length).toBe(before);
  });

  test('a typing error is no guess: only what could be a key counts as one', async () => {
    const failures = tokenBucket({ name: 'auth-failures', capacity: 2 });
    const { call } = keyRig({ bff: { authFailureLimit: failures } });
    for (let time = 0; time < 5; time += 1) {
      expect(await codeOf(await call('bffk_live_x'))).toEqual([401, 'invalid-api-key']);
    }
    const guesses: number[] = [];
    for (let time = 0; time < 3; time += 1) guesses.push((await call(createKey('live').key)).status);
    expect(guesses).toEqual([401, 401, 429]);
  });

  test('a made-up id is asked for once a second', async () => {
    const { key, id } = createKey('live');
    const asked = (): number =>
      rig.records.commands.filter((command) => command === `get key:{${id}}`).length;
    for (let time = 0; time < 50; time += 1) await rig.call(key);
    expect(asked()).toBe(1);
    rig.clock.advance(1_000);
    await rig.call(key);
    expect(asked()).toBe(2);
  });
});

/** The id of one key with the secret of another, checksum and all. */
function withIdOf(key: string, other: string): string {
  const [id = '', secret = ''] = [key.slice(10, 22), other.slice(23, 53)];
  const digits = [...id, ...secret].map((character) => alphabet.indexOf(character));
  return createKey('live', () => digits.shift() ?? 0).key;
}

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

describe('a key has one place', () => {
  const { key } = createKey('live');
  const ask = (target: string, headers: Record<string, string> = {}): Promise<Response> =>
    Promise.resolve(keyRig().bff.app.request(target, { headers }));

  test.each(['api_key', 'apikey', 'API-KEY', 'x-api-key', 'other'])('not ?%s=', async (name) => {
    const answer = await ask(`/orders?${name}=${key}`);
    const text = await answer.clone().text();
    expect(await codeOf(answer)).toEqual([400, 'credential-in-url']);
    expect(text).not.toContain(key);
  });

  test('not even with the right header beside it, or when it is none', async () => {
    const headers = { authorization: `Bearer ${key}` };
    expect(await codeOf(await ask(`/orders?api_key=${key}`, headers))).toEqual([400, 'credential-in-url']);
    expect(await codeOf(await ask('/orders?api_key=x', headers))).toEqual([400, 'credential-in-url']);
  });

  test('not X-Api-Key', async () => {
    expect(await codeOf(await ask('/orders', { 'x-api-key': key }))).toEqual([400, 'bad-request-header']);
    const both = { 'x-api-key': 'x', authorization: `Bearer ${key}` };
    expect(await codeOf(await ask('/orders', both))).toEqual([400, 'bad-request-header']);
  });

  test.each([
    ['the header X-Api-Key', 'bad-request-header', { headers: { 'x-api-key': 'x' } }],
    ['the URL', 'credential-in-url', { target: `/orders/${key}` }],
  ])('and who sends it in %s is told where it belongs', (_place, code, facts) => {
    const detail = 'Send the key as Authorization: Bearer KEY.';
    expect(() => keyRig().ways.authenticate(testContext(facts))).toThrow(
      expect.objectContaining({ code, options: { detail } }),
    );
  });

  test.each(['Bearer eyJh.eyJz.c2ln', 'Basic dXNlcjpwdw==', `Basic ${key}`, key])(
    'Authorization: %s is left to the next authenticator',
    (authorization) => {
      expect(keyRig().ways.authenticate(testContext({ headers: { authorization } }))).toBeUndefined();
    },
  );

  test('another query is nobody’s business', () => {
    expect(
      keyRig().ways.authenticate(testContext({ target: '/orders?key=1&monkey_api_keys=2' })),
    ).toBeUndefined();
  });
});

describe('a key that has ended', () => {
  test('is refused from the moment it expires', async () => {
    const { keys, call, clock } = keyRig();
    const { key } = await keys.create({ ...order, expiresInMs: day }, 'ada');
    clock.advance(day - 1);
    expect((await call(key)).status).toBe(200);
    clock.advance(1);
    expect(await codeOf(await call(key))).toEqual([401, 'api-key-expired']);
  });

  test('is refused at once when it is revoked, and stays so', async () => {
    const { keys, call, clock } = keyRig();
    const { key, id } = await keys.create(order, 'ada');
    expect((await call(key)).status).toBe(200);
    await keys.revoke(id, 'ada');
    expect(await codeOf(await call(key))).toEqual([401, 'api-key-revoked']);
    clock.advance(30 * day);
    expect(await codeOf(await call(key))).toEqual([401, 'api-key-revoked']);
  });
});

describe('rotation', () => {
  test('both keys work for the overlap, then the old one has expired', async () => {
    const { keys, call, clock } = keyRig();
    const old = await keys.create({ ...order, plan: 'pro', tenant: 'eu', ipAllow: ['0.0.0.0/0'] }, 'ada');
    const open = await keys.create(order, 'ada');
    const fresh = await keys.rotate(open.id, { overlapMs: 2_000 }, 'ada');
    expect([(await call(open.key)).status, (await call(fresh.key)).status]).toEqual([200, 200]);
    clock.advance(2_000);
    expect(await codeOf(await call(open.key))).toEqual([401, 'api-key-expired']);
    expect((await call(fresh.key)).status).toBe(200);

    const { key: _key, ...like } = await keys.rotate(old.id, {}, 'ada');
    const { partner, scopes, plan, tenant, ipAllow, environment } = old;
    expect(like).toMatchObject({ partner, scopes, plan, tenant, ipAllow, environment, state: 'active' });
    expect(await keys.show(old.id)).toMatchObject({
      state: 'replaced',
      replacedBy: like.id,
      graceUntil: '2026-11-02T00:00:02.000Z',
    });
  });

  test('the old key says until when it works, whatever the answer; others say nothing', async () => {
    const { keys, call } = keyRig();
    const reader = await keys.create(order, 'ada');
    const writer = await keys.create({ ...order, scopes: ['orders:write'] }, 'ada');
    const fresh = await keys.rotate(reader.id, { overlapMs: day }, 'ada');
    await keys.rotate(writer.id, { overlapMs: day }, 'ada');
    const expiryOf = async (key: string): Promise<unknown> => {
      const { status, headers } = await call(key);
      return [status, headers.get('bff-key-expires')];
    };
    expect(await expiryOf(reader.key)).toEqual([200, 'Mon, 02 Nov 2026 00:00:00 GMT']);
    expect(await expiryOf(writer.key)).toEqual([403, 'Mon, 02 Nov 2026 00:00:00 GMT']);
    expect(await expiryOf(fresh.key)).toEqual([200, null]);
  });

  test('a key that expires before the overlap is over expires then, and says so', async () => {
    const { keys, call, clock } = keyRig();
    const old = await keys.create({ ...order, expiresInMs: 3_600_000 }, 'ada');
    const fresh = await keys.rotate(old.id, { overlapMs: day }, 'ada');
    expect((await call(old.key)).headers.get('bff-key-expires')).toBe('Sun, 01 Nov 2026 01:00:00 GMT');
    expect(fresh.expiresAt).toBe('2026-11-01T01:00:00.000Z');
    clock.advance(3_600_000);
    expect(await codeOf(await call(old.key))).toEqual([401, 'api-key-expired']);
  });

  test('is told to the other instances, of both keys', async () => {
    const { keys, records, clock } = keyRig();
    const other = keyRig({ records, clock });
    const old = await keys.create(order, 'ada');
    expect((await other.call(old.key)).status).toBe(200);
    const fresh = await keys.rotate(old.id, { overlapMs: 0 }, 'ada');
    expect(await codeOf(await other.call(old.key))).toEqual([401, 'api-key-expired']);
    expect((await other.call(fresh.key)).status).toBe(200);
  });

  test('the new key of one with an end lives as long as that one', async () => {
    const { keys, clock } = keyRig();
    const old = await keys.create({ ...order, expiresInMs: 90 * day }, 'ada');
    clock.advance(80 * day);
    const fresh = await keys.rotate(old.id, {}, 'ada');
    expect(Date.parse(fresh.expiresAt ?? '') - clock.wallMs()).toBe(90 * day);
  });
});

describe('where a key may be used', () => {
  const fromAddress = async ({ ways, clock }: KeyRig, key: string, address: string): Promise<unknown> => {
    const facts = { headers: { authorization: `Bearer ${key}` } };
    const context = testContext(facts, { clock, clientAddress: () => address });
    try {
      return (await ways.authenticate(context))?.subject;
    } catch (thrown) {
      return [GatewayError.from(thrown).status, GatewayError.from(thrown).code];
    }
  };

  test.each([
    ['203.0.113.7', 'acme'],
    ['203.0.113.255', 'acme'],
    ['2001:db8::1', 'acme'],
    ['198.51.100.1', 'acme'],
    ['203.0.114.1', [403, 'ip-not-allowed']],
    ['198.51.100.2', [403, 'ip-not-allowed']],
    ['2001:db9::1', [403, 'ip-not-allowed']],
    ['unknown', [403, 'ip-not-allowed']],
  ])('from %s: %j', async (address, verdict) => {
    const rig = keyRig();
    const ipAllow = ['203.0.113.0/24', '2001:db8::/32', '198.51.100.1'];
    const { key } = await rig.keys.create({ ...order, ipAllow }, 'ada');
    expect(await fromAddress(rig, key, address)).toEqual(verdict);
  });

  test('the address is that of the client behind the proxies of the configuration', async () => {
    const { keys, call } = keyRig({ bff: { trustedProxies: ['10.0.0.0/8'] } });
    const { key } = await keys.create({ ...order, ipAllow: ['203.0.113.0/24'] }, 'ada');
    // without a socket there is no proxy, so nobody is believed
    expect(await codeOf(await call(key, { 'x-forwarded-for': '203.0.113.7' }))).toEqual([
      403,
      'ip-not-allowed',
    ]);
  });

  test('a wrong secret learns nothing of the list', async () => {
    const rig = keyRig();
    const { key } = await rig.keys.create({ ...order, ipAllow: ['203.0.113.0/24'] }, 'ada');
    const guess = withIdOf(key, createKey('live').key);
    expect(await fromAddress(rig, guess, '198.51.100.1')).toEqual([401, 'invalid-api-key']);
  });

  test('a key of another environment is refused, once it has shown its secret', async () => {
    const { keys, call, records, clock } = keyRig();
    const staging = keyRig({ records, clock, keys: { environment: 'test' } });
    const { key } = await keys.create({ ...order, environment: 'test' }, 'ada');
    expect(key).toMatch(/^bffk_test_/);
    expect(await codeOf(await call(key))).toEqual([403, 'wrong-environment']);
    expect((await staging.call(key)).status).toBe(200);
  });
});

describe('while the records are away', () => {
  test('a key that was just used still works, another is 503 with a time to try again', async () => {
    const { keys, call, records, clock } = keyRig();
    const [used, unused] = [await keys.create(order, 'ada'), await keys.create(order, 'ada')];
    expect((await call(used.key)).status).toBe(200);
    records.isAway = true;
    clock.advance(4_999);
    expect((await call(used.key)).status).toBe(200);
    const answer = await call(unused.key);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(await codeOf(answer)).toEqual([503, 'dependency-unavailable']);
    clock.advance(1);
    expect(await codeOf(await call(used.key))).toEqual([503, 'dependency-unavailable']);
    records.isAway = false;
    expect((await call(used.key)).status).toBe(200);
  });

  test('a malformed key is 401 all the same', async () => {
    const { call, records } = keyRig();
    records.isAway = true;
    expect(await codeOf(await call('bffk_live_x'))).toEqual([401, 'invalid-api-key']);
  });

  test('a use that cannot be written costs nobody anything', async () => {
    const clock = manualClock();
    const records = countedRecords(clock);
    const { keys, call } = keyRig({ clock, records: { ...records, set: refuseUse(records.set) } });
    const { key, id } = await keys.create(order, 'ada');
    expect((await call(key)).status).toBe(200);
    expect((await keys.show(id)).lastUsedAt).toBeUndefined();
  });

  test('a record that cannot be read is 503, never 401, and its text is nowhere', async () => {
    const { keys, call, records, bff } = keyRig();
    const causes: unknown[] = [];
    bff.events.on('request', ({ cause }) => causes.push(cause));
    const { key, id } = await keys.create(order, 'ada');
    await records.set(`key:{${id}}`, '{"hash":"broken');
    expect(await codeOf(await call(key))).toEqual([503, 'dependency-unavailable']);
    expect(String(causes[0])).toBe('Error: the record of a key cannot be read');
  });
});

type Set = ReturnType<typeof countedRecords>['set'];

function refuseUse(set: Set): Set {
  return (key, ...rest) => {
    if (key.endsWith(':used')) return Promise.reject(new GatewayError('dependency-unavailable'));
    return set(key, ...rest);
  };
}

describe('the pepper', () => {
  test('can change: keys of the old one work while it is in the ring', async () => {
    const { keys, records, clock } = keyRig();
    const { key } = await keys.create(order, 'ada');
    const both = keyRig({ records, clock, keys: { pepper: ['n'.repeat(32), pepper] } });
    const after = keyRig({ records, clock, keys: { pepper: 'n'.repeat(32) } });
    const fresh = await both.keys.create(order, 'ada');
    expect([(await both.call(key)).status, (await both.call(fresh.key)).status]).toEqual([200, 200]);
    expect([(await after.call(key)).status, (await after.call(fresh.key)).status]).toEqual([401, 200]);
  });
});

describe('keys of the configuration', () => {
  const { key, id } = createKey('live');
  const seed = { id, hash: keyHash(pepper).of(key), ...order };

  test('work from the start, and are listed', async () => {
    const { keys, call } = keyRig({ keys: { seeds: [seed] } });
    expect((await call(key)).status).toBe(200);
    expect((await keys.list()).keys.map(({ id: listed }) => listed)).toEqual([id]);
  });

  test('stay revoked although the configuration still has them', async () => {
    const { keys, records, clock } = keyRig({ keys: { seeds: [seed] } });
    await keys.revoke(id, 'ada');
    clock.advance(200 * day);
    await keys.list();
    const restarted = keyRig({ records, clock, keys: { seeds: [seed] } });
    expect(await codeOf(await restarted.call(key))).toEqual([401, 'api-key-revoked']);
  });

  test('are added as soon as the records are there', async () => {
    const { records, call } = keyRig({ keys: { seeds: [seed] } });
    records.isAway = true;
    expect((await call(key)).status).toBe(503);
    records.isAway = false;
    expect((await call(key)).status).toBe(200);
  });

  test.each([
    [
      'the key itself as hash',
      { ...seed, hash: key },
      'seed 2: hash must be 64 lowercase hexadecimal digits',
    ],
    ['an id no key can have', { ...seed, id: key }, 'seed 2: id must be 12 letters or digits'],
    [
      'a range that is none',
      { ...seed, ipAllow: ['x'] },
      'seed 2: ipAllow.0 must be an address or a CIDR range',
    ],
    ['an id that is there', seed, `the id '${id}' appears twice in the seeds`],
  ])('with %s it does not start, and says no secret', (_what, wrong, message) => {
    const start = (): unknown => keyRig({ keys: { seeds: [seed, wrong] } });
    expect(start).toThrow(new RangeError(`apiKeys: ${message}`));
    expect(start).not.toThrow(key.slice(23));
  });
});

describe('does not start with', () => {
  test.each([
    [{ environment: 'Live' }, "environment must be 2 to 16 lowercase letters or digits, got 'Live'"],
    [{ pepper: 'short' }, 'pepper 1 must have at least 32 characters, got 5'],
    [{ peppers: [pepper] }, "unknown option 'peppers'; did you mean 'pepper'?"],
  ])('%j', (options, message) => {
    const records = countedRecords(manualClock());
    const start = (): unknown => apiKeys({ records, pepper, environment: 'live', ...options } as never);
    expect(start).toThrow(new RangeError(`apiKeys: ${message}`));
  });
});

describe('another instance', () => {
  test('refuses a revoked key at once', async () => {
    const { keys, records, clock } = keyRig();
    const other = keyRig({ records, clock });
    const { key, id } = await keys.create(order, 'ada');
    expect((await other.call(key)).status).toBe(200);
    await keys.revoke(id, 'ada');
    expect(await codeOf(await other.call(key))).toEqual([401, 'api-key-revoked']);
  });

  test('that could not hear of it does so after the gap, before five seconds are over', async () => {
    const { keys, records, clock } = keyRig();
    const other = keyRig({ records, clock });
    const { key, id } = await keys.create(order, 'ada');
    expect((await other.call(key)).status).toBe(200);
    records.isDeaf = true;
    await keys.revoke(id, 'ada');
    expect((await other.call(key)).status).toBe(200);
    records.gap();
    expect(await codeOf(await other.call(key))).toEqual([401, 'api-key-revoked']);
  });
});

describe('facts', () => {
  test('every change is audited with who, what and when, and nothing secret', async () => {
    const { keys, bff } = keyRig();
    const audit: AuditFact[] = [];
    bff.events.on('audit', (fact) => audit.push(fact));
    const first = await keys.create({ ...order, plan: 'pro', ipAllow: ['10.0.0.1'] }, 'ada');
    const second = await keys.rotate(first.id, {}, 'ben');
    await keys.revoke(first.id, 'eve');
    await keys.revoke(first.id, 'eve');
    const terms = { ...order, environment: 'live', plan: 'pro', ipAllow: ['10.0.0.1'] };
    const atMs = Date.UTC(2026, 10, 1);
    const graceUntil = '2026-11-02T00:00:00.000Z';
    expect(audit).toEqual([
      { actor: 'ada', action: 'key.create', target: first.id, atMs, details: terms },
      {
        actor: 'ben',
        action: 'key.rotate',
        target: first.id,
        atMs,
        details: { ...terms, replacedBy: second.id, graceUntil },
      },
      { actor: 'eve', action: 'key.revoke', target: first.id, atMs, details: { partner: 'acme' } },
    ]);
  });

  test('a revocation that cannot be told holds here at once, and is a problem for the log', async () => {
    const clock = manualClock();
    const records = countedRecords(clock);
    const publish = (): Promise<void> => Promise.reject(new GatewayError('dependency-unavailable'));
    const { keys, call, bff } = keyRig({ clock, records: { ...records, publish } });
    const problems: ProblemFact[] = [];
    const { key, id } = await keys.create(order, 'ada');
    bff.events.on('problem', (fact) => problems.push(fact));
    expect((await call(key)).status).toBe(200);
    expect(await keys.revoke(id, 'ada')).toMatchObject({ state: 'revoked' });
    expect(await codeOf(await call(key))).toEqual([401, 'api-key-revoked']);
    expect(problems.map(({ part }) => part)).toEqual(['telling of a changed key']);
  });
});

test('the text of a key is nowhere but in the answer that made it', async () => {
  const { keys, call, bff, records } = keyRig();
  const seen: unknown[] = [];
  for (const kind of ['request', 'audit', 'problem', 'limit'] as const)
    bff.events.on(kind, (fact) => seen.push(fact));
  const values: unknown[] = [];
  const { set } = records;
  records.set = (key, value, options) => {
    values.push(key, value);
    return set(key, value, options);
  };
  const first = await keys.create(order, 'ada');
  const second = await keys.rotate(first.id, {}, 'ada');
  for (const { key } of [first, second]) await call(key);
  await call(`${first.key}x`);
  const shown = [await keys.list(), await keys.show(first.id), await keys.revoke(first.id, 'ada')];
  await call(first.key);
  const text = JSON.stringify([seen, shown, values, records.commands]);
  expect(values.length).toBeGreaterThan(4);
  for (const { key } of [first, second]) expect(text).not.toContain(key.slice(23, 53));
  expect(JSON.stringify(shown)).not.toMatch(/[0-9a-f]{64}/);
});

test('closed, it hears nothing more', async () => {
  const { bff, records, ways } = keyRig();
  await bff.close();
  expect(() => records.gap()).not.toThrow();
  expect(() => ways.close()).not.toThrow();
});
