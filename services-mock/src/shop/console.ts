/**
 * The console of the whole shop, for `npm start`: one page for all BFFs. It asks their admin ports on the browser's
 * behalf, which speaks to this origin only, and has what only development has: faults of the services and visitors.
 *
 * @module
 */
import { once } from 'node:events';
import { isIP } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { createAdaptorServer } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import * as z from 'zod';
import type { FaultControl } from '../fault-board.ts';
import { FaultError } from '../fault-units.ts';
import { errorBody } from '../rest/service-error.ts';
import { frame, framesOf } from './sse.ts';
import { type Traffic, trafficModes } from './traffic.ts';

/** A BFF, as the console reaches it. */
export interface ConsoleGateway {
  readonly name: string;
  readonly url: string;
  readonly adminUrl: string;
  /** What its admin port asks for, if it does. */
  readonly adminToken?: string | undefined;
}

export interface ConsoleOptions {
  readonly port: number;
  readonly gateways: () => readonly ConsoleGateway[];
  readonly faults: FaultControl;
  readonly traffic: Traffic;
}

export interface ShopConsole {
  readonly url: string;
  readonly close: () => Promise<void>;
}

const host = '127.0.0.1';
const maxPages = 16;
const maxWaiting = 8 * 1024 ** 2;
const retryMs = 1_000;
const lookMs = 500;
const maxBodyBytes = 4_096;

const Specs = z.array(z.string().max(100)).max(20);
const Mode = z.strictObject({ mode: z.enum(trafficModes) });

/** @throws {Error} when the port is taken. */
export async function startConsole(options: ConsoleOptions): Promise<ShopConsole> {
  const over = new AbortController();
  const app = createConsoleApp(options, over.signal);
  const server = createAdaptorServer({ fetch: app.fetch });
  server.listen(options.port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new Error(`port ${options.port} (console) is taken; free it or set CONSOLE_PORT`, { cause });
  }
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return {
    url: `http://localhost:${port}/console`,
    async close() {
      over.abort();
      const closed = once(server, 'close');
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
    },
  };
}

function createConsoleApp({ gateways, faults, traffic }: ConsoleOptions, over: AbortSignal): Hono {
  const app = new Hono();
  const openPages = new Set<object>();
  /** Told to look at the faults at once. */
  const lookers = new Set<() => void>();
  const look = (): void => {
    for (const one of lookers) one();
  };
  const development = (): object => ({ faults: faults.list(), traffic: traffic.mode() });

  app.use(async (c, next) => {
    if (!isFromHere(c)) return c.json(errorBody('forbidden', 'The console is for pages of its own.'), 403);
    return next();
  });
  app.onError((error, c) => {
    if (error instanceof FaultError) return c.json(errorBody(error.code, error.message), 400);
    if (error instanceof z.ZodError || error instanceof SyntaxError)
      return c.json(errorBody('invalid_body', 'The body is not what this takes.'), 400);
    return c.json(errorBody('internal_error', 'Something went wrong.'), 500);
  });
  app.get('/', (c) => c.redirect('/console'));
  app.get('/console', (c) => fromAnyGateway(gateways(), c.req.path));
  app.get('/console/page/:file', (c) => fromAnyGateway(gateways(), c.req.path));
  app.get('/console/data', async (c) => {
    const answers = await Promise.all(gateways().map((gateway) => dataOf(gateway, windowOf(c))));
    return c.json({ bffs: answers.flat(), dev: development() }, 200, { 'cache-control': 'no-store' });
  });
  app.get('/console/events', (c) => {
    if (openPages.size >= maxPages) return c.json(errorBody('busy', 'Too many pages are open.'), 503);
    const page = {};
    const left = new AbortController();
    const signal = AbortSignal.any([over, left.signal]);
    const body = new ReadableStream<Uint8Array>(
      {
        start(controller) {
          openPages.add(page);
          const leave = (): void => {
            openPages.delete(page);
            lookers.delete(tellFaults);
            clearInterval(timer);
            left.abort();
          };
          const encoder = new TextEncoder();
          const send = (text: string): void => {
            if (signal.aborted) return;
            if ((controller.desiredSize ?? 0) > 0) {
              controller.enqueue(encoder.encode(text));
              return;
            }
            leave();
            controller.error(new Error('the page does not keep up'));
          };
          let told = '';
          const tellFaults = (): void => {
            const text = frame('dev', development());
            if (text === told) return;
            told = text;
            send(text);
          };
          const timer = setInterval(tellFaults, lookMs);
          lookers.add(tellFaults);
          signal.addEventListener('abort', leave, { once: true });
          send(frame('dev', { origins: Object.fromEntries(gateways().map(({ name, url }) => [name, url])) }));
          tellFaults();
          for (const gateway of gateways()) void follow(gateway, windowOf(c), { send, signal });
        },
        cancel: () => left.abort(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: maxWaiting }),
    );
    return c.body(body, 200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    });
  });

  const small = bodyLimit({
    maxSize: maxBodyBytes,
    onError: (c) => c.json(errorBody('too_large', 'The body is too large.'), 413),
  });
  app.use('/console/dev/*', small);
  app.put('/console/dev/faults/:service', async (c) => {
    const specs = Specs.parse(await c.req.json());
    faults.set(c.req.param('service'), specs);
    if (specs.length > 0) traffic.nudge();
    look();
    return c.json(development());
  });
  app.delete('/console/dev/faults', (c) => {
    faults.clear();
    look();
    return c.json(development());
  });
  app.put('/console/dev/traffic', async (c) => {
    traffic.set(Mode.parse(await c.req.json()).mode);
    look();
    return c.json(development());
  });
  return app;
}

interface Follower {
  readonly send: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Passes on what a BFF tells, again and again: it may restart. */
async function follow(gateway: ConsoleGateway, window: string, { send, signal }: Follower): Promise<void> {
  while (!signal.aborted) {
    try {
      const answer = await ask(gateway, `/console/events?window=${window}`, signal);
      if (answer.ok && answer.body !== null) for await (const text of framesOf(answer.body)) send(text);
      else await answer.body?.cancel();
    } catch {
      // It went away: said below, and asked again.
    }
    if (signal.aborted) return;
    send(frame('gone', { bff: gateway.name }));
    await wait(retryMs, undefined, { signal }).catch(() => {});
  }
}

async function dataOf(gateway: ConsoleGateway, window: string): Promise<readonly unknown[]> {
  try {
    const answer = await ask(gateway, `/console/data?window=${window}`, AbortSignal.timeout(5_000));
    const { bffs } = (await answer.json()) as { readonly bffs: readonly unknown[] };
    return bffs;
  } catch {
    return [];
  }
}

/** The files of the page are the same at every BFF. */
async function fromAnyGateway(gateways: readonly ConsoleGateway[], path: string): Promise<Response> {
  for (const gateway of gateways) {
    try {
      const answer = await ask(gateway, path, AbortSignal.timeout(5_000));
      const kept = [
        'content-type',
        'content-security-policy',
        'referrer-policy',
        'x-content-type-options',
        'cache-control',
        'x-frame-options',
      ];
      const headers = kept.flatMap((name) => {
        const value = answer.headers.get(name);
        return value === null ? [] : [[name, value] as [string, string]];
      });
      return new Response(await answer.arrayBuffer(), { status: answer.status, headers });
    } catch {
      // The next one may be there.
    }
  }
  return Response.json(errorBody('unavailable', 'No gateway answers.'), { status: 503 });
}

function ask({ adminUrl, adminToken }: ConsoleGateway, path: string, signal: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = adminToken ? { authorization: `Bearer ${adminToken}` } : {};
  return fetch(adminUrl + path, { headers, signal });
}

function windowOf(c: Context): string {
  return c.req.query('window') === '300' ? '300' : '60';
}

/** Other pages may neither rename their host to this one nor send anything here. */
function isFromHere(c: Context): boolean {
  const own = c.req.header('host') ?? '';
  const name = /^(?:\[([^\]]*)\]|([^:]*))(?::\d+)?$/.exec(own);
  const hostname = name?.[1] ?? name?.[2] ?? '';
  if (hostname !== 'localhost' && isIP(hostname) === 0) return false;
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return true;
  const site = c.req.header('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const origin = c.req.header('origin');
  return origin === undefined || URL.parse(origin)?.host === own;
}
