/**
 * Logout tokens as the provider would make them, and as it would not.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { World } from './world.ts';

export const eventName = 'http://schemas.openid.net/event/backchannel-logout';

export interface Forgery {
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly key?: Parameters<SignJWT['sign']>[0];
}

/** A good logout token for `usr_0001`, but for what the test changes; `undefined` leaves a claim out. */
export async function forge(world: World, { claims = {}, header = {}, key }: Forgery = {}): Promise<string> {
  const now = Math.floor(world.clock.wallMs() / 1_000);
  const all = {
    iss: world.provider.issuer,
    aud: 'web',
    iat: now,
    exp: now + 120,
    jti: randomUUID(),
    sub: 'usr_0001',
    events: { [eventName]: {} },
    ...claims,
  };
  const present = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return new SignJWT(present)
    .setProtectedHeader({ alg: 'RS256', kid: world.provider.keyId, typ: 'logout+jwt', ...header })
    .sign(key ?? world.provider.privateKey);
}

/** Posts it as the provider does. */
export async function sendLogout(world: World, token: string): Promise<Response> {
  return fetch(`${world.origin}/bff/backchannel-logout`, {
    method: 'POST',
    body: new URLSearchParams({ logout_token: token }),
  });
}
