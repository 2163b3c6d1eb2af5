/**
 * The types of a client as text, from the OpenAPI document of a BFF: input, answer and problems of every endpoint,
 * written out, so that a client needs neither the BFF's code nor its schemas, and its compiler has nothing to infer.
 *
 * The form is that of a schema of hono, so `hc` takes it as well as `createClient` of `bffkit/client` does.
 *
 * @see {@link https://hono.dev/docs/guides/rpc hono, RPC}
 * @module
 */
import type { JsonSchema, OpenApiDocument } from '../openapi/document.ts';
import { Names } from './names.ts';
import {
  codesOfAll,
  deep,
  inputText,
  type NameType,
  operationText,
  type Route,
  union,
} from './operation-text.ts';
import { comment, memberName, quoted, type TypeWriter, typeText } from './type-text.ts';

const componentStart = '#/components/schemas/';

/**
 * Writes the declarations of a client. The same document gives the same text. Routes that pass on whatever follows
 * them are left out: they have no types.
 */
export function clientTypesOf(document: OpenApiDocument): string {
  const { info, components } = document;
  const names = new Names(['AnyCode', 'Operation', 'Problem']);
  const api = names.give(`${info['x-bff']} api`);
  const routes = routesOf(document);
  const outputs = reached(
    routes.flatMap(({ operation }) => Object.values(operation.responses)),
    components.schemas,
  );
  const called = new Map<string, string>();
  const shared = Object.entries(components.schemas).filter(([name]) => name !== 'Problem');
  for (const [name] of shared) called.set(componentStart + name, names.give(name));
  const nameOf = (pointer: string): string => called.get(pointer) ?? 'unknown';
  const output: TypeWriter = { nameOf, isInput: false };
  const input: TypeWriter = { nameOf, isInput: true };

  const types: string[] = shared.map(([name, schema]) => {
    const pointer = componentStart + name;
    return declaration(nameOf(pointer), schema, outputs.has(pointer) ? output : input);
  });
  /** An object that stands nowhere else gets a name too: clients pass it around. */
  const named: NameType = (wanted, schema, writer) => {
    if (!('type' in schema) || schema.type !== 'object') return typeText(schema as JsonSchema, writer, deep);
    const name = names.give(wanted);
    types.push(declaration(name, schema, writer));
    return name;
  };

  const always = codesOfAll(routes);
  const byPath = Map.groupBy(routes, ({ path }) => path);
  const paths = [...byPath].map(([path, ofPath]) => {
    const members = ofPath.map((route) => {
      const text = operationText(route.operation, always, {
        input: inputText(route.operation, named, input),
        answer: (schema) => named(`${route.operation.operationId} answer`, schema, output),
      });
      return `${comment(route.operation.summary, '    ')}    $${route.method}: ${text};\n`;
    });
    return `  ${memberName(path)}: {\n${members.join('')}  };\n`;
  });
  return [
    headText(info),
    `export type ${api} = {\n${paths.join('')}};\n`,
    ...types,
    `/** What every endpoint may answer with. */\nexport type AnyCode =\n  | ${union([...always].sort().map(quoted), '')};\n`,
    problemText(components.schemas.Problem ?? {}),
    operationType,
  ].join('\n');
}

/** Status and answer of a good request, and every problem there can be. */
const operationType = `/** One endpoint: its good answer or a problem. */
export type Operation<Input, Status extends number, Answer, ProblemStatus extends number, Code extends string> =
  | { input: Input; output: Answer; outputFormat: 'json'; status: Status }
  | { input: Input; output: Problem<Code>; outputFormat: 'json'; status: ProblemStatus };
`;

function routesOf({ paths }: OpenApiDocument): Route[] {
  return Object.entries(paths).flatMap(([template, item]) => {
    if (template.endsWith('/{rest}')) return [];
    const path = template.replaceAll(/\{([^}]+)\}/g, ':$1');
    return Object.entries(item).map(([method, operation]) => ({ path, method, operation }));
  });
}

/** The components that `from` uses, by their pointers. */
function reached(from: unknown, schemas: Readonly<Record<string, JsonSchema>>): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    for (const [key, value] of Object.entries(part)) {
      if (key === '$ref' && typeof value === 'string' && !found.has(value)) {
        found.add(value);
        visit(schemas[value.slice(componentStart.length)]);
      } else visit(value);
    }
  };
  visit(from);
  return found;
}

function declaration(name: string, schema: JsonSchema, writer: TypeWriter): string {
  return comment(schema.description, '') + declared(name, typeText(schema, writer));
}

/** An interface where the type is one object, else an alias. */
function declared(name: string, text: string): string {
  const isOneObject = text.startsWith('{\n') && text.indexOf('\n}') === text.length - 2;
  return isOneObject ? `export interface ${name} ${text}\n` : `export type ${name} = ${text};\n`;
}

/** The problem of the document, with the codes of one endpoint; codes are added, so any text may come. */
function problemText(schema: JsonSchema): string {
  const writer: TypeWriter = { nameOf: () => 'unknown', isInput: false };
  const text = typeText(schema, writer).replace(/\bcode: string;/, 'code: Code | (string & {});');
  return comment(schema.description, '') + declared('Problem<Code extends string = string>', text);
}

function headText({ 'x-bff': bff, summary, version }: OpenApiDocument['info']): string {
  const isDated = version !== '0';
  const command = `bffkit client ${bff}${isDated ? ` --version ${version}` : ''}`;
  const sends = isDated ? ` * Send it with \`API-Version: ${version}\`.\n` : '';
  return `/**\n * ${summary}\n${sends} *\n * Written by \`${command}\`: do not edit.\n */\n`;
}
