/**
 * The whole shop for one test file: the mock services and every BFF on sockets of their own, with
 * callers that have real credentials.
 *
 * @module
 */
import { createHmac } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { mintToken, type Services, startServices } from '@acme/services-mock';
import type { Logger } from 'bffkit';
import { type RunningBff, serve } from 'bffkit/node';
import { type BffPackage, envOf } from './bff-package.ts';
import { leaksOf } from './leaks.ts';

export interface Shop {
  readonly services: Services;
  /** The address of a BFF. */
  urlOf(bff: string): string;
  /** A token of the issuer for one BFF, with all its scopes. */
  token(bff: string, user: string, token?: TokenOptions): Promise<string>;
  /** Sends a request to a BFF; every answer is searched for what only services may know. */
  ask(bff: string, target: string, init?: AskOptions): Promise<ShopAnswer>;
  close(): Promise<void>;
}

export interface TokenOptions {
  readonly audience?: string;
  readonly scope?: string;
  readonly expiresInSeconds?: number;
}

export interface AskOptions extends RequestInit {
  /** A token or an API key. */
  readonly credential?: string;
}

export interface ShopAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
}

const silent: Logger = { info() {}, warn() {}, error() {} };

const pepper = 'the pepper of the keys in these tests';
/** The customer account of the partner whose key is `partnerKey`. */
export const partnerCustomer = 'usr_0001';
export const partnerKey = apiKey('shoptest0001');
/** Of another partner: what one has used up, the other still has. */
export const otherPartnerKey = apiKey('shoptest0002');

/** Starts everything on free ports. */
export async function openShop(bffs: readonly BffPackage[]): Promise<Shop> {
  const services = await startServices({ ports: 'free' });
  const scopes = new Map(bffs.map((bff) => [bff.name, scopesOf(bff)]));
  const env = {
    ...envOf(services.urls),
    PARTNER_KEY_PEPPER: pepper,
    PARTNER_API_KEYS: JSON.stringify([
      seedOf(partnerKey, partnerCustomer, scopes.get('partner')),
      seedOf(otherPartnerKey, 'usr_0002', scopes.get('partner')),
    ]),
  };
  const running = new Map<string, RunningBff>();
  for (const bff of bffs) running.set(bff.name, await serveSilently(bff, env));
  const urlOf = (bff: string): string => {
    const url = running.get(bff)?.url;
    if (url === undefined) throw new Error(`there is no BFF '${bff}'`);
    return url;
  };
  return {
    services,
    urlOf,
    token(bff, user, options = {}) {
      const scope = [...(scopes.get(bff) ?? [])].join(' ');
      return mintToken(services.issuer, { user, audience: bff, scope, ...options });
    },
    async ask(bff, target, { credential, headers, ...init } = {}) {
      const own = new Headers(headers);
      if (credential !== undefined) own.set('authorization', `Bearer ${credential}`);
      const response = await fetch(urlOf(bff) + target, { ...init, headers: own });
      const text = await response.text();
      const leaks = leaksOf(response.headers, text);
      if (leaks.length > 0) throw new Error(`${bff} ${target} lets out ${leaks.join(', ')}`);
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: text === '' ? undefined : JSON.parse(text),
      };
    },
    async close() {
      await Promise.all([...running.values()].map((bff) => bff.close()));
      await services.close();
    },
  };
}

function serveSilently(bff: BffPackage, env: Readonly<Record<string, string>>): Promise<RunningBff> {
  return serve(bff.create(env), {
    port: 0,
    adminPort: 0,
    hostname: '127.0.0.1',
    graceMs: 0,
    signals: false,
    logger: silent,
  });
}

function scopesOf({ graph }: BffPackage): ReadonlySet<string> {
  return new Set(graph.endpoints.flatMap(({ access }) => access.scopes));
}

function apiKey(id: string): string {
  const body = `bffk_test_${id}_${'s'.repeat(30)}`;
  return body + inBase62(crc32(body)).padStart(6, '0');
}

function inBase62(value: number): string {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  return value === 0 ? '' : inBase62(Math.floor(value / 62)) + digits.charAt(value % 62);
}

/** What the partner BFF needs to know {@link partnerKey}. */
export function partnerSeed(): Record<string, string> {
  const scopes = ['products:read', 'inventory:read', 'orders:read', 'orders:write'];
  return {
    PARTNER_KEY_PEPPER: pepper,
    PARTNER_API_KEYS: JSON.stringify([seedOf(partnerKey, partnerCustomer, scopes)]),
  };
}

/** What it needs to know {@link partnerKey} and {@link otherPartnerKey}, on this plan. */
export function partnerSeeds(plan: string): Record<string, string> {
  const scopes = ['orders:read', 'orders:write'];
  const seeds = [seedOf(partnerKey, partnerCustomer, scopes), seedOf(otherPartnerKey, 'usr_0002', scopes)];
  return {
    PARTNER_KEY_PEPPER: pepper,
    PARTNER_API_KEYS: JSON.stringify(seeds.map((seed) => ({ ...seed, plan }))),
  };
}

function seedOf(key: string, partner: string, scopes: Iterable<string> = []): object {
  const hash = createHmac('sha256', pepper).update(key).digest('hex');
  return { id: key.split('_')[2], hash, partner, scopes: [...scopes] };
}
