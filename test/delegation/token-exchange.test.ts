/**
 * Token exchange with a real identity provider behind a real gateway: what the service gets, and what
 * happens when the provider refuses, is slow or is gone.
 */
import { mintToken, type Services, startServices } from '@acme/services-mock';
import { bearer, clientCredentials, memoryRecords, passThrough, tokenExchange } from 'bffkit';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as faults from '../support/faults.ts';
import { type FaultyUpstream, faultyUpstream } from '../support/faulty-upstream.ts';
import { getRequest, rawClient } from '../support/raw-client.ts';
import { type Guarded, guarded, tokenOf, trusting } from './guarded.ts';

const client = { clientId: 'shop-backend', clientSecret: 'shop-backend-secret-for-development-only' };
let services: Services;
let adasToken: string;
let world: Guarded;
let broken: FaultyUpstream | undefined;

beforeAll(async () => {
  services = await startServices({ ports: 'free' });
  adasToken = await mintToken(services.issuer, {
    user: 'ada',
    audience: 'web',
    scope: 'orders:read profile:read',
  });
});
afterEach(async () => {
  await world.close();
  await broken?.close();
  broken = undefined;
});
afterAll(() => services.close());

const issuer = () => services.urls.issuer;
const signedIn = () => bearer({ issuer: issuer(), audience: 'web', jwksUrl: `${issuer()}/jwks` });
const as = (token: string, more = {}) => ({ authorization: `Bearer ${token}`, ...more });

/** As a service does it. */
const verify = (token: string, audience: string) =>
  jwtVerify(token, createRemoteJWKSet(new URL(`${issuer()}/jwks`)), {
    issuer: issuer(),
    audience,
    typ: 'at+jwt',
  });

async function open(options: Partial<Parameters<typeof tokenExchange>[0]> = {}): Promise<void> {
  const exchange = { issuer: issuer(), ...client, audience: 'orders', scope: ['orders:read'], ...options };
  if (options.tokenEndpoint !== undefined) Reflect.deleteProperty(exchange, 'issuer');
  world = await guarded(tokenExchange(exchange as Parameters<typeof tokenExchange>[0]), {
    identity: [signedIn()],
  });
}

/** Stands in the place of the token endpoint, and does what the test says. */
async function openBefore(mode: FaultyUpstream['mode']): Promise<FaultyUpstream> {
  broken = await faultyUpstream(mode);
  await open({ tokenEndpoint: `${broken.url}/token`, issuer: undefined } as never);
  return broken;
}

const problemOf = async (answer: Response) => [
  answer.status,
  ((await answer.json()) as { code: string }).code,
];

describe('a service gets', () => {
  test('a token of the caller for itself, with no more scopes than it needs, and never the one of the client', async () => {
    await open();
    expect((await world.ask(as(adasToken))).status).toBe(200);
    const token = tokenOf(world.seen());
    expect(token).not.toBe(adasToken);
    const [exchanged, own] = await Promise.all([verify(token, 'orders'), verify(adasToken, 'web')]);
    expect(exchanged.payload).toMatchObject({ sub: own.payload.sub, scope: 'orders:read' });
    await expect(verify(token, 'web')).rejects.toThrow(/aud/);
  });

  test('the same one with a hundred requests at once, and another for another caller', async () => {
    await open();
    const answers = await Promise.all(Array.from({ length: 100 }, () => world.ask(as(adasToken))));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const bobs = await mintToken(services.issuer, { user: 'bob', audience: 'web', scope: 'orders:read' });
    await world.ask(as(bobs));
    expect(new Set(world.service.requests.map(tokenOf)).size).toBe(2);
  });

  test('the same one from two instances that share records', async () => {
    const records = memoryRecords();
    const sealKeys = [Buffer.alloc(32, 7).toString('base64url')];
    await open({ records, sealKeys });
    await world.ask(as(adasToken));
    const first = tokenOf(world.seen());
    await world.close();
    await open({ records, sealKeys });
    await world.ask(as(adasToken));
    expect(tokenOf(world.seen())).toBe(first);
  });

  test('the client’s own when that is declared', async () => {
    world = await guarded(passThrough(), { identity: [signedIn()] });
    await world.ask(as(adasToken));
    expect(tokenOf(world.seen())).toBe(adasToken);
  });

  test('one of the gateway’s own, the same for everybody, with client credentials', async () => {
    const own = clientCredentials({
      issuer: issuer(),
      ...client,
      audience: 'orders',
      scope: ['orders:read'],
    });
    world = await guarded(own, { identity: [signedIn()] });
    await Promise.all([world.ask(as(adasToken)), world.ask()]);
    const tokens = world.service.requests.map(tokenOf);
    expect(new Set(tokens).size).toBe(1);
    const { payload } = await verify(tokens[0] ?? '', 'orders');
    expect(payload).toMatchObject({ sub: client.clientId, client_id: client.clientId });
  });
});

describe('the provider', () => {
  test('that does not know the service makes it 502, and is not asked again at once', async () => {
    await open({ audience: 'nowhere' });
    expect(await problemOf(await world.ask(as(adasToken)))).toEqual([502, 'upstream-rejected']);
    expect(await problemOf(await world.ask(as(adasToken)))).toEqual([502, 'upstream-rejected']);
    expect(world.bff.log.at(-1)).toMatchObject({
      cause: expect.stringContaining('invalid_target') as unknown,
    });
    expect(world.service.requests).toHaveLength(0);
  });

  test('that gives less than the gateway believes makes it 502', async () => {
    const exchange = { issuer: issuer(), ...client, audience: 'orders', scope: ['inventory:read'] };
    world = await guarded(tokenExchange(exchange), { identity: [trusting()] });
    const answer = await world.ask(as(adasToken, { 'x-test-caller': 'usr_ada inventory:read' }));
    expect(await problemOf(answer)).toEqual([502, 'upstream-rejected']);
    expect(world.bff.log.at(-1)).toMatchObject({
      cause: expect.stringContaining('invalid_scope') as unknown,
    });
  });

  test('that does not take the token any more makes it 502, never 401', async () => {
    world = await guarded(tokenExchange({ issuer: issuer(), ...client, audience: 'orders' }), {
      identity: [trusting()],
    });
    const answer = await world.ask(as('ended', { 'x-test-caller': 'usr_ada orders:read' }));
    expect(await problemOf(answer)).toEqual([502, 'upstream-rejected']);
  });

  test('that does not know the gateway is a broken dependency', async () => {
    await open({ clientSecret: 'wrong' });
    const answer = await world.ask(as(adasToken));
    expect(answer.headers.get('retry-after')).not.toBeNull();
    expect(await problemOf(answer)).toEqual([503, 'dependency-unavailable']);
  });

  test('that is gone makes it 503 with Retry-After, leaves the service’s breaker alone, and is asked again', async () => {
    const away = await openBefore(faults.hang);
    await away.refuse();
    const answer = await world.ask(as(adasToken));
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(await problemOf(answer)).toEqual([503, 'dependency-unavailable']);
    expect(world.bff.bff.upstreams.breakers()).toMatchObject([{ upstream: 'shop', state: 'closed' }]);
    expect(world.service.requests).toHaveLength(0);
    await away.accept();
    away.mode = faults.ok(answerOf('late'));
    await expect.poll(async () => (await world.ask(as(adasToken))).status, { timeout: 5_000 }).toBe(200);
    expect(tokenOf(world.seen())).toBe('late');
  });

  test('that is slow is finished for those who stay when the first to ask leaves', async () => {
    const asked = Promise.withResolvers<() => void>();
    const slow = await openBefore((socket, request) =>
      asked.resolve(() => faults.ok(answerOf('for-those-who-stay'))(socket, request)),
    );
    const leader = await rawClient(world.bff.url);
    leader.write(getRequest('/read', `Authorization: Bearer ${adasToken}\r\n`));
    const release = await asked.promise;
    const follower = world.ask(as(adasToken));
    leader.socket.destroy();
    await leader.closed;
    await expect.poll(() => world.bff.log.filter(({ status }) => status === 499)).toHaveLength(1);
    release();
    expect((await follower).status).toBe(200);
    expect(tokenOf(world.seen())).toBe('for-those-who-stay');
    expect(slow.requests).toHaveLength(1);
  });
});

describe('a caller', () => {
  test('who is nobody is asked to sign in', async () => {
    await open();
    const answer = await world.ask();
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(await problemOf(answer)).toEqual([401, 'not-signed-in']);
  });

  test('who lacks the scope of the service is told', async () => {
    await open({ scope: ['orders:write'] });
    expect(await problemOf(await world.ask(as(adasToken)))).toEqual([403, 'insufficient-scope']);
  });
});

test('no token and no secret is in the log, whatever happened', async () => {
  const provider = await openBefore(faults.ok(answerOf('canary-exchanged')));
  await world.ask(as(adasToken));
  world.service.mode = faults.status(401);
  await world.ask(as(adasToken));
  for (const mode of [
    faults.status(500),
    faults.ok({ ...answerOf('canary-exchanged'), token_type: 'odd' }),
  ]) {
    provider.mode = mode;
    const token = await mintToken(services.issuer, { user: 'bob', audience: 'web', scope: 'orders:read' });
    await world.ask(as(token));
    expect(JSON.stringify(world.bff.log)).not.toContain(token);
  }
  expect(world.bff.log.filter(({ status }) => status === 503)).toHaveLength(2);
  const told = JSON.stringify(world.bff.log);
  for (const secret of ['canary', adasToken, client.clientSecret]) expect(told).not.toContain(secret);
});

function answerOf(token: string) {
  return {
    access_token: token,
    token_type: 'Bearer',
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    expires_in: 300,
    scope: 'orders:read',
  };
}
