/**
 * Serves the routes of one service as a Hono app, with its health, its OpenAPI document, and the headers
 * with which real services give themselves away.
 *
 * @module
 */
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { fingerprintOf, type ServiceName, versionOf } from '../directory.ts';
import { openApiDocument } from './openapi.ts';
import type { RawRequest, Route } from './route.ts';
import { type ErrorStatus, errorBody, ServiceError } from './service-error.ts';

/** No service reads more than this. */
const MAX_BODY_BYTES = 64 * 1024;

/** Builds the app of a service. */
export function createServiceApp(service: ServiceName, routes: readonly Route[]): Hono {
  const fingerprint = { ...fingerprintOf(service) };

  function send(c: Context, status: 200 | 201 | ErrorStatus, body: unknown): Response {
    return c.json(body, status, fingerprint);
  }

  async function serve(c: Context, route: Route): Promise<Response> {
    const { body, etag } = route.respond(await readRequest(c, route));
    if (etag !== undefined) {
      c.header('ETag', etag);
      if (matches(c.req.header('If-None-Match'), etag)) return c.body(null, 304, fingerprint);
    }
    return route.status === 204 ? c.body(null, 204, fingerprint) : send(c, route.status, body);
  }

  const app = new Hono();
  app.onError((error, c) => {
    if (error instanceof ServiceError) return send(c, error.status, errorBody(error.code, error.message));
    return send(c, 500, errorBody('internal_error', 'Something went wrong.'));
  });
  app.notFound((c) => send(c, 404, errorBody('route_not_found', 'There is nothing here.')));
  app.post('*', bodyLimit({ maxSize: MAX_BODY_BYTES, onError: refuseLargeBody }));
  for (const route of routes) app.on(route.method, route.path, (c) => serve(c, route));
  app.get('/health', (c) => send(c, 200, { status: 'ok', service }));
  app.get('/openapi.json', (c) =>
    send(c, 200, openApiDocument({ title: `Acme ${service}`, version: versionOf(service), routes })),
  );
  return app;

  function refuseLargeBody(c: Context): Response {
    return send(c, 413, errorBody('body_too_large', `A body may have ${MAX_BODY_BYTES} bytes at most.`));
  }
}

/** @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2 RFC 9110, If-None-Match} */
function matches(condition: string | undefined, etag: string): boolean {
  return condition?.split(',').some((tag) => tag.trim() === etag || tag.trim() === '*') ?? false;
}

async function readRequest(c: Context, route: Route): Promise<RawRequest> {
  const headerNames = Object.keys(route.headers.shape);
  return {
    params: c.req.param(),
    query: readQuery(c),
    headers: Object.fromEntries(headerNames.map((name) => [name, c.req.header(name)])),
    body: route.body === undefined ? {} : await readJson(c),
  };
}

function readQuery(c: Context): unknown {
  const entries = Object.entries(c.req.queries()).map(([name, values]) => {
    if (values.length > 1) throw new ServiceError(400, 'invalid_request', `query.${name}: given twice`);
    return [name, values[0]];
  });
  return Object.fromEntries(entries);
}

async function readJson(c: Context): Promise<unknown> {
  const type = c.req.header('Content-Type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new ServiceError(415, 'unsupported_media_type', 'The body must be application/json.');
  }
  const text = await c.req.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new ServiceError(400, 'invalid_request', 'body: not valid JSON');
  }
}
