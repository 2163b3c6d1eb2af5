/**
 * Where access tokens are forged: an identity provider that publishes what a test tells it to, a service
 * that must not be reached, and a BFF between them on real sockets. Tokens are written byte by byte with
 * Node's own cryptography, so that the lab shares no opinion with the library under test.
 *
 * @module
 */
import {
  constants,
  createHmac,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  allOf,
  anyone,
  type BearerOptions,
  type BffOptions,
  bearer,
  bind,
  endpoint,
  get,
  roles,
  scopes,
  signedIn,
  tokenBucket,
  upstream,
} from 'bffkit';
import { expect } from 'vitest';
import { z } from 'zod';
import * as faults from './faults.ts';
import { type FaultyUpstream, faultyUpstream } from './faulty-upstream.ts';
import { type ServedBff, served } from './served.ts';

export type Sign = (input: Buffer) => Buffer;

/** Keys of the provider, and of somebody else. Made once: RSA keys are slow. */
export const keys = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ed: generateKeyPairSync('ed25519'),
  strangerRsa: generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  strangerEc: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  strangerEd: generateKeyPairSync('ed25519'),
};

/** Signers of every algorithm a token could name. */
export const signers = {
  rs:
    (key: KeyObject, bits = 256): Sign =>
    (input) =>
      sign(`sha${bits}`, input, key),
  ps:
    (key: KeyObject, bits = 256, saltLength = bits / 8): Sign =>
    (input) =>
      sign(`sha${bits}`, input, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }),
  es:
    (key: KeyObject, bits = 256, dsaEncoding: 'ieee-p1363' | 'der' = 'ieee-p1363'): Sign =>
    (input) =>
      sign(`sha${bits}`, input, { key, dsaEncoding }),
  ed:
    (key: KeyObject): Sign =>
    (input) =>
      sign(null, input, key),
  hs:
    (secret: string | Buffer, bits = 256): Sign =>
    (input) =>
      createHmac(`sha${bits}`, secret).update(input).digest(),
};

export function base64url(value: unknown): string {
  if (Buffer.isBuffer(value)) return value.toString('base64url');
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

export function jwkOf({ publicKey }: { readonly publicKey: KeyObject }, more: object = {}): JsonWebKey {
  return { ...publicKey.export({ format: 'jwk' }), ...more };
}

/** What every forged token carries, and nobody may ever repeat. */
export const canary = 'CANARY-d41d8cd98f00b204';

export interface Forgery {
  /** Members over those of a good header, or a whole header as text or bytes. `undefined` leaves one out. */
  readonly header?: object | string | Buffer;
  /** The same for the claims. */
  readonly claims?: object | string | Buffer;
  /** Default: the provider's EC key. */
  readonly sign?: Sign;
}

export interface KeyServer {
  readonly url: string;
  /** What it publishes; default the three good keys. */
  document: unknown;
  /** Answers in its own way, instead of the document. */
  answer: ((response: ServerResponse) => void) | undefined;
  fetches: number;
  close(): Promise<void>;
}

export const goodKeys = [
  jwkOf(keys.rsa, { kid: 'rsa', use: 'sig' }),
  jwkOf(keys.ec, { kid: 'ec', use: 'sig', alg: 'ES256' }),
  jwkOf(keys.ed, { kid: 'ed', use: 'sig', alg: 'EdDSA' }),
];

export async function keyServer(): Promise<KeyServer> {
  const http = createServer((_request, response) => {
    server.fetches += 1;
    if (server.answer !== undefined) server.answer(response);
    else response.end(JSON.stringify(server.document));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const server: KeyServer = {
    url: `http://127.0.0.1:${port}/jwks`,
    document: { keys: goodKeys },
    answer: undefined,
    fetches: 0,
    async close() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
  return server;
}

export interface TokenLab {
  readonly bff: ServedBff;
  readonly provider: KeyServer;
  readonly service: FaultyUpstream;
  /** Writes a token: good, but for what the forgery says. */
  forge(forgery?: Forgery): string;
  /** A request with this token. */
  call(path: string, token?: string, init?: RequestInit): Promise<Response>;
  /**
   * Everything that holds of every refusal, whatever it was for: its status and code, nothing called, nothing
   * set, nothing kept, nothing repeated, and the next caller is served.
   */
  expectRefused(answer: Response, refusal: Refusal): Promise<void>;
  close(): Promise<void>;
}

export interface Refusal {
  readonly status: number;
  readonly code: string;
  /** `WWW-Authenticate`; `null` for none. */
  readonly challenge: string | null;
  /** Texts that may stand neither in the answer nor in the log. */
  readonly secrets?: readonly string[];
}

export const issuer = 'https://login.example';
const Part = z.object({ id: z.string() });
const Who = z.object({ subject: z.string(), tenant: z.string().nullable(), roles: z.array(z.string()) });
const shop = upstream('shop', { operations: { get: get('/part', { response: Part }) } });

const options = { summary: 'A part.', deadlineMs: 5_000 } as const;
const read = (path: `/${string}`, access: ReturnType<typeof signedIn>) =>
  endpoint('GET', path, { ...options, access })
    .plan(({ call }) => ({ part: call(shop.get, () => ({})) }))
    .respond(Part, ({ part }) => part);

const endpoints = [
  read('/me', signedIn()),
  read('/orders', scopes('orders:read', 'profile:read')),
  read('/support', allOf(scopes('orders:read'), roles('support'))),
  endpoint('GET', '/open', { ...options, access: anyone() })
    .plan(({ call }) => ({ part: call(shop.get, () => ({})) }))
    .respond(Part, ({ part }) => part),
  endpoint('POST', '/parts', { ...options, access: signedIn(), body: Part })
    .plan(({ call }) => ({ part: call(shop.get, () => ({})) }))
    .respond(Part, ({ part }) => part),
  endpoint('GET', '/who', {
    ...options,
    access: signedIn(),
    query: z.object({ page: z.string().optional() }),
  }).handle(Who, async ({ principal }) => ({
    subject: principal.subject,
    tenant: principal.tenant ?? null,
    roles: [...(principal.roles ?? [])],
  })),
];

/** Opens the lab. `more` changes the way tokens are judged, `parts` the BFF. */
export async function tokenLab(
  more: Partial<BearerOptions> = {},
  parts: Partial<BffOptions> = {},
): Promise<TokenLab> {
  const provider = await keyServer();
  const service = await faultyUpstream(faults.ok({ id: 'p1' }));
  const bff = await served({
    name: 'mobile',
    identity: [bearer({ issuer, audience: 'mobile', jwksUrl: provider.url, ...more })],
    authFailureLimit: tokenBucket({ name: 'auth-failures', capacity: 1_000_000, refillPerSecond: 1_000 }),
    limits: tokenBucket({ capacity: 1_000_000, refillPerSecond: 1_000 }),
    upstreams: [bind(shop, { targets: service.url })],
    endpoints,
    ...parts,
  });
  const forge = ({
    header = {},
    claims = {},
    sign: signer = signers.es(keys.ec.privateKey),
  }: Forgery = {}): string => {
    const now = Math.floor(Date.now() / 1_000);
    const goodClaims = {
      iss: issuer,
      aud: 'mobile',
      sub: 'usr_1',
      client_id: 'app',
      jti: randomUUID(),
      scope: 'profile:read orders:read',
      iat: now,
      exp: now + 3_600,
    };
    const isWhole = (value: unknown): boolean => typeof value === 'string' || Buffer.isBuffer(value);
    const head = base64url(
      isWhole(header) ? header : { alg: 'ES256', kid: 'ec', typ: 'at+jwt', ...Object(header) },
    );
    const body = base64url(isWhole(claims) ? claims : { ...goodClaims, ...Object(claims) });
    return `${head}.${body}.${base64url(signer(Buffer.from(`${head}.${body}`)))}`;
  };
  const good = forge();
  const call = (path: string, token?: string, init: RequestInit = {}): Promise<Response> =>
    fetch(bff.url + path, {
      ...init,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...Object(init.headers),
      },
    });
  return {
    bff,
    provider,
    service,
    forge,
    call,
    async expectRefused(answer, { status, code, challenge, secrets = [] }) {
      const calls = service.requests.length;
      const body = await answer.text();
      expect([answer.status, JSON.parse(body).code]).toEqual([status, code]);
      expect(answer.headers.get('www-authenticate')).toBe(challenge);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('set-cookie')).toBeNull();
      const said = `${body}${JSON.stringify([...answer.headers])}${JSON.stringify(bff.log)}`;
      for (const secret of [canary, ...secrets]) expect(said).not.toContain(secret);
      const next = await call('/me', good);
      expect([next.status, await next.json()]).toEqual([200, { id: 'p1' }]);
      expect(service.requests.length).toBe(calls + 1); // only the good caller's
    },
    async close() {
      await bff.close();
      await Promise.all([provider.close(), service.close()]);
    },
  };
}
