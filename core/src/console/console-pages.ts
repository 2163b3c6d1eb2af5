/**
 * The console on the admin port: the page at `/console`, what it shows at `/console/data`, and as it happens at
 * `/console/events`. It reads; nothing here changes what the BFF does.
 *
 * @module
 */
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Bff } from '../bff.ts';
import type { AdminPages } from '../context/admin-pages.ts';
import { type Clock, systemClock } from '../context/clock.ts';
import { aboutBff } from './about.ts';
import type { ConsoleDoor } from './door.ts';
import { Feed, maxReaders } from './feed.ts';
import { happenedLine } from './happened-line.ts';
import { Observations } from './observations.ts';
import { pageFile, pageHeaders } from './page-files.ts';
import { tickMaker } from './tick.ts';
import type { BffView, ConsoleData, Tick } from './wire.ts';

export interface ConsoleOptions {
  /** Default the machine's. */
  readonly clock?: Clock;
  /** How browsers sign in; absent where the admin port asks for no token. */
  readonly door?: ConsoleDoor | undefined;
}

const windows = [60, 300];
const maxTokenBytes = 4_096;
/** What a page must not keep. */
const dataHeaders = { ...pageHeaders, 'cache-control': 'no-store' };

/** The pages of one BFF. From now on it watches the facts. */
export function consolePages(bff: Bff, { clock = systemClock, door }: ConsoleOptions = {}): AdminPages {
  const seen = new Observations(clock);
  seen.watch(bff.events);
  const about = aboutBff(bff);
  const makeTick = tickMaker({ bff, endpoints: about.endpoints, seen, clock });
  const view = (window: number): BffView => ({ about, tick: makeTick({ window }) });
  let sentUpTo = 0;
  const feed = new Feed(
    {
      first: view,
      next: (window): Tick => makeTick({ window, after: sentUpTo }),
      turn: () => {
        sentUpTo = seen.lastKept;
      },
    },
    clock,
  );
  seen.onHappening = (happened) => {
    if (feed.readers === 0) return;
    const upstreams = bff.upstreams.status();
    feed.tell('happened', { bff: bff.name, happened: happenedLine(happened), upstreams });
  };
  return {
    pages: ['/console'],
    mount(app) {
      app.get('/console', (c) => fileAnswer(c, 'index.html'));
      app.get('/console/page/:file', (c) => fileAnswer(c, c.req.param('file')));
      app.get('/console/data', (c) => {
        const data: ConsoleData = { bffs: [view(windowOf(c))] };
        return c.json(data, 200, dataHeaders);
      });
      app.get('/console/events', (c) => {
        if (feed.readers === 0) sentUpTo = seen.lastKept;
        const stream = feed.open(windowOf(c));
        if (stream === undefined) {
          const why = { error: `at most ${maxReaders} pages at once` };
          return c.json(why, 503, { ...dataHeaders, 'retry-after': '5' });
        }
        return c.body(stream, 200, { ...dataHeaders, 'content-type': 'text/event-stream; charset=utf-8' });
      });
      if (door === undefined) return;
      const small = bodyLimit({ maxSize: maxTokenBytes, onError: (c) => c.body(null, 413) });
      app.post('/console/sign-in', small, (c) => signIn(c, door));
      app.post('/console/sign-out', (c) => c.body(null, 204, { 'set-cookie': door.signOut() }));
    },
  };
}

function fileAnswer(c: Context, name: string): Response {
  const file = pageFile(name);
  if (file === undefined) return c.json({ error: 'no such file' }, 404, pageHeaders);
  return c.body(file.body, 200, { ...pageHeaders, 'content-type': file.type });
}

function windowOf(c: Context): number {
  const asked = Number(c.req.query('window') ?? windows[0]);
  return windows.includes(asked) ? asked : (windows[0] as number);
}

async function signIn(c: Context, door: ConsoleDoor): Promise<Response> {
  const verdict = door.signIn(await c.req.text(), new URL(c.req.url).protocol === 'https:');
  if (verdict === 'wait') return c.body(null, 429, { ...dataHeaders, 'retry-after': '60' });
  if (verdict === 'wrong') return c.body(null, 401, dataHeaders);
  return c.body(null, 204, { ...dataHeaders, 'set-cookie': verdict.cookie });
}
