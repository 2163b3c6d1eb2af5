/**
 * What becomes of a token once its signature holds: who it is, whether it was revoked, how long it is
 * remembered, and what happens when the provider changes its keys.
 */
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { EventBus } from '../context/event-bus.ts';
import type { Principal } from '../context/principal.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { memoryRecords } from '../records/memory-records.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { testContext } from '../testing/test-context.ts';
import { type BearerOptions, bearer } from './bearer.ts';
import { type Revocations, revocations } from './revocation.ts';

interface Pair {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

let pairs: readonly Pair[];

beforeAll(async () => {
  pairs = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
      return { privateKey, jwk: await exportJWK(publicKey) };
    }),
  );
});

const pair = (index: number): Pair => pairs[index] ?? expect.unreachable();
const issuer = 'https://login.example';
const minute = 60_000;

function rig(more: (clock: ReturnType<typeof manualClock>) => Partial<BearerOptions> = () => ({})) {
  const clock = manualClock();
  const provider = { published: [{ ...pair(0).jwk, kid: 'one' }] as readonly JWK[], fetches: 0 };
  const it = {
    clock,
    provider,
    authenticator: bearer({
      issuer,
      audience: 'mobile',
      jwksUrl: `${issuer}/jwks`,
      clock,
      async fetchKeys() {
        provider.fetches += 1;
        return { keys: [...provider.published] };
      },
      ...more(clock),
    }),
    tokenOf(claims: object = {}, kid: string | null = 'one', key = pair(0)): Promise<string> {
      const now = clock.wallMs() / 1_000;
      const all = {
        iss: issuer,
        aud: 'mobile',
        sub: 'usr_1',
        client_id: 'app',
        jti: 'j1',
        iat: now,
        exp: now + 7_200,
      };
      return new SignJWT({ ...all, ...claims })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', ...(kid === null ? {} : { kid }) })
        .sign(key.privateKey);
    },
    context: (token: string): RequestContext =>
      testContext({ headers: { authorization: `Bearer ${token}` } }),
    ask: (token: string) => it.authenticator.authenticate(it.context(token)),
    async outcome(token: string): Promise<Principal | string | undefined> {
      try {
        return await it.ask(token);
      } catch (error) {
        return GatewayError.from(error).code;
      }
    },
  };
  return it;
}

describe('who it is', () => {
  test('has the roles of the token, each once, without what is no name', async () => {
    const it = rig();
    const roles = ['support', 'support', 'night shift', '', 7, null, ['admin'], 'x'.repeat(129)];
    expect(await it.outcome(await it.tokenOf({ roles }))).toMatchObject({
      roles: new Set(['support', 'night shift']),
    });
  });

  test.each([undefined, null, [], {}, 'support', [7]])('has no roles by %j', async (roles) => {
    const it = rig();
    expect(await it.outcome(await it.tokenOf({ roles }))).not.toHaveProperty('roles');
  });

  test('has a hundred roles at most', async () => {
    const it = rig();
    const roles = Array.from({ length: 101 }, (_, index) => `role-${index}`);
    expect(await it.outcome(await it.tokenOf({ roles }))).toMatchObject({
      roles: new Set(roles.slice(0, 100)),
    });
  });

  test('is told by the claims that were named, and by no other', async () => {
    const it = rig(() => ({ tenantClaim: 'https://acme.example/org', rolesClaim: 'groups' }));
    const claims = { 'https://acme.example/org': 'acme', tenant: 'evil', groups: ['a'], roles: ['evil'] };
    expect(await it.outcome(await it.tokenOf(claims))).toMatchObject({
      tenant: 'acme',
      roles: new Set(['a']),
    });
    expect(await it.outcome(await it.tokenOf({ tenant: 'evil' }))).toMatchObject({ tenant: undefined });
  });

  test.each([7, null, '', [], ['acme'], {}, true, 'x'.repeat(513), 'a\nb'])(
    'is not guessed when the tenant is %j',
    async (tenant) => {
      const it = rig();
      expect(await it.outcome(await it.tokenOf({ tenant }))).toBe('invalid-token');
    },
  );

  const jkt = 'x'.repeat(43);
  test.each([
    null,
    7,
    'jkt',
    [],
    [jkt],
    {},
    { jkt: 7 },
    { jkt: `${jkt}x` },
    { jkt: jkt.slice(1) },
    { jkt: `${jkt}=` },
    { kid: jkt },
    { jkt, kid: 'k' },
    { jkt },
  ])('is not believed of a token bound by %j, of which no proof can be taken', async (cnf) => {
    const it = rig();
    expect(await it.outcome(await it.tokenOf({ cnf }))).toBe('invalid-token');
  });

  test('has scopes without gaps', async () => {
    const it = rig();
    expect(await it.outcome(await it.tokenOf({ scope: ' a  b ' }))).toMatchObject({
      scopes: new Set(['a', 'b']),
    });
  });
});

describe('the token itself', () => {
  test('is there for exchange once it was verified, also when it was known already', async () => {
    const it = rig();
    const token = await it.tokenOf();
    for (const _time of ['first', 'second']) {
      const context = it.context(token);
      await it.authenticator.authenticate(context);
      expect(context.subjectToken).toBe(token);
    }
  });

  test('is not when it was refused', async () => {
    const it = rig();
    const context = it.context(await it.tokenOf({ aud: 'web' }));
    await expect(it.authenticator.authenticate(context)).rejects.toMatchObject({ code: 'invalid-token' });
    expect(context.subjectToken).toBeUndefined();
  });
});

describe('a revoked token', () => {
  const listed = (clock: ReturnType<typeof manualClock>): { readonly revocations: Revocations } => ({
    revocations: revocations(memoryRecords({ clock }), { clock }),
  });

  test('is refused from then on, although it was remembered', async () => {
    let list: Revocations | undefined;
    const it = rig((clock) => {
      const made = listed(clock);
      list = made.revocations;
      return made;
    });
    const token = await it.tokenOf();
    const other = await it.tokenOf({ jti: 'j2' });
    expect([await it.outcome(token), await it.outcome(other)]).toMatchObject([
      { subject: 'usr_1' },
      { subject: 'usr_1' },
    ]);
    await list?.revoke({ issuer, jti: 'j1', expiresMs: it.clock.wallMs() + 120 * minute });
    expect(await it.outcome(token)).toBe('invalid-token');
    expect(await it.outcome(other)).toMatchObject({ subject: 'usr_1' });
  });

  test('is refused however it is spelled or signed: by what it is, not by its text', async () => {
    let list: Revocations | undefined;
    const it = rig((clock) => {
      const made = listed(clock);
      list = made.revocations;
      return made;
    });
    await list?.revoke({ issuer, jti: 'j1', expiresMs: it.clock.wallMs() + 120 * minute });
    const token = await it.tokenOf();
    const again = await it.tokenOf({ note: 'the same, signed again' });
    for (const text of [token, again, `${token}=`, `${token}==`])
      expect(await it.outcome(text)).toBe('invalid-token');
  });

  test('is found at once when the answer is known: nobody waits', async () => {
    const it = rig(listed);
    const token = await it.tokenOf();
    const first = await it.ask(token);
    expect(it.ask(token)).toBe(first);
  });

  test('is refused at once when that is known: what holds is thrown, not promised', async () => {
    const answers = [false, true];
    const list = { ...listed(manualClock()).revocations, isRevoked: () => answers.shift() ?? true };
    const it = rig(() => ({ revocations: list as Revocations }));
    const token = await it.tokenOf();
    await it.ask(token);
    const cause = new TypeError('the token was revoked');
    expect(() => it.ask(token)).toThrow(
      expect.objectContaining({ code: 'invalid-token', options: expect.objectContaining({ cause }) }),
    );
  });

  test('is refused at its first use here when another instance refused it before', async () => {
    const records = memoryRecords();
    const it = rig((clock) => ({ revocations: revocations(records, { clock }) }));
    const other = revocations(
      { ...records, publish: () => Promise.reject(new Error('cut')) },
      { clock: it.clock },
    );
    await other.revoke({ issuer, jti: 'j1', expiresMs: it.clock.wallMs() + 120 * minute });
    const running = it.ask(await it.tokenOf());
    await expect(running).rejects.toMatchObject({
      code: 'invalid-token',
      options: { cause: { message: 'the token was revoked' } },
    });
  });

  test('cannot be told from others while the list cannot be asked: 503, not 401', async () => {
    const away = new GatewayError('dependency-unavailable');
    const records = { ...memoryRecords(), get: () => Promise.reject(away) };
    const it = rig((clock) => ({ revocations: revocations(records, { clock }) }));
    expect(await it.outcome(await it.tokenOf())).toBe('dependency-unavailable');
  });

  test('is asked for by the issuer that was configured and the jti', async () => {
    const asked: unknown[] = [];
    const list = {
      ...listed(manualClock()).revocations,
      async isRevoked(name: unknown) {
        asked.push(name);
        return false;
      },
    };
    const it = rig(() => ({ revocations: list as Revocations }));
    expect(await it.outcome(await it.tokenOf())).toMatchObject({ subject: 'usr_1' });
    expect(asked).toEqual([{ issuer, jti: 'j1' }]);
  });

  test('is nobody to wait for when the client has left', async () => {
    const list = { ...listed(manualClock()).revocations, isRevoked: () => new Promise<boolean>(() => {}) };
    const it = rig(() => ({ revocations: list as Revocations }));
    const context = it.context(await it.tokenOf());
    const running = it.authenticator.authenticate(context);
    context.cancellation.cancel(new GatewayError('client-gone'));
    await expect(running).rejects.toMatchObject({ code: 'client-gone' });
  });

  test('is ordered on the admin port, told as an audit, and the list is closed with the authenticator', () => {
    const buses: EventBus[] = [];
    let closed = 0;
    const list = {
      ...listed(manualClock()).revocations,
      watch: (events: EventBus) => void buses.push(events),
      close() {
        closed += 1;
      },
    } as Revocations;
    const { authenticator } = rig(() => ({ revocations: list }));
    expect(authenticator.admin).toBe(list.admin);
    const events = new EventBus();
    authenticator.watch?.(events);
    void authenticator.close?.();
    expect([buses, closed]).toEqual([[events], 1]);
    expect(rig().authenticator).not.toHaveProperty('admin');
  });
});

describe('when the provider changes its keys', () => {
  test('a token of a key that it has withdrawn ends within ten minutes, although it was remembered', async () => {
    const it = rig();
    const token = await it.tokenOf();
    expect(await it.outcome(token)).toMatchObject({ subject: 'usr_1' });
    it.provider.published = [{ ...pair(1).jwk, kid: 'two' }];
    it.clock.advance(10 * minute);
    expect(await it.outcome(token)).toMatchObject({ subject: 'usr_1' });
    it.clock.advance(1);
    await it.outcome(token); // whoever comes first makes it look
    await vi.waitFor(async () => expect(await it.outcome(token)).toBe('invalid-token'));
    expect(it.provider.fetches).toBe(2);
  });

  test('a token of a key that stays is verified again, once', async () => {
    const it = rig();
    const token = await it.tokenOf();
    const first = await it.ask(token);
    it.provider.published = [...it.provider.published, { ...pair(1).jwk, kid: 'two' }];
    it.clock.advance(10 * minute + 1);
    expect(it.ask(token)).toBe(first); // and the keys are fetched meanwhile
    await vi.waitFor(() => expect(it.ask(token)).toBeInstanceOf(Promise));
    const again = await it.ask(token);
    expect(again).toEqual(first);
    expect(it.ask(token)).toBe(again);
    expect(it.provider.fetches).toBe(2);
  });
});

describe('keys that share a name', () => {
  const named = (indexes: readonly number[], kid: string | null): readonly JWK[] =>
    indexes.map((index) => ({ ...pair(index).jwk, ...(kid === null ? {} : { kid }) }));

  test.each([['twin'], [null]])('%s: the right one is found among four', async (kid) => {
    const it = rig();
    it.provider.published = named([1, 2, 3, 0], kid);
    expect(await it.outcome(await it.tokenOf({}, kid))).toMatchObject({ subject: 'usr_1' });
    expect(await it.outcome(await it.tokenOf({}, kid, pair(5)))).toBe('invalid-token');
  });

  test('no more than four are tried', async () => {
    const it = rig();
    it.provider.published = named([1, 2, 3, 4, 0], 'twin');
    expect(await it.outcome(await it.tokenOf({}, 'twin'))).toBe('invalid-token');
  });

  test('a token that is over is over, whichever of them signed it', async () => {
    const it = rig();
    it.provider.published = named([1, 0, 2], 'twin');
    const now = it.clock.wallMs() / 1_000;
    const token = await it.tokenOf({ iat: now - 60, exp: now - 30 }, 'twin');
    await expect(it.ask(token)).rejects.toMatchObject({
      code: 'invalid-token',
      options: { cause: { code: 'ERR_JWT_EXPIRED' } },
    });
  });
});
