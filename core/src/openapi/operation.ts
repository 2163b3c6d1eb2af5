/**
 * One endpoint as an operation of the document.
 *
 * @module
 */
import { z } from 'zod';
import type { $ZodObject } from 'zod/v4/core';
import { resourceOf } from '../api-info.ts';
import type { DeclaredEndpoint } from '../declared.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import { plainParam } from '../endpoint/read-input.ts';
import { maxKeyLength, minKeyLength } from '../idempotency/key.ts';
import { defaultMaxBodyBytes } from '../ingress/body.ts';
import { paramNames } from '../upstream/path.ts';
import type { JsonSchema, OpenApiOperation, Parameter, RequestBody } from './document.ts';
import { type Place, pascal } from './names.ts';
import { type ResponseParts, responsesOf } from './responses.ts';
import type { Member, Schemas } from './schemas.ts';
import type { Security } from './security.ts';
import type { SchemaUse } from './shared-schemas.ts';

/** An endpoint, where it is in the document, and its parameters as one schema. */
export interface Placed {
  readonly declared: DeclaredEndpoint;
  readonly place: Place;
  readonly params: $ZodObject;
}

export interface OperationParts extends Omit<ResponseParts, 'schemas'> {
  readonly schemas: Schemas;
  readonly security: Security;
  /** The version it is described for. */
  readonly version: string | undefined;
}

/** Puts an endpoint into its place. */
export function placeEndpoint(declared: DeclaredEndpoint, place: Place): Placed {
  const { path, options } = declared.endpoint;
  const plain = paramNames(path).map((name) => [name, plainParam] as const);
  return { declared, place, params: options.params ?? z.object(Object.fromEntries(plain)) };
}

/** The schemas of an endpoint, for {@link Schemas}. */
export function schemaUses({ declared, place, params }: Placed): SchemaUse[] {
  const { options, response, behaviour } = declared.endpoint;
  const { query, body } = options;
  const name = pascal(place.operationId);
  return [
    { name: `${name}Params`, schema: params, side: 'input', isSpread: true },
    ...(query === undefined
      ? []
      : [{ name: `${name}Query`, schema: query, side: 'input', isSpread: true } as const]),
    ...(body === undefined ? [] : [{ name: `${name}Body`, schema: body, side: 'input' } as const]),
    ...(behaviour.kind === 'plain' || behaviour.kind === 'stream'
      ? []
      : [{ name: `${name}Answer`, schema: response, side: 'output' } as const]),
  ];
}

/** Describes an endpoint. */
export function operationOf({ declared, place, params }: Placed, parts: OperationParts): OpenApiOperation {
  const { schemas, security, version } = parts;
  const { endpoint } = declared;
  const { summary, access, query, cost = 1, deadlineMs, budget, fields = false } = endpoint.options;
  const { idempotency } = endpoint.options;
  const example = parts.examples[`${endpoint.method} ${endpoint.path}`] ?? {};
  const parameter = parameterMaker(example.parameters ?? {});
  const parameters = [
    ...schemas.membersOf(params, 'input').map((member) => ({
      ...parameter('path', { ...member, required: true }),
      name: place.parameters[member.name] ?? member.name,
    })),
    ...(query === undefined
      ? []
      : schemas.membersOf(query, 'input').map((member) => parameter('query', member))),
    ...(fields ? [fieldsParameter] : []),
    ...(endpoint.path.endsWith('/*') ? [restParameter] : []),
    ...(idempotency === undefined ? [] : [{ ...keyParameter, required: idempotency === 'required' }]),
    ...(version === undefined ? [] : [versionParameter(version)]),
  ];
  const requestBody = bodyOf(endpoint, schemas, example.body);
  return {
    operationId: place.operationId,
    summary,
    tags: [resourceOf(endpoint.path)],
    security: security.requirementsOf(endpoint),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(requestBody === undefined ? {} : { requestBody }),
    responses: responsesOf(declared, parts),
    ...(access.roles.length === 0 ? {} : { 'x-roles': access.roles }),
    'x-cost': cost,
    'x-deadline-ms': deadlineMs,
    ...(budget === undefined ? {} : { 'x-budget-bytes': budget.bytes }),
  };
}

const fieldsParameter: Parameter = {
  name: 'fields',
  in: 'query',
  required: false,
  description:
    'The fields of the answer that are wanted, such as `id,lines(sku,qty)` or `lines.sku`. Default all.',
  schema: { type: 'string', maxLength: 1_024 },
};

/** Of a write that is done once for one key; whether it must be there is said by its endpoint. */
const keyParameter: Omit<Parameter, 'required'> = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'A new random key for each request, such as a UUID, and the same key when the request is repeated: it is then done ' +
    'once. In quotes or without.',
  schema: { type: 'string', minLength: minKeyLength, maxLength: 2 * maxKeyLength + 2 },
  example: 'd3b0a1c6-2f4e-4c1b-9a57-6b8f0e2d4c11',
};

/** Of every endpoint that has versions. */
function versionParameter(version: string): Parameter {
  return {
    name: versionParameterName,
    in: 'header',
    required: false,
    description: 'The dated version that is wanted. Without it you get the one you are pinned to.',
    schema: { type: 'string', format: 'date' },
    example: version,
  };
}

/** Clients send it with every request. */
export const versionParameterName = 'API-Version';

/** Of a proxy route that takes whatever follows. */
const restParameter: Parameter = {
  name: 'rest',
  in: 'path',
  required: true,
  description: 'All that follows, slashes included.',
  schema: { type: 'string' },
};

function parameterMaker(
  examples: Readonly<Record<string, string>>,
): (place: Parameter['in'], member: Member) => Parameter {
  return (place, { name, required, schema: { description, ...schema } }) => ({
    name,
    in: place,
    required,
    ...(description === undefined ? {} : { description }),
    schema,
    ...(examples[name] === undefined ? {} : { example: typed(examples[name], schema) }),
  });
}

/** An example as the schema has it: in a URL everything is text. */
function typed(text: string, { type }: JsonSchema): unknown {
  return type === 'integer' || type === 'number' ? Number(text) : text;
}

/** A plain answer that is no GET may take a form; what is in it is not declared. */
function bodyOf(
  { method, options, behaviour }: Endpoint,
  schemas: Schemas,
  example: unknown,
): RequestBody | undefined {
  const { body, maxBodyBytes = defaultMaxBodyBytes } = options;
  if (body !== undefined) {
    return {
      required: true,
      description: `At most ${maxBodyBytes} bytes of JSON in UTF-8, without Content-Encoding.`,
      content: {
        'application/json': {
          schema: schemas.of(body, 'input'),
          ...(example === undefined ? {} : { example }),
        },
      },
      'x-max-bytes': maxBodyBytes,
    };
  }
  if (method === 'GET' || method === 'DELETE') return undefined;
  if (behaviour.kind === 'stream') {
    const description = `At most ${maxBodyBytes} bytes, passed on as they are.`;
    return { required: false, description, content: { '*/*': {} }, 'x-max-bytes': maxBodyBytes };
  }
  if (behaviour.kind !== 'plain') return undefined;
  return { required: false, description: 'Its form is not declared.', content: { '*/*': {} } };
}
