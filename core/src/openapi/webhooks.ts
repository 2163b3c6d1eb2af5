/**
 * Events as the webhooks of a document: what is sent to the URLs of receivers, and what they should answer.
 *
 * @see {@link https://spec.openapis.org/oas/v3.1.1.html#oas-webhooks OpenAPI 3.1.1, webhooks}
 * @see {@link https://www.standardwebhooks.com Standard Webhooks}
 * @module
 */
import { type EndpointExample, resourceOf } from '../api-info.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { WebhookEvent } from '../webhooks/event-documents.ts';
import type { JsonSchema, OpenApiDocument, OpenApiWebhook, Parameter } from './document.ts';
import { pascal } from './names.ts';
import type { Schemas } from './schemas.ts';

export interface WebhookParts {
  readonly version: string | undefined;
  readonly schemas: Pick<Schemas, 'of'>;
  /** By endpoint. */
  readonly examples: Readonly<Record<string, EndpointExample>>;
  /** The endpoint as the version has it. */
  readonly asOf: (endpoint: Endpoint) => Endpoint;
}

/** Describes events; nothing where there are none. */
export function webhooksOf(
  events: Readonly<Record<string, WebhookEvent>>,
  parts: WebhookParts,
): Pick<OpenApiDocument, 'webhooks'> {
  const all = Object.entries(events).map(([type, event]) => [type, { post: webhookOf(type, event, parts) }]);
  return all.length === 0 ? {} : { webhooks: Object.fromEntries(all) };
}

function webhookOf(type: string, { summary, like }: WebhookEvent, parts: WebhookParts): OpenApiWebhook {
  const { version, schemas, examples, asOf } = parts;
  const document = examples[`${like.method} ${like.path}`]?.answer;
  const schema: JsonSchema = {
    type: 'object',
    properties: {
      id: {
        type: 'string',
        description: 'The id of the event, the same as `webhook-id`: one that comes again is known by it.',
      },
      type: { const: type },
      createdAt: { type: 'string', format: 'date-time' },
      apiVersion: version === undefined ? { type: 'null' } : { const: version },
      data: schemas.of(asOf(like).response, 'output') as JsonSchema,
    },
    required: ['id', 'type', 'createdAt', 'apiVersion', 'data'],
  };
  const example = {
    id: exampleId,
    type,
    createdAt: '2026-11-02T09:30:00.000Z',
    apiVersion: version ?? null,
    data: document,
  };
  return {
    operationId: `on${pascal(type)}`,
    summary,
    tags: [resourceOf(like.path)],
    security: [],
    parameters: signatureHeaders,
    requestBody: {
      required: true,
      description: 'Signed: check it before you read it.',
      content: { 'application/json': { schema, ...(document === undefined ? {} : { example }) } },
    },
    responses: {
      '2XX': { description: 'It has arrived. What else the answer says is not read.' },
      410: { description: 'Nothing more is wanted here: the endpoint is switched off.' },
      default: { description: 'It is sent again later.' },
    },
  };
}

const exampleId = 'evt_QvZ4GEXXWlLQ5bY42SIQgLn18k7';

const signatureHeaders: readonly Parameter[] = [
  header('webhook-id', 'The id of the event; the same whenever it is sent again.', exampleId),
  header(
    'webhook-timestamp',
    'When it was sent, in epoch seconds: refuse one more than five minutes away.',
    '1793611800',
  ),
  header(
    'webhook-signature',
    'One or more, with spaces between: `v1,` and the HMAC-SHA256 of `ID.TIMESTAMP.BODY` in base64, by the secret of the endpoint.',
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  ),
];

function header(name: string, description: string, example: string): Parameter {
  return { name, in: 'header', required: true, description, schema: { type: 'string' }, example };
}
