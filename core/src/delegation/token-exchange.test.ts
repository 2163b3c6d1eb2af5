import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Principal } from '../context/principal.ts';
import type { RequestContext } from '../context/request-context.ts';
import { memoryRecords } from '../records/memory-records.ts';
import type { RecordStore } from '../records/record-store.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { issued, type ScriptedProvider, scriptedProvider } from '../testing/scripted-provider.ts';
import { testContext } from '../testing/test-context.ts';
import type { UpstreamIdentity } from '../upstream/identity.ts';
import { type TokenExchangeOptions, tokenExchange } from './token-exchange.ts';

let clock: ReturnType<typeof manualClock>;
let provider: ScriptedProvider;
const opened: UpstreamIdentity[] = [];

beforeEach(async () => {
  clock = manualClock();
  let count = 0;
  provider = await scriptedProvider(() => {
    count += 1;
    return issued(`exchanged-${count}`);
  });
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map(async (identity) => identity.close?.()));
  await provider.close();
});

function open(options: Partial<TokenExchangeOptions> = {}): UpstreamIdentity {
  const { tokenEndpoint } = provider;
  const base = { tokenEndpoint, clientId: 'bff', clientSecret: 'secret', audience: 'orders' };
  const identity = tokenExchange({ ...base, ...options } as TokenExchangeOptions);
  opened.push(identity);
  return identity;
}

function contextOf(subjectToken: string, scopes: readonly string[] = ['a', 'b', 'c']): RequestContext {
  const context = testContext({ headers: { authorization: `Bearer ${subjectToken}` } }, { clock });
  const principal: Principal = {
    kind: 'user',
    subject: 'ada',
    clientId: 'app',
    scopes: new Set(scopes),
    tenant: undefined,
  };
  context.principal = principal;
  context.subjectToken = subjectToken;
  return context;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('an exchange', () => {
  test('asks for a token of the caller for the service', async () => {
    expect(await open().headers(contextOf('of-ada'))).toEqual(bearer('exchanged-1'));
    expect(provider.requests[0]?.form).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: 'of-ada',
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      audience: 'orders',
    });
  });

  test('serves a hundred requests at once, and those after', async () => {
    const identity = open();
    const all = await Promise.all(
      Array.from({ length: 100 }, async () => identity.headers(contextOf('of-ada'))),
    );
    expect(all.every((headers) => headers.authorization === 'Bearer exchanged-1')).toBe(true);
    expect(identity.headers(contextOf('of-ada'))).toEqual(bearer('exchanged-1'));
    expect(provider.requests).toHaveLength(1);
  });

  test('of one caller is not that of another, nor of the same one with another token', async () => {
    const identity = open();
    expect(await identity.headers(contextOf('of-ada'))).toEqual(bearer('exchanged-1'));
    expect(await identity.headers(contextOf('of-bob'))).toEqual(bearer('exchanged-2'));
    expect(identity.headers(contextOf('of-ada'))).toEqual(bearer('exchanged-1'));
  });

  test.each([
    ['30 s before its end', 100, 70_000],
    ['for five minutes at most', 3_600, 300_000],
    ['for half a minute when the provider does not say', undefined, 30_000],
  ])('is used until %s', async (_how, seconds, goodForMs) => {
    provider.script = () => issued('t', { expires_in: seconds });
    const identity = open();
    await identity.headers(contextOf('of-ada'));
    clock.advance(goodForMs - 1);
    expect(identity.headers(contextOf('of-ada'))).toEqual(bearer('t'));
    clock.advance(1);
    expect(identity.headers(contextOf('of-ada'))).toBeInstanceOf(Promise);
  });

  test('with an end that is too near serves those who wait', async () => {
    provider.script = () => issued('t', { expires_in: 30 });
    const identity = open();
    expect(await identity.headers(contextOf('of-ada'))).toEqual(bearer('t'));
    expect(identity.headers(contextOf('of-ada'))).toBeInstanceOf(Promise);
  });

  test('that the service refuses is made again', async () => {
    const identity = open();
    const context = contextOf('of-ada');
    const headers = await identity.headers(context);
    clock.advance(5_000);
    expect(identity.refused?.(context, headers)).toBe(true);
    expect(await identity.headers(context)).toEqual(bearer('exchanged-2'));
  });
});

describe('scopes go down only', () => {
  test('of those the service needs, those the caller has are asked for', async () => {
    const identity = open({ scope: ['c', 'a', 'admin'] });
    await identity.headers(contextOf('of-ada', ['a', 'b', 'c']));
    expect(provider.requests[0]?.form.scope).toBe('c a');
  });

  test('a caller who has none of them is refused, without asking', () => {
    const identity = open({ scope: ['admin'] });
    expect(() => identity.headers(contextOf('of-ada'))).toThrow(
      expect.objectContaining({
        code: 'insufficient-scope',
        options: {
          detail: 'The credential lacks: admin.',
          headers: { 'www-authenticate': 'Bearer error="insufficient_scope", scope="admin"' },
        },
      }) as Error,
    );
    expect(provider.requests).toHaveLength(0);
  });

  test('a token with more than was asked for is not used', async () => {
    provider.script = () => issued('t', { scope: 'a b' });
    await expect(open({ scope: ['a'] }).headers(contextOf('of-ada'))).rejects.toMatchObject({
      code: 'dependency-unavailable',
      cause: new Error('the token endpoint issued more scopes than the caller has or the gateway asked for'),
    });
  });

  test('when nothing was asked for, a token with more than the caller has is not used', async () => {
    provider.script = () => issued('t', { scope: 'a admin' });
    await expect(open().headers(contextOf('of-ada'))).rejects.toMatchObject({
      code: 'dependency-unavailable',
    });
    provider.script = () => issued('t', { scope: 'a ' });
    expect(await open().headers(contextOf('of-ada'))).toEqual(bearer('t'));
  });
});

test('a token of another type is not used, a JWT is', async () => {
  const type = 'urn:ietf:params:oauth:token-type:';
  provider.script = () => issued('t', { issued_token_type: `${type}refresh_token` });
  await expect(open().headers(contextOf('of-ada'))).rejects.toMatchObject({
    code: 'dependency-unavailable',
    cause: new Error('the token endpoint issued a token of another type than asked for'),
  });
  provider.script = () => issued('t', { issued_token_type: `${type}jwt` });
  expect(await open().headers(contextOf('of-ada'))).toEqual(bearer('t'));
});

test('nobody is asked to sign in', () => {
  expect(() => open().headers(testContext({}, { clock }))).toThrow(
    expect.objectContaining({ code: 'not-signed-in' }) as Error,
  );
});

describe('instances that share records', () => {
  const sealKeys = [randomBytes(32).toString('base64url')];
  let records: RecordStore;
  let values: string[];
  beforeEach(() => {
    const store = memoryRecords({ clock });
    values = [];
    records = {
      ...store,
      set: (key, value, options) => {
        values.push(`${key} ${value}`);
        return store.set(key, value, options);
      },
    };
  });

  test('exchange once for all of them', async () => {
    const [one, other] = [open({ records, sealKeys }), open({ records, sealKeys })];
    expect(await one.headers(contextOf('of-ada'))).toEqual(bearer('exchanged-1'));
    expect(await other.headers(contextOf('of-ada'))).toEqual(bearer('exchanged-1'));
    expect(provider.requests).toHaveLength(1);
  });

  test('keep nothing that can be read, neither of the token nor of the caller', async () => {
    await open({ records, sealKeys }).headers(contextOf('of-ada'));
    expect(values).toHaveLength(1);
    expect(values[0]).toMatch(/^tx:\{[\w-]{43}\} [0-9a-f]{8}\.[\w-]+$/);
    expect(values[0]).not.toMatch(/ada|exchanged/);
  });

  test('do not find the token of another service, client or caller', async () => {
    await open({ records, sealKeys }).headers(contextOf('of-ada'));
    for (const options of [{ audience: 'users' }, { clientId: 'other' }, { scope: ['a'] }]) {
      await open({ records, sealKeys, ...options }).headers(contextOf('of-ada'));
    }
    await open({ records, sealKeys }).headers(contextOf('of-bob'));
    expect(provider.requests).toHaveLength(5);
  });

  test('use a token that was found no longer than the one who asked for it', async () => {
    await open({ records, sealKeys }).headers(contextOf('of-ada'));
    clock.advance(299_000);
    const other = open({ records, sealKeys });
    expect(await other.headers(contextOf('of-ada'))).toEqual(bearer('exchanged-1'));
    clock.advance(1_000);
    expect(await other.headers(contextOf('of-ada'))).toEqual(bearer('exchanged-2'));
  });

  test('do not find one that the service refused', async () => {
    const one = open({ records, sealKeys });
    const context = contextOf('of-ada');
    const headers = await one.headers(context);
    clock.advance(5_000);
    one.refused?.(context, headers);
    expect(await open({ records, sealKeys }).headers(context)).toEqual(bearer('exchanged-2'));
  });

  test('open with every key of the ring, and none with another', async () => {
    const [old, next] = [sealKeys[0] ?? '', randomBytes(32).toString('base64url')];
    await open({ records, sealKeys: [old] }).headers(contextOf('of-ada'));
    await open({ records, sealKeys: [next, old] }).headers(contextOf('of-ada'));
    expect(provider.requests).toHaveLength(1);
    expect(await open({ records, sealKeys: [next] }).headers(contextOf('of-ada'))).toEqual(
      bearer('exchanged-2'),
    );
  });

  test('do not open what was moved from another place, or changed', async () => {
    const one = open({ records, sealKeys });
    await one.headers(contextOf('of-ada'));
    await one.headers(contextOf('of-bob'));
    const [ada = '', bob = ''] = values.map((line) => line.split(' '));
    await records.set(bob[0] ?? '', ada[1] ?? '');
    expect(await open({ records, sealKeys }).headers(contextOf('of-bob'))).toEqual(bearer('exchanged-3'));
    const sealed = ada[1] ?? '';
    const changed = sealed.slice(0, -3) + (sealed.at(-3) === 'A' ? 'B' : 'A') + sealed.slice(-2);
    for (const text of ['', 'x', changed, `${sealed.split('.')[0]}.`]) {
      await records.set(ada[0] ?? '', text);
      const before = provider.requests.length;
      await open({ records, sealKeys }).headers(contextOf('of-ada'));
      expect(provider.requests).toHaveLength(before + 1);
    }
  });

  test('exchange for themselves while the store is away', async () => {
    const away = (): Promise<never> => Promise.reject(new Error('away'));
    const broken = { ...records, get: away, set: away, delete: away };
    const identity = open({ records: broken, sealKeys });
    const context = contextOf('of-ada');
    const headers = await identity.headers(context);
    expect(headers).toEqual(bearer('exchanged-1'));
    clock.advance(5_000);
    expect(identity.refused?.(context, headers)).toBe(true);
  });

  test.each([
    ['no keys', { records: memoryRecords() }, /records and sealKeys must be set together/],
    ['no records', { sealKeys }, /records and sealKeys must be set together/],
    ['an empty ring', { records: memoryRecords(), sealKeys: [] }, /sealKeys must be 1 to 10 keys, got 0/],
    [
      'a short key',
      { records: memoryRecords(), sealKeys: ['c2hvcnQ'] },
      /sealKeys\[0\] must be 32 bytes in base64url, got 5 bytes/,
    ],
  ])('do not boot with %s', (_what, options, message) => {
    expect(() => open(options)).toThrow(message);
  });
});

test.each([
  ['an unknown option', { audiences: 'x' }, /unknown option 'audiences'; did you mean 'audience'/],
  ['no audience', { audience: '' }, /audience must name the service, got ''/],
  ['an audience that is no text', { audience: 7 }, /audience must name the service, got '7'/],
  ['no scope', { scope: [] }, /scope must list one or more scopes, got ''/],
  ['a scope with a space', { scope: ['a b'] }, /scope must list one or more scopes, got 'a b'/],
  ['a scope that is no list', { scope: 'a' }, /scope must list one or more scopes, got 'a'/],
])('%s does not boot', (_what, options, message) => {
  expect(() => open(options as never)).toThrow(message);
});
