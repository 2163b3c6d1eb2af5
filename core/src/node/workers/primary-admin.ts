/**
 * The admin port of the primary. It knows itself which workers there are and adds up their metrics; everything
 * else the workers answer, guarded by them: switches and what each has to hear go to all, other pages to the
 * first that listens, and `/workers/N/…` to one of them.
 *
 * @module
 */
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Bff } from '../../bff.ts';
import { type AdminOptions, adminGuard } from '../admin-guard.ts';
import { WorkerSilent } from './ask-worker.ts';
import type { Crew, Seat } from './crew.ts';
import type { AdminRequest } from './messages.ts';
import type { MetricsSum } from './sum-metrics.ts';

export interface PrimaryAdminParts {
  readonly crew: Pick<Crew, 'seats' | 'isReady' | 'deaths'>;
  readonly sum: MetricsSum;
  /** Operations that are switched off; kept for workers to come. */
  readonly off: Set<string>;
  readonly isLeaving: () => boolean;
  readonly admin: AdminOptions;
}

const maxBodyBytes = 1_024 ** 2;
const answerMs = 10_000;
const verboseMs = 2_000;

/** @throws {RangeError} for a token that is too short or a host that is no name. */
export function primaryAdmin(bff: Bff, { crew, sum, off, isLeaving, admin }: PrimaryAdminParts): Hono {
  const app = new Hono();
  const guard = adminGuard(admin);
  const talking = (): Seat[] => crew.seats.filter(({ isTalking }) => isTalking);
  const small = bodyLimit({
    maxSize: maxBodyBytes,
    onError: (c) => c.json({ error: `the body must have at most ${maxBodyBytes} bytes` }, 413),
  });

  app.get('/livez', guard, (c) => c.json({ status: 'ok' }));
  app.get('/readyz', guard, async (c) => {
    const status = isLeaving() ? 'draining' : crew.isReady ? 'ready' : 'starting';
    const code = status === 'ready' ? 200 : 503;
    if (c.req.query('verbose') === undefined) return c.json({ status }, code);
    const request = await requestOf(c);
    const workers = await Promise.all(crew.seats.map((seat) => verboseOf(seat, request)));
    return c.json({ status, workers }, code);
  });
  app.get('/metrics', async (c) => {
    const { accept: _accept, ...headers } = c.req.header();
    const request = { ...(await requestOf(c)), headers };
    const seats = talking();
    const answers = await Promise.all(
      seats.map((seat) => seat.bridge.ask(request, answerMs).catch(() => {})),
    );
    for (const [index, answer] of answers.entries()) {
      const slot = seats[index]?.slot;
      if (answer === undefined || slot === undefined) continue; // what it said last still counts
      if (answer.status !== 200) return answer;
      const page = await answer.text().catch(() => undefined);
      if (page !== undefined && seats[index]?.isTalking === true) sum.scrape(slot, page);
    }
    const text = `${sum.text()}\n${ownMetrics(bff.name, crew)}`;
    return c.body(text, 200, { 'content-type': bff.metrics.contentType });
  });
  app.on(['PUT', 'DELETE'], '/off/:operation', small, async (c) => {
    const answer = await fromAll(c, talking());
    if (answer.status === 200 && c.req.method === 'PUT') off.add(c.req.param('operation'));
    if (answer.status === 200 && c.req.method === 'DELETE') off.delete(c.req.param('operation'));
    return answer;
  });
  for (const path of bff.admin.flatMap(({ everywhere = [] }) => everywhere)) {
    app.all(path, small, (c) => fromAll(c, talking()));
  }
  app.all('/workers/:slot/*', small, async (c) => {
    const [whole, slot = ''] = /^\/workers\/([^/]*)/.exec(c.req.path) ?? [''];
    const seat = talking().find((candidate) => String(candidate.slot) === slot);
    if (seat === undefined) return c.json({ error: `there is no worker '${slot}'` }, 404);
    const request = await requestOf(c);
    return fromOne(c, seat, { ...request, target: request.target.slice(whole.length) });
  });
  app.all('*', small, async (c) => {
    const seat = crew.seats.find(({ state }) => state === 'listening') ?? talking()[0];
    return seat === undefined ? nobody(c) : fromOne(c, seat, await requestOf(c));
  });
  return app;
}

async function requestOf(c: Context): Promise<AdminRequest> {
  const { method } = c.req;
  const { pathname, search } = new URL(c.req.url);
  const mayHaveBody = method !== 'GET' && method !== 'HEAD';
  const body = mayHaveBody ? new Uint8Array(await c.req.arrayBuffer()) : undefined;
  return { method, target: pathname + search, headers: c.req.header(), body };
}

async function fromOne(c: Context, seat: Seat, request: AdminRequest): Promise<Response> {
  try {
    return await seat.bridge.ask(request, answerMs);
  } catch (error) {
    if (!(error instanceof WorkerSilent)) throw error;
    return c.json({ error: `worker ${seat.slot}: ${error.message}` }, 504, { 'cache-control': 'no-store' });
  }
}

/** The answer of all of them: the first that is no success, else that of the first worker. */
async function fromAll(c: Context, seats: readonly Seat[]): Promise<Response> {
  const request = await requestOf(c);
  const answers = await Promise.all(seats.map((seat) => fromOne(c, seat, request)));
  const chosen = answers.find(({ ok }) => !ok) ?? answers[0];
  for (const answer of answers) if (answer !== chosen) void answer.body?.cancel();
  return chosen ?? nobody(c);
}

function nobody(c: Context): Response {
  return c.json({ error: 'no worker is there to answer' }, 503, { 'retry-after': '1' });
}

async function verboseOf(
  { slot, pid, state, bridge, isTalking }: Seat,
  request: AdminRequest,
): Promise<object> {
  const about = { worker: slot, pid, state };
  if (!isTalking) return about;
  try {
    const answer = await bridge.ask(request, verboseMs);
    return { ...((await answer.json()) as object), ...about };
  } catch {
    return { ...about, isSilent: true };
  }
}

function ownMetrics(name: string, { seats, deaths }: PrimaryAdminParts['crew']): string {
  const listening = seats.filter(({ state }) => state === 'listening').length;
  return [
    '# HELP bff_workers Processes that serve, by whether they listen.',
    '# TYPE bff_workers gauge',
    `bff_workers{state="listening",bff="${name}"} ${listening}`,
    `bff_workers{state="missing",bff="${name}"} ${seats.length - listening}`,
    '',
    '# HELP bff_worker_deaths_total Workers that died and were replaced.',
    '# TYPE bff_worker_deaths_total counter',
    `bff_worker_deaths_total{bff="${name}"} ${deaths}`,
    '',
  ].join('\n');
}
