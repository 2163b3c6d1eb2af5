/**
 * From JSON Schema to the text of a TypeScript type. What TypeScript cannot say (ranges, patterns, formats) is left
 * out; what JSON Schema leaves open is `unknown`.
 *
 * Enumerations in answers are open: a value that is added later breaks no client, and the compiler asks for a default.
 *
 * @module
 */
import { openEnumKey } from '../endpoint/open-enum.ts';
import type { JsonSchema } from '../openapi/document.ts';

export interface TypeWriter {
  /** How a component is called, by its pointer. */
  readonly nameOf: (pointer: string) => string;
  /** Whether it is what a client sends: it may leave out, pass `undefined`, and pass lists it will not change. */
  readonly isInput: boolean;
}

type Schema = JsonSchema | boolean;

/** The text of a type; lines after the first are indented by `indent`. */
export function typeText(schema: Schema, writer: TypeWriter, indent = ''): string {
  if (typeof schema === 'boolean') return schema ? 'unknown' : 'never';
  const { $ref, enum: values, anyOf, oneOf, allOf, type, [openEnumKey]: known } = schema;
  if ($ref !== undefined) return writer.nameOf($ref);
  if ('const' in schema) return literal(schema.const);
  if (values !== undefined) return enumeration(values, writer);
  if (Array.isArray(known)) return `${known.map(literal).join(' | ')} | (string & {})`;
  const union = anyOf ?? oneOf;
  if (union !== undefined) return joined(union, ' | ', writer, indent);
  if (allOf !== undefined) return joined(allOf, ' & ', writer, indent);
  if (Array.isArray(type)) {
    return [...new Set(type.map((one) => typeText({ ...schema, type: one as never }, writer, indent)))].join(
      ' | ',
    );
  }
  if (type === undefined)
    return schema.properties === undefined ? 'unknown' : objectText(schema, writer, indent);
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    case 'number':
    case 'integer':
      return 'number';
    case 'array':
      return arrayText(schema, writer, indent);
    case 'object':
      return objectText(schema, writer, indent);
  }
}

/** A text in quotes. */
export function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** A name, in quotes where it has to be. */
export function memberName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name);
}

/** A comment of one sentence or more; nothing without a text. */
export function comment(text: string | undefined, indent: string): string {
  if (text === undefined || text === '') return '';
  const lines = text.replaceAll('*/', '*\\/').split('\n');
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`;
}

function enumeration(values: readonly unknown[], { isInput }: TypeWriter): string {
  const known = values.map(literal).join(' | ');
  return isInput || values.some((value) => typeof value !== 'string') ? known : `${known} | (string & {})`;
}

function literal(value: unknown): string {
  return typeof value === 'string' ? quoted(value) : JSON.stringify(value);
}

function joined(parts: readonly Schema[], by: string, writer: TypeWriter, indent: string): string {
  const texts = [...new Set(parts.map((part) => typeText(part, writer, indent)))];
  if (texts.length === 1) return texts[0] ?? 'never';
  return texts.map((text) => (by === ' & ' && text.includes(' | ') ? `(${text})` : text)).join(by);
}

function arrayText({ prefixItems, items }: JsonSchema, writer: TypeWriter, indent: string): string {
  const readonly = writer.isInput ? 'readonly ' : '';
  if (prefixItems !== undefined) {
    const parts = prefixItems.map((part) => typeText(part, writer, indent));
    return `${readonly}[${parts.join(', ')}]`;
  }
  const item =
    items === undefined || Array.isArray(items) ? 'unknown' : typeText(items as Schema, writer, indent);
  if (!/[|&]/.test(item)) return `${readonly}${item}[]`;
  return `${writer.isInput ? 'ReadonlyArray' : 'Array'}<${item}>`; // whatever binds to what
}

function objectText(schema: JsonSchema, writer: TypeWriter, indent: string): string {
  const { properties = {}, required = [], additionalProperties } = schema;
  const inner = `${indent}  `;
  const members = Object.entries(properties).map(([name, member]) => {
    const isOptional = !required.includes(name);
    const text = typeText(member, writer, inner);
    const description = typeof member === 'boolean' ? undefined : member.description;
    const orNothing = isOptional && writer.isInput && text !== 'unknown' ? ' | undefined' : '';
    return `${comment(description, inner)}${inner}${memberName(name)}${isOptional ? '?' : ''}: ${text}${orNothing};\n`;
  });
  const isAnyOther =
    typeof additionalProperties === 'object' && Object.keys(additionalProperties).length === 0;
  if (typeof additionalProperties === 'object' && !(isAnyOther && members.length > 0)) {
    const others = typeText(additionalProperties, writer, inner);
    if (members.length === 0) return `{ [name: string]: ${others} }`; // a Record could not be recursive
    return `{\n${members.join('')}${indent}} & { [name: string]: ${others} }`;
  }
  if (members.length === 0) return writer.isInput ? 'Record<string, never>' : 'Record<string, unknown>';
  return `{\n${members.join('')}${indent}}`;
}
