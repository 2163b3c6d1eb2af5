/**
 * The gateway's own token on real sockets: what a service sees of a caller, and that nothing a client
 * sends can stand in its place.
 */
import { generateKeyPairSync } from 'node:crypto';
import { gatewayKeys, internalJwt } from 'bffkit';
import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterEach, describe, expect, test } from 'vitest';
import * as faults from '../support/faults.ts';
import { faultyUpstream } from '../support/faulty-upstream.ts';
import { rawClient } from '../support/raw-client.ts';
import { type Guarded, guarded, tokenOf, trusting } from './guarded.ts';

const issuer = 'https://test-bff.acme.internal';
const canary = 'canary-of-the-client';
const caller = { 'x-test-caller': 'usr_ada orders:read', authorization: `Bearer ${canary}` };
let world: Guarded;
afterEach(() => world.close());

async function open(privateKeys?: readonly string[]): Promise<void> {
  const keys = gatewayKeys({ issuer, ...(privateKeys === undefined ? {} : { privateKeys }) });
  world = await guarded(internalJwt({ audience: 'shop', keys }), { identity: [trusting()] });
}

/** As a service does it. */
function verify(token: string) {
  const jwks = createRemoteJWKSet(new URL(`${world.bff.adminUrl}/jwks`));
  return jwtVerify(token, jwks, { issuer, audience: 'shop', typ: 'internal+jwt', requiredClaims: ['exp'] });
}

describe('a service', () => {
  test('verifies who asks with the keys on the admin port', async () => {
    await open();
    expect((await world.ask(caller)).status).toBe(200);
    const { payload } = await verify(tokenOf(world.seen()));
    expect(payload).toMatchObject({
      sub: 'usr_ada',
      client_id: 'app',
      scope: 'orders:read',
      tenant: 'acme',
      kind: 'user',
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60);
  });

  test('sees that nobody is signed in', async () => {
    await open();
    await world.ask();
    const { payload } = await verify(tokenOf(world.seen()));
    expect(payload).toMatchObject({ kind: 'anonymous' });
    expect(payload.sub).toBeUndefined();
  });

  test('gets one token for many calls of a caller, and another for another caller', async () => {
    await open();
    await Promise.all(Array.from({ length: 20 }, () => world.ask(caller)));
    await world.ask({ ...caller, 'x-test-caller': 'usr_bob orders:read' });
    const tokens = world.service.requests.map(tokenOf);
    expect(tokens).toHaveLength(21);
    expect(new Set(tokens).size).toBe(2);
  });

  test('knows a new key before it signs, and the old one after', async () => {
    const pem = () =>
      generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    const [old, next] = [pem(), pem()];
    await open([old, next]);
    await world.ask(caller);
    const signedBefore = tokenOf(world.seen());
    const known = (await (await fetch(`${world.bff.adminUrl}/jwks`)).json()) as JSONWebKeySet;
    await world.close();
    await open([next, old]);
    await world.ask(caller);
    const options = { issuer, audience: 'shop' };
    const after = await jwtVerify(tokenOf(world.seen()), createLocalJWKSet(known), options);
    expect(after.protectedHeader.kid).toBe(known.keys[1]?.kid);
    await expect(verify(signedBefore)).resolves.toBeDefined();
  });
});

describe('a client', () => {
  const spoofs = [
    'X-User-Id: admin',
    'X-User_Id: admin',
    'X_User_Id: admin',
    'x.user.id: admin',
    'X-Internal-Call: 1',
    'X-INTERNAL-ROLE: admin',
    'Bff-Shadow: 1',
    'Bff-Deadline-Ms: 1',
    'X-Bff-App: web',
    'X-Auth-Request-User: admin',
    'Remote-User: admin',
    'X-Forwarded-User: admin',
    'Proxy-Authorization: Basic admin',
    'Connection: authorization, x-user-id, x-request-id, bff-deadline-ms, keep-alive',
    'Connection: accept-language, keep-alive',
    'Cookie: session=admin',
    'X-CSRF: 1',
    `Authorization: Bearer ${canary}`,
    `authorization: Bearer ${canary}`,
  ];

  test.each(spoofs)('cannot speak for the gateway with %s', async (line) => {
    await open();
    const client = await rawClient(world.bff.url);
    client.write(
      `GET /read HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Test-Caller: usr_ada\r\nAccept-Language: de\r\n${line}\r\n\r\n`,
    );
    const { status } = await client.answer();
    client.socket.destroy();
    expect([200, 400]).toContain(status); // what is strange enough is refused at the door
    expect(world.service.requests).toHaveLength(status === 200 ? 1 : 0);
    if (status === 400) return;
    const { headers } = world.seen();
    const { payload } = await verify(tokenOf(world.seen()));
    expect(payload.sub).toBe('usr_ada');
    const ours = [
      'accept',
      'authorization',
      'bff-deadline-ms',
      'connection',
      'host',
      'traceparent',
      'x-request-id',
    ];
    const isHopByHop = line.includes('accept-language');
    expect(Object.keys(headers).sort()).toEqual([...ours, ...(isHopByHop ? [] : ['accept-language'])].sort());
    expect(Number(headers['bff-deadline-ms'])).toBeGreaterThan(1_000);
    expect(JSON.stringify(headers)).not.toMatch(new RegExp(`admin|${canary}`));
  });

  test('whose token is not declared to pass reaches no service with it', async () => {
    world = await guarded(undefined, { identity: [trusting()] });
    await world.ask({ ...caller, cookie: `session=${canary}`, 'x-user-id': canary });
    expect(Object.keys(world.seen().headers)).not.toContain('authorization');
    expect(JSON.stringify(world.seen().headers)).not.toContain(canary);
  });
});

test('a redirect of a service is not followed, and its target gets no token', async () => {
  await open();
  const elsewhere = await faultyUpstream(faults.ok({ id: 'metadata' }));
  world.service.mode = faults.status(302, `Location: ${elsewhere.url}/latest/meta-data\r\n`);
  const answer = await world.ask(caller);
  expect(answer.status).toBe(502);
  expect(await answer.text()).not.toContain(elsewhere.url);
  expect(elsewhere.requests).toHaveLength(0);
  await elsewhere.close();
});

test('no token and no key is in the log, the graph or the index of the admin port', async () => {
  await open();
  await world.ask(caller);
  const ours = tokenOf(world.seen());
  world.service.mode = faults.status(401);
  await world.ask(caller);
  const graph = await (await fetch(`${world.bff.adminUrl}/graph`)).text();
  const index = await (await fetch(world.bff.adminUrl)).text();
  expect(JSON.parse(graph)).toMatchObject({ identities: { shop: 'internal-jwt' } });
  expect(index).toContain('/jwks');
  const told = `${JSON.stringify(world.bff.log)} ${graph} ${index}`;
  expect(world.bff.log.length).toBeGreaterThan(1);
  for (const secret of [canary, ours, ours.split('.')[2] ?? '', '"d"']) expect(told).not.toContain(secret);
});
