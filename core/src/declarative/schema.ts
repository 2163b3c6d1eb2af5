/**
 * What a routes file says, as one schema: it checks the file, and the JSON Schema for editors is made of it
 * (`docs/routes.schema.json`).
 *
 * @module
 */
import { z } from 'zod';

const text = z.string().min(1).max(1_024);
const path = z.string().regex(/^\//, 'must begin with a slash').max(1_024);
const upstream = z
  .string()
  .regex(/^[a-z][a-z0-9-]*$/, 'must be the name of an upstream: lowercase letters, digits and -')
  .describe('The name of an upstream that the BFF binds.');
const whole = z.number().int().min(1);
const texts = z.array(text).min(1);

function rules<Value extends z.ZodType>(value: Value, what: string) {
  return z
    .strictObject({
      remove: texts.optional().describe('Names to leave out.'),
      rename: z.record(text, text).optional().describe('New names by old ones.'),
      replace: z.record(text, value).optional().describe('Values for names that are there.'),
      add: z.record(text, value).optional().describe('Values for names that are not.'),
    })
    .describe(what);
}

const headers = rules(z.string(), 'Headers, lowercase; only those that the route forwards.');
const body = rules(z.json(), 'Fields of a JSON body, by paths such as user.name or items[].total.');
const transform = z.strictObject({
  request: z
    .strictObject({
      headers: headers.optional(),
      query: rules(z.string(), 'Parameters of the query.').optional(),
      body: body.optional(),
    })
    .optional(),
  answer: z.strictObject({ headers: headers.optional(), body: body.optional() }).optional(),
});

const proxy = z
  .strictObject({
    upstream,
    to: path
      .optional()
      .describe('Where it goes; ends in /* as the route does. Default the path of the route.'),
    name: text.optional().describe('How it is called in facts and switches. Default proxy.'),
    query: z.array(text).optional().describe('The parameters that may be sent. Default any.'),
    requestHeaders: texts.optional().describe('Further headers of the request to pass on.'),
    answerHeaders: texts.optional().describe('Further headers of the answer to pass on.'),
    maxAnswerBytes: z
      .union([whole, z.literal('unlimited')])
      .optional()
      .describe('Default what the upstream allows.'),
    idleMs: whole
      .max(3_600_000)
      .optional()
      .describe('Milliseconds in which something must move. Default 30 000.'),
    redirects: texts.optional().describe('Other origins that Location may name.'),
    transform: transform.optional(),
  })
  .describe('Passes requests on as they are, streamed both ways.');

const source = z
  .union([z.string().max(1_024), z.number(), z.boolean()])
  .describe(
    'A value, or where it comes from: $principal.subject, $params.id, $query.page, $calls.profile.id.',
  );

const call = z.strictObject({
  upstream,
  get: path.describe('The path of the service; its parameters are written :name.'),
  params: z.record(text, source).optional().describe('A source for each parameter of the path.'),
  query: z.record(text, source).optional().describe('A source for each parameter of the query.'),
  pick: texts
    .optional()
    .describe(
      'The fields to keep, by paths such as id, address.city or items[].id. Default the whole answer.',
    ),
  optional: z
    .boolean()
    .optional()
    .describe('The answer goes out without it when it fails: its value is null.'),
  timeoutMs: whole.max(30_000).optional(),
});

const aggregate = z
  .strictObject({
    query: z.array(text).optional().describe('The parameters of the query that clients may send.'),
    calls: z
      .record(z.string().regex(/^[A-Za-z][\w-]{0,63}$/), call)
      .describe('What is called; each answer stands under its name. Calls wait for those they name.'),
  })
  .describe('Calls several services at once and answers with all of it.');

const access = z
  .union([
    z.enum(['anyone', 'signed-in']),
    z.strictObject({ scopes: texts.optional(), roles: texts.optional() }),
  ])
  .describe('Who may call. Nothing is public by default.');

const shared = {
  route: z
    .string()
    .regex(/^[A-Z]+(?:\|[A-Z]+)* \/\S*$/, "must be like 'GET /files/*'")
    .describe('One method or several, and the path: GET /files/*, PUT|DELETE /files/:id.'),
  summary: text.optional().describe('One sentence for documents and the console.'),
  access,
  deadlineMs: whole.max(30_000).describe('Milliseconds a client may wait for the head of the answer.'),
  cost: z.number().positive().optional().describe("Tokens it takes from the caller's limit. Default 1."),
  limitClass: text.optional().describe('For limits by endpoint-class. Default default.'),
  priority: z.enum(['low', 'normal', 'high']).optional(),
};

const proxyRoute = z.strictObject({
  ...shared,
  maxBodyBytes: whole.optional().describe('Default 100 KiB.'),
  antiForgery: z.boolean().optional(),
  proxy,
});
const aggregateRoute = z.strictObject({ ...shared, aggregate });

export const routesSchema = z.strictObject({
  $schema: z.string().optional(),
  routes: z.array(z.union([proxyRoute, aggregateRoute])).min(1),
});

/** Both kinds by their own, so that faults are named in the kind that was meant. */
export const kinds = { proxy: proxyRoute, aggregate: aggregateRoute };

export type ProxyRoute = z.output<typeof proxyRoute>;
export type AggregateRoute = z.output<typeof aggregateRoute>;
export type Route = ProxyRoute | AggregateRoute;
export type CallSpec = z.output<typeof call>;
export type Source = z.output<typeof source>;

/** The JSON Schema (2020-12) of routes files. */
export function routesJsonSchema(): Readonly<Record<string, unknown>> {
  return {
    ...z.toJSONSchema(routesSchema, { io: 'input', reused: 'ref' }),
    $id: 'https://bffkit.dev/routes.schema.json',
    title: 'Routes of a BFF',
  };
}
