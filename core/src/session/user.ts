/**
 * `GET /bff/user`: who is signed in, for the app's own pages.
 *
 * @module
 */
import { z } from 'zod';
import { type Endpoint, endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { challenge, sessionEnded } from './authenticate.ts';
import { paths, type SessionParts } from './parts.ts';
import { profileOf, remainingMs, type Session } from './session-record.ts';

export function userEndpoint({ options, found }: SessionParts): Endpoint {
  const { anonymous, clock, idleMs } = options;
  return endpoint('GET', paths.user, {
    summary: 'Who is signed in, and for how long.',
    access: anyone(), // asking who is signed in is no failed attempt to be
    deadlineMs: 5_000,
    query: z.object({ slide: z.enum(['true', 'false']).optional() }),
  }).answer(({ context }) => {
    const session = found.get(context);
    if (session !== undefined && session !== 'ended') return json(userOf(session, clock.wallMs(), idleMs));
    if (anonymous === '200-null') return json(null);
    if (session === 'ended') throw sessionEnded();
    throw new GatewayError('not-signed-in', { headers: { 'www-authenticate': challenge } });
  });
}

function userOf(session: Session, nowMs: number, idleMs: number): Record<string, unknown> {
  return {
    ...profileOf(session),
    logoutUrl: `${paths.logout}?sid=${encodeURIComponent(session.sid)}`,
    sessionExpiresIn: Math.floor(remainingMs(session, idleMs, nowMs) / 1_000),
  };
}

/** `no-transform`: nothing on the way may compress what holds a person's data beside reflected input. */
function json(value: unknown) {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'private, no-store, no-transform' },
    body: JSON.stringify(value),
  };
}
