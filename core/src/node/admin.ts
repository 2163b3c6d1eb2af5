/**
 * The admin port: what operators and orchestrators ask. Never on the public port.
 *
 * `/livez` says that the process runs, `/readyz` that it takes requests. Neither depends on upstreams:
 * an outage behind us must not restart the fleet.
 *
 * @module
 */
import { Hono } from 'hono';
import type { Bff } from '../bff.ts';

/** @param isReady Whether this instance wants requests. */
export function adminApp(bff: Bff, isReady: () => boolean): Hono {
  const app = new Hono();
  app.get('/livez', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', (c) => {
    const ready = isReady();
    const verbose =
      c.req.query('verbose') === undefined
        ? {}
        : { liveRequests: bff.liveRequests(), breakers: bff.breakers() };
    return c.json({ status: ready ? 'ready' : 'draining', ...verbose }, ready ? 200 : 503);
  });
  app.get('/metrics', async (c) =>
    c.body(await bff.metrics.text(), 200, { 'content-type': bff.metrics.contentType }),
  );
  app.get('/graph', (c) => c.json(bff.graph));
  app.get('/', (c) =>
    c.json({
      name: bff.name,
      owner: bff.owner,
      pages: ['/livez', '/readyz', '/readyz?verbose', '/metrics', '/graph'],
    }),
  );
  return app;
}
