import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { type CryptoKey, exportJWK, generateKeyPair, type JSONWebKeySet, type JWK } from 'jose';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { GatewayError } from '../problem/gateway-error.ts';
import { type ManualClock, manualClock } from '../testing/manual-clock.ts';
import { remoteKeys } from './jwks.ts';

let jwk: JWK;

beforeAll(async () => {
  jwk = await exportJWK((await generateKeyPair('ES256', { extractable: true })).publicKey);
});

const minute = 60_000;

interface Rig {
  readonly clock: ManualClock;
  /** Key ids the provider publishes now; an error while it is away. */
  published: readonly string[] | Error;
  fetches: number;
  /** `key` when there is one of this id, else the code of the error. */
  find(kid: string): Promise<string>;
  version(): number;
}

function rig(published: Rig['published'] = ['one']): Rig {
  const clock = manualClock();
  const fetchKeys = async (): Promise<JSONWebKeySet> => {
    it.fetches += 1;
    if (it.published instanceof Error) throw it.published;
    return { keys: it.published.map((kid) => ({ ...jwk, kid, alg: 'ES256' })) };
  };
  const keys = remoteKeys('https://login.example/jwks', clock, fetchKeys);
  const it: Rig = {
    clock,
    published,
    fetches: 0,
    find: (kid) => outcomeOf(keys.find({ alg: 'ES256', kid }, { payload: '', signature: '' })),
    version: () => keys.version(),
  };
  return it;
}

function outcomeOf(key: Promise<CryptoKey | Uint8Array>): Promise<string> {
  return key.then(
    () => 'key',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
  );
}

const away = new Error('connect ECONNREFUSED');
const unknownKey = 'ERR_JWKS_NO_MATCHING_KEY';

describe('while the provider answers', () => {
  test('keys are fetched at the first need, once for a hundred callers', async () => {
    const it = rig();
    expect(it.fetches).toBe(0);
    const found = await Promise.all(Array.from({ length: 100 }, () => it.find('one')));
    expect(new Set(found)).toEqual(new Set(['key']));
    expect(it.fetches).toBe(1);
  });

  test('keys are fresh for 10 minutes, then refreshed behind the back of the caller', async () => {
    const it = rig();
    await it.find('one');
    it.clock.advance(10 * minute);
    await it.find('one');
    expect(it.fetches).toBe(1);
    it.clock.advance(1);
    it.published = ['two'];
    expect([await it.find('one'), it.version()]).toEqual(['key', 1]); // still by the old set
    await vi.waitUntil(() => it.version() === 2);
    expect(it.fetches).toBe(2);
    expect([await it.find('one'), await it.find('two')]).toEqual([unknownKey, 'key']);
    expect(it.fetches).toBe(2);
  });

  test('an unknown key is fetched for when the set is 30 seconds old, not before', async () => {
    const it = rig();
    await it.find('one');
    it.published = ['one', 'two'];
    it.clock.advance(29_999);
    expect(await it.find('two')).toBe(unknownKey);
    expect(it.fetches).toBe(1);
    it.clock.advance(1);
    expect(await it.find('two')).toBe('key');
    expect(it.fetches).toBe(2);
  });

  test('the version grows with other keys only, not with every fetch', async () => {
    const it = rig(['one', 'two']);
    expect(it.version()).toBe(0);
    await it.find('one');
    expect(it.version()).toBe(1);
    for (const [published, version] of [
      [['two', 'one'], 1],
      [['one'], 2],
      [['one'], 2],
      [['one', 'two'], 3],
    ] as const) {
      it.published = published;
      it.clock.advance(30_000);
      await it.find('unknown');
      expect(it.version()).toBe(version);
    }
    expect(it.fetches).toBe(5);
  });

  test('a flood of unknown keys costs one fetch in 30 seconds', async () => {
    const it = rig();
    await it.find('one');
    it.clock.advance(31_000);
    const found = await Promise.all(Array.from({ length: 500 }, (_, index) => it.find(`guess-${index}`)));
    expect(new Set(found)).toEqual(new Set([unknownKey]));
    expect(it.fetches).toBe(2);
    it.clock.advance(29_999);
    await it.find('guess');
    expect(it.fetches).toBe(2);
  });
});

describe('while the provider is away', () => {
  test('the keys stay good for an hour, and no longer', async () => {
    const it = rig();
    await it.find('one');
    it.published = away;
    it.clock.advance(60 * minute);
    expect(await it.find('one')).toBe('key');
    await turn();
    it.clock.advance(1);
    expect(await it.find('one')).toBe('dependency-unavailable');
  });

  test('one fetch is tried in 5 seconds, however many callers there are', async () => {
    const it = rig(away);
    const crowd = (): Promise<string[]> => Promise.all(Array.from({ length: 50 }, () => it.find('one')));
    expect(new Set(await crowd())).toEqual(new Set(['dependency-unavailable']));
    it.clock.advance(4_999);
    await crowd();
    expect(it.fetches).toBe(1);
    it.clock.advance(1);
    await crowd();
    expect(it.fetches).toBe(2);
  });

  test('stale keys are refreshed no more often either', async () => {
    const it = rig();
    await it.find('one');
    it.published = away;
    it.clock.advance(11 * minute);
    for (let caller = 0; caller < 50; caller += 1) {
      expect(await it.find('one')).toBe('key');
      await turn();
    }
    expect(it.fetches).toBe(2);
  });

  test('it is back the moment it answers again', async () => {
    const it = rig(away);
    await it.find('one');
    it.published = ['one'];
    it.clock.advance(5_000);
    expect(await it.find('one')).toBe('key');
  });

  test('a key that is not in the old set cannot be judged: it may be a new one', async () => {
    const it = rig();
    await it.find('one');
    it.published = away;
    it.clock.advance(31_000);
    expect(await it.find('two')).toBe('dependency-unavailable');
    expect(await it.find('two')).toBe('dependency-unavailable'); // and the failed fetch is not repeated
    expect(it.fetches).toBe(2);
    expect(await it.find('one')).toBe('key');
    it.published = ['one'];
    it.clock.advance(5_000);
    expect(await it.find('two')).toBe(unknownKey);
  });

  test('the error says when to come back, and keeps the reason inside', async () => {
    const keys = remoteKeys('https://login.example/jwks', manualClock(), () => Promise.reject(away));
    const error = await keys
      .find({ alg: 'ES256', kid: 'one' }, { payload: '', signature: '' })
      .then(() => undefined, GatewayError.from);
    expect(error?.options).toEqual({
      detail: 'The keys of the identity provider are not available.',
      retryAfterMs: 5_000,
      cause: away,
    });
  });

  test.each([{}, { keys: 'none' }, { keys: [7] }, null])(
    'a document such as %j is no set of keys',
    async (document) => {
      const keys = remoteKeys('https://login.example/jwks', manualClock(), () =>
        Promise.resolve(document as never),
      );
      expect(await outcomeOf(keys.find({ alg: 'ES256', kid: 'one' }, { payload: '', signature: '' }))).toBe(
        'dependency-unavailable',
      );
    },
  );
});

describe('over HTTP', () => {
  async function findAt(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const keys = remoteKeys(`http://127.0.0.1:${port}/jwks`, manualClock());
    return outcomeOf(keys.find({ alg: 'ES256', kid: 'one' }, { payload: '', signature: '' }));
  }
  const document = (): string => JSON.stringify({ keys: [{ ...jwk, kid: 'one', alg: 'ES256' }] });

  test('the set is read from its address', async () => {
    let asked: unknown;
    const found = await findAt((request, response) => {
      asked = [request.method, request.url, request.headers.accept];
      response.end(document());
    });
    expect([found, asked]).toEqual(['key', ['GET', '/jwks', 'application/json']]);
  });

  test.each<[string, RequestListener]>([
    ['another status', (_request, response) => response.writeHead(500).end(document())],
    [
      'a redirect',
      (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(document()),
    ],
    ['something else than JSON', (_request, response) => response.end('<html>')],
    ['more than 256 KiB', (_request, response) => response.end(`${document()}${' '.repeat(256 * 1_024)}`)],
    ['a cut connection', (request) => request.socket.destroy()],
  ])('%s is no set of keys', async (_what, listener) => {
    expect(await findAt(listener)).toBe('dependency-unavailable');
  });
});
