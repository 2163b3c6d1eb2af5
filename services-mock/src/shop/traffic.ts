/**
 * Visitors of the shop, for demonstrations: they look at what the three BFFs have to show, at a steady pace, each with
 * credentials of their own.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ACCOUNTS } from '../data/accounts.ts';
import { type Issuer, mintToken } from '../mint-token.ts';
import type { Credentials } from './credentials.ts';

export const trafficModes = ['off', 'gentle', 'busy'] as const;
export type TrafficMode = (typeof trafficModes)[number];

export interface Traffic {
  readonly mode: () => TrafficMode;
  readonly set: (mode: TrafficMode) => void;
  /** Asks for everything a few times, so that something is to be seen at once, whatever the mode. */
  readonly nudge: () => void;
  readonly stop: () => void;
}

export interface TrafficOptions {
  readonly gateways: () => readonly { readonly name: string; readonly url: string }[];
  readonly issuer: Issuer;
  readonly credentials: Pick<Credentials, 'partner'>;
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const perSecond: Readonly<Record<TrafficMode, number>> = { off: 0, gentle: 4, busy: 24 };
const stepMs = 250;
const nudgeRounds = 3;
const nudgeMs = 250;
const timeoutMs = 10_000;
const tokenLifeMs = 30 * 60_000;

/** What visitors ask for, in turns. */
const visits: Readonly<Record<string, readonly string[]>> = {
  web: [
    '/api/home?orders=3',
    '/api/products/prd_00001',
    '/api/search?q=lamp',
    '/api/products/prd_00002?reviews=3',
    '/api/orders',
    '/api/account',
  ],
  mobile: ['/v1/home', '/v1/feed', '/v1/products/prd_00003', '/v1/notifications', '/v1/orders'],
  partner: ['/v1/products', '/v1/inventory/SKU-00001', '/v1/products/prd_00004', '/v1/inventory/SKU-00002'],
};

export function createTraffic({ gateways, issuer, credentials }: TrafficOptions): Traffic {
  const stopped = new AbortController();
  let mode: TrafficMode = 'off';
  let turn = 0;
  let owed = 0;
  let tokens: { readonly headers: readonly string[]; readonly untilMs: number } | undefined;

  const headersOf = async (gateway: string): Promise<Record<string, string>> => {
    if (gateway === 'partner') return { authorization: readHeader(credentials.partner) };
    if (tokens === undefined || tokens.untilMs < Date.now()) {
      const headers = await Promise.all(
        ACCOUNTS.map(async ({ login }) => `Bearer ${await mintToken(issuer, { user: login })}`),
      );
      tokens = { headers, untilMs: Date.now() + tokenLifeMs };
    }
    return { authorization: tokens.headers[turn % tokens.headers.length] ?? '' };
  };

  const visitAll = (): void => {
    turn += 1;
    for (const { name, url } of gateways()) {
      const paths = visits[name] ?? [];
      const path = paths[turn % paths.length];
      if (path !== undefined) void visit(name, url + path);
    }
  };

  const visitEverything = (): void => {
    turn += 1;
    for (const { name, url } of gateways()) {
      for (const path of visits[name] ?? []) void visit(name, url + path);
    }
  };

  const visit = async (gateway: string, url: string): Promise<void> => {
    try {
      const signal = AbortSignal.any([stopped.signal, AbortSignal.timeout(timeoutMs)]);
      const answer = await fetch(url, { headers: await headersOf(gateway), signal });
      await answer.arrayBuffer();
    } catch {
      // A gateway that restarts, or an answer that broke off: visitors come back.
    }
  };

  const timer = setInterval(() => {
    owed += (perSecond[mode] * stepMs) / 1_000;
    for (; owed >= 1; owed -= 1) visitAll();
  }, stepMs);
  return {
    mode: () => mode,
    set(next) {
      mode = next;
      owed = 0;
    },
    nudge() {
      for (let round = 0; round < nudgeRounds; round += 1) {
        setTimeout(() => stopped.signal.aborted || visitEverything(), round * nudgeMs).unref();
      }
    },
    stop() {
      clearInterval(timer);
      stopped.abort();
    },
  };
}

function readHeader(file: string): string {
  return readFileSync(join(root, file), 'utf8')
    .trim()
    .replace(/^authorization: /, '');
}
