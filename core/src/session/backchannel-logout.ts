/**
 * `POST /bff/backchannel-logout`: the provider says, server to server, that a person signed out or was
 * signed out. Their sessions end at once on every instance, logins under way included.
 *
 * @see {@link https://openid.net/specs/openid-connect-backchannel-1_0.html OpenID Connect Back-Channel Logout}
 * @module
 */
import type { Inbound } from '../context/inbound.ts';
import { type Endpoint, endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { invalidLogoutToken, type LogoutToken, logoutTokens } from './logout-token.ts';
import { paths, type SessionParts, tellProblem } from './parts.ts';
import { logoutTokenKey } from './record-keys.ts';

const maxFormBytes = 16 * 1_024;
/** Longer than a logout token is accepted. */
const replayMs = 300_000;
/** Sessions ended at a time. */
const batch = 20;

export interface BackchannelLogout {
  readonly endpoint: Endpoint;
  /** Resolves when no revocation is under way. */
  close(): Promise<void>;
}

export function backchannelLogout(parts: SessionParts): BackchannelLogout {
  const { options, provider, store } = parts;
  const { clock, records } = options;
  const verify = logoutTokens(options, provider);
  const revocations = new Set<Promise<void>>();

  const namedBy = async ({ sid, subject }: LogoutToken): Promise<readonly string[]> => {
    const ofSession = sid === undefined ? [] : await store.revokeProviderSession(sid);
    const isForAll = sid === undefined || options.allSessionsOfSubject;
    if (subject === undefined || !isForAll) return ofSession;
    return [...new Set([...ofSession, ...(await store.revokeSubject(subject, clock.wallMs()))])];
  };
  const endAll = async (idHashes: readonly string[]): Promise<readonly string[]> => {
    const refreshTokens: string[] = [];
    for (let start = 0; start < idHashes.length; start += batch) {
      const ending = idHashes.slice(start, start + batch).map((idHash) => store.end(idHash, clock.wallMs()));
      for (const session of await Promise.all(ending)) {
        if (session?.refreshToken !== undefined) refreshTokens.push(session.refreshToken);
      }
    }
    return refreshTokens;
  };
  /** After the answer: the provider may wait for it before it takes another request. */
  const revoke = (refreshTokens: readonly string[]): void => {
    const run = (async () => {
      for (const token of refreshTokens) await provider.revoke(token);
    })()
      .catch((error) => tellProblem(parts, 'back-channel logout', error))
      .finally(() => revocations.delete(run));
    revocations.add(run);
  };

  return {
    endpoint: endpoint('POST', paths.backchannelLogout, {
      summary: 'Ends sessions; the identity provider calls it.',
      access: anyone(), // the token proves who calls
      antiForgery: false,
      deadlineMs: 10_000,
    }).answer(async ({ context }) => {
      const token = await verify(await readLogoutToken(context.inbound));
      const mark = logoutTokenKey(token.jti);
      if ((await records.get(mark)) !== undefined) throw invalidLogoutToken('it was used before');
      revoke(await endAll(await namedBy(token)));
      // Last: a store that answers late still writes, and the provider must be able to try again until all is ended.
      if (!(await records.set(mark, '1', { ttlMs: replayMs, when: 'absent' }))) {
        throw invalidLogoutToken('it was used before');
      }
      return { status: 200, headers: { 'cache-control': 'no-store' } };
    }),
    async close() {
      await Promise.all(revocations);
    },
  };
}

async function readLogoutToken(inbound: Inbound): Promise<string> {
  if (!/^application\/x-www-form-urlencoded(?:\s*;|$)/i.test(inbound.header('content-type') ?? '')) {
    throw new GatewayError('unsupported-media-type', { detail: 'Send a form.' });
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of inbound.body() ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxFormBytes) throw new GatewayError('body-too-large', { headers: { connection: 'close' } });
    chunks.push(chunk);
  }
  const tokens = new URLSearchParams(Buffer.concat(chunks).toString('utf8')).getAll('logout_token');
  const [token] = tokens;
  if (token === undefined || tokens.length > 1) throw invalidLogoutToken('there must be exactly one');
  return token;
}
