/**
 * Sparse fieldsets: `?fields=id,lines(sku,qty)` or `?fields=id,lines.sku,lines.qty` leaves out of an answer what the
 * client does not show. The answer is checked whole first, so a selection can make it smaller and never wrong.
 *
 * @module
 */
import type { $ZodType } from 'zod/v4/core';
import { GatewayError } from '../problem/gateway-error.ts';
import type { Mask } from '../upstream/mask.ts';

/** Keeps of a checked answer what was asked for. */
export type SelectFields = (answer: unknown) => unknown;

/** What the parameter `fields` selects. Throws 400 `validation-failed`. */
export type FieldsOf = (fields: string | readonly string[]) => SelectFields;

const maxLength = 1_024;
const maxDepth = 8;
/** Selections that are kept ready per endpoint; an app has a few. */
const maxKept = 64;

/** Compiles the selector of an answer. */
export function compileFields(response: $ZodType): FieldsOf {
  const kept = new Map<string, SelectFields>();
  return function fieldsOf(fields) {
    if (typeof fields !== 'string') throw refused('must come once');
    const known = kept.get(fields);
    const select = known ?? selectorOf(parseFields(fields), response);
    kept.delete(fields); // the one used last is the last to go
    kept.set(fields, select);
    for (const [oldest] of kept) {
      if (kept.size <= maxKept) break;
      kept.delete(oldest);
    }
    return select;
  };
}

type Selection = Map<string, Selection | true>;

/**
 * Reads `a,b(c,d.e)`. What is named as a whole stays whole, however often parts of it are named too.
 *
 * @throws {GatewayError} 400 for anything else.
 */
export function parseFields(text: string): Mask {
  if (text.length > maxLength) throw refused(`must be at most ${maxLength} characters`);
  const tokens = text.match(/[(),.]|[^(),.\s]+|\s+/g) ?? [];
  let index = 0;
  const list = (into: Selection, depth: number): void => {
    if (depth > maxDepth) throw refused(`must be at most ${maxDepth} deep`);
    do item(into, depth);
    while (tokens[index] === ',' && ++index > 0);
  };
  const item = (into: Selection, depth: number): void => {
    const name = tokens[index++];
    if (name === undefined || /^[\s(),.]/.test(name))
      throw refused('must be like id,lines(sku,qty) or lines.sku');
    const next = tokens[index];
    if (next !== '.' && next !== '(') {
      into.set(name, true);
      return;
    }
    index += 1;
    const known = into.get(name);
    const part: Selection = known instanceof Map ? known : new Map();
    if (known !== true) into.set(name, part);
    if (next === '.') {
      if (depth + 1 > maxDepth) throw refused(`must be at most ${maxDepth} deep`);
      item(part, depth + 1);
      return;
    }
    list(part, depth + 1);
    if (tokens[index++] !== ')') throw refused(`misses a ')'`);
  };
  const selection: Selection = new Map();
  list(selection, 1);
  if (index < tokens.length) throw refused('must be like id,lines(sku,qty) or lines.sku');
  return maskOf(selection);
}

function maskOf(selection: Selection): Mask {
  const entries = [...selection].map(([name, part]) => [name, part === true ? true : maskOf(part)] as const);
  return Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** The selector of a mask; what `schema` does not have is refused. */
function selectorOf(mask: Mask, schema: $ZodType): SelectFields {
  requireFields(mask, [schema], '');
  return compileSelect(mask);
}

function requireFields(mask: Mask, schemas: readonly $ZodType[], path: string): void {
  if (mask === true) return;
  const shapes = schemas.flatMap((schema) => shapesOf(schema));
  if (shapes.length === 0) throw refused(`'${path}' has no fields of its own`);
  for (const [name, part] of Object.entries(mask)) {
    const members = shapes.flatMap((shape) => (Object.hasOwn(shape, name) ? (shape[name] ?? []) : []));
    const here = path === '' ? name : `${path}.${name}`;
    if (members.length === 0) throw refused(`'${here}' is no field of the answer`);
    requireFields(part, members, here);
  }
}

type Shape = Readonly<Record<string, $ZodType>>;

/** The objects a value of this schema can be, through arrays, `null` and alternatives. */
function shapesOf(schema: $ZodType): Shape[] {
  const { def, innerType } = schema._zod as unknown as {
    readonly def: {
      readonly type: string;
      readonly shape: Shape;
      readonly element: $ZodType;
      readonly innerType?: $ZodType;
      readonly options: readonly $ZodType[];
      readonly out: $ZodType;
    };
    readonly innerType: $ZodType;
  };
  if (def.type === 'object') return [def.shape];
  if (def.type === 'array') return shapesOf(def.element);
  if (def.type === 'union') return def.options.flatMap(shapesOf);
  if (def.type === 'lazy') return shapesOf(innerType);
  if (def.type === 'pipe') return shapesOf(def.out);
  return def.innerType === undefined ? [] : shapesOf(def.innerType);
}

function compileSelect(mask: Mask): SelectFields {
  if (mask === true) return (value) => value;
  const members = Object.entries(mask).map(([name, part]) => [name, compileSelect(part)] as const);
  const wanted = new Map(members);
  return function select(value): unknown {
    if (Array.isArray(value)) return value.map(select);
    if (typeof value !== 'object' || value === null) return value;
    const selected: Record<string, unknown> = {};
    for (const [name, member] of Object.entries(value)) {
      const selectMember = wanted.get(name); // in the order of the answer, not of the question
      if (selectMember !== undefined) selected[name] = selectMember(member);
    }
    return selected;
  };
}

function refused(detail: string): GatewayError {
  return new GatewayError('validation-failed', { issues: [{ pointer: '/query/fields', detail }] });
}
