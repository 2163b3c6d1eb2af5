/**
 * One endpoint as text: what it takes, what it answers, and every problem it can answer with.
 *
 * @module
 */
import type { JsonSchema, OpenApiOperation, Reference } from '../openapi/document.ts';
import { versionParameterName } from '../openapi/operation.ts';
import { quoted, type TypeWriter, typeText } from './type-text.ts';

export interface Route {
  /** As endpoints declare it: `/orders/:id`. */
  readonly path: string;
  readonly method: string;
  readonly operation: OpenApiOperation;
}

type Schema = JsonSchema | Reference;
/** A type by its name, declared elsewhere, or by its text. */
export type NameType = (wanted: string, schema: Schema, writer: TypeWriter) => string;

/** Where the parts of an operation begin. */
export const deep = ' '.repeat(6);
const maxLine = 100;
export function inputText(
  { operationId, parameters = [], requestBody }: OpenApiOperation,
  named: NameType,
  writer: TypeWriter,
): string {
  const parts = places.flatMap(([name, place]) => {
    const own = parameters.filter((one) => one.in === place && one.name !== versionParameterName);
    if (own.length === 0) return [];
    const isOptional = own.every(({ required }) => !required);
    const text = typeText(membersOf(own), writer, `${deep}  `);
    return [`${deep}  ${name}${isOptional ? '?' : ''}: ${text}${isOptional ? ' | undefined' : ''};\n`];
  });
  const body = requestBody?.content['application/json']?.schema;
  if (body !== undefined) parts.push(`${deep}  json: ${named(`${operationId} body`, body, writer)};\n`);
  return parts.length === 0 ? '{}' : `{\n${parts.join('')}${deep}}`;
}

/** What hono calls the parts of a request, and where parameters are. */
const places = [
  ['param', 'path'],
  ['query', 'query'],
  ['header', 'header'],
] as const;

/** Parameters as the members of one object. */
function membersOf(parameters: NonNullable<OpenApiOperation['parameters']>): JsonSchema {
  const properties = parameters.map(({ name, schema, description }): [string, JsonSchema] => [
    name,
    description === undefined ? schema : { ...schema, description },
  ]);
  return {
    type: 'object',
    properties: Object.fromEntries(properties) as NonNullable<JsonSchema['properties']>,
    required: parameters.filter(({ required }) => required).map(({ name }) => name),
  };
}

export function operationText(
  { responses }: OpenApiOperation,
  always: ReadonlySet<string>,
  { input, answer }: { readonly input: string; readonly answer: (schema: Schema) => string },
): string {
  const all = Object.entries(responses);
  const [status = '200', good] = all.find(([status]) => status.startsWith('2')) ?? [];
  const schema = good?.content?.['application/json']?.schema;
  const problems = all.filter(([, response]) => response['x-codes'] !== undefined);
  const own = [...codesOf(responses)].filter((code) => !always.has(code));
  const parts = [
    input,
    status.replace('2XX', '200'),
    schema === undefined ? 'unknown' : answer(schema),
    problems.map(([status]) => status).join(' | ') || 'never',
    union([...(always.size === 0 ? [] : ['AnyCode']), ...own.sort().map(quoted)], deep),
  ];
  return `Operation<\n${parts.map((part) => `${deep}${part}`).join(',\n')}\n    >`;
}

/** The codes that every endpoint can answer with. */
export function codesOfAll(routes: readonly Route[]): ReadonlySet<string> {
  const [first = new Set<string>(), ...rest] = routes.map(({ operation }) => codesOf(operation.responses));
  return new Set([...first].filter((code) => rest.every((codes) => codes.has(code))));
}

function codesOf(responses: OpenApiOperation['responses']): Set<string> {
  return new Set(Object.values(responses).flatMap((response) => response['x-codes'] ?? []));
}

/** A union over as many lines as it needs. */
export function union(members: readonly string[], indent: string): string {
  if (members.length === 0) return 'never';
  const lines: string[] = [];
  let line = '';
  for (const member of members) {
    const longer = `${line}${line === '' ? '' : ' | '}${member}`;
    if (indent.length + longer.length <= maxLine) {
      line = longer;
      continue;
    }
    lines.push(line);
    line = member;
  }
  return [...lines, line].join(`\n${indent}  | `);
}
