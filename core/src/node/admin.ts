/**
 * The admin port: what operators and orchestrators ask. Never on the public port.
 *
 * `/livez` says that the process runs, `/readyz` that it takes requests. Neither depends on upstreams:
 * an outage behind us must not restart the fleet.
 *
 * @module
 */
import { type Context, Hono } from 'hono';
import type { Bff } from '../bff.ts';
import { consolePages } from '../console/console-pages.ts';
import { consoleDoor } from '../console/door.ts';
import { systemClock } from '../context/clock.ts';
import { randomIds } from '../context/ids.ts';
import { openApiOf } from '../openapi/index.ts';
import { type AdminOptions, adminGuard } from './admin-guard.ts';

/**
 * @param isReady Whether this instance wants requests.
 * @throws {RangeError} for a token that is too short or a host that is no name.
 */
export function adminApp(bff: Bff, isReady: () => boolean, options: AdminOptions = {}): Hono {
  const app = new Hono();
  const { token } = options;
  const door = token === undefined ? undefined : consoleDoor(bff.name, token, systemClock);
  const parts = [...bff.admin, consolePages(bff, { door })];
  app.use(adminGuard(options, randomIds(), door));
  app.get('/livez', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', (c) => {
    const ready = isReady();
    const verbose =
      c.req.query('verbose') === undefined
        ? {}
        : { liveRequests: bff.liveRequests(), upstreams: bff.upstreams.status() };
    const status = bff.upstreams.isReady ? (ready ? 'ready' : 'draining') : 'starting';
    return c.json({ status, ...verbose }, status === 'ready' ? 200 : 503);
  });
  app.get('/metrics', async (c) =>
    c.body(await bff.metrics.text(), 200, { 'content-type': bff.metrics.contentType }),
  );
  app.get('/graph', (c) => c.json(bff.graph));
  app.get('/openapi.json', (c) => c.json(openApiOf(bff)));
  app.put('/off/:operation', (c) => switchOperation(c, bff, false));
  app.delete('/off/:operation', (c) => switchOperation(c, bff, true));
  for (const part of parts) part.mount(app);
  app.get('/', (c) =>
    c.json({
      name: bff.name,
      owner: bff.owner,
      pages: [
        '/livez',
        '/readyz',
        '/readyz?verbose',
        '/metrics',
        '/graph',
        '/openapi.json',
        ...parts.flatMap(({ pages }) => pages),
      ],
      switches: 'PUT or DELETE /off/UPSTREAM.OPERATION',
    }),
  );
  return app;
}

/** The kill switch: `PUT` turns an operation off, `DELETE` on again. */
function switchOperation(c: Context, bff: Bff, on: boolean): Response {
  const operation = c.req.param('operation') ?? '';
  try {
    bff.upstreams.switch(operation, on);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return c.json({ error: error.message }, 404);
  }
  return c.json({ operation, on });
}
