/**
 * The control API: sets faults while the services run, puts the world back, and tells what was asked.
 *
 * @module
 */
import { type Context, Hono } from 'hono';
import * as z from 'zod';
import { SERVICE_NAMES } from './directory.ts';
import type { FaultControl } from './fault-board.ts';
import { FaultError } from './fault-units.ts';
import { FAULT_FORMS, parseService } from './faults.ts';
import { recordOf } from './record-of.ts';
import type { RequestLog } from './request-log.ts';
import { errorBody } from './rest/service-error.ts';

/** What the control API controls. */
export interface Controls {
  readonly urls: Readonly<Record<string, string>>;
  readonly faults: FaultControl;
  readonly log: RequestLog;
  /** Puts the world back. */
  readonly reset: () => void;
}

const Specs = z.union([z.string().transform((spec) => [spec]), z.array(z.string()).max(20)]);
const SpecTable = z.record(z.string(), Specs);

const USAGE = [
  'GET /faults shows the faults of every service.',
  'PUT /faults {"orders":["latency:300ms"],"reviews":["status:503@30%"]} sets those of the services named.',
  'PUT /faults/orders "status:503" or ["latency:300ms","reset@5%"] sets those of one service.',
  'DELETE /faults clears all, DELETE /faults/orders those of one service.',
  'GET /stats counts requests, GET /requests?service=orders shows the latest.',
  'POST /reset puts the world back as it was at the start.',
];

/** Builds the app of the control API. */
export function createControlApp({ urls, faults, log, reset }: Controls): Hono {
  const app = new Hono();
  app.onError((error, c) => {
    if (error instanceof FaultError) return c.json(errorBody(error.code, error.message), 400);
    return c.json(errorBody('internal_error', 'Something went wrong.'), 500);
  });
  app.notFound((c) => c.json(errorBody('route_not_found', 'GET / tells what there is.'), 404));

  app.get('/', (c) => c.json({ services: urls, usage: USAGE, faults: FAULT_FORMS }));
  app.get('/faults', (c) => c.json(faults.list()));
  app.put('/faults', async (c) => {
    faults.setAll(await readFaults(c, SpecTable));
    return c.json(faults.list());
  });
  app.delete('/faults', (c) => {
    faults.clear();
    return c.json(faults.list());
  });
  app.put('/faults/:service', async (c) => {
    faults.set(c.req.param('service'), await readFaults(c, Specs));
    return c.json(faults.list());
  });
  app.delete('/faults/:service', (c) => {
    faults.clear(c.req.param('service'));
    return c.json(faults.list());
  });
  app.get('/stats', (c) => c.json(log.stats()));
  app.get('/requests', (c) => {
    const service = c.req.query('service');
    const names = service === undefined ? SERVICE_NAMES : [parseService(service)];
    return c.json(recordOf(names, log.recent));
  });
  app.post('/reset', (c) => {
    reset();
    return c.body(null, 204);
  });
  return app;
}

/** Reads a JSON body, whatever media type `curl -d` gave it. */
async function readFaults<S extends z.ZodType>(c: Context, schema: S): Promise<z.output<S>> {
  const text = await c.req.text();
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new FaultError('invalid_fault', 'the body must be JSON as GET / shows it', { cause });
  }
}
