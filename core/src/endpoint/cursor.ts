/**
 * Cursors: where the next page of a list begins, sealed for one caller, one route and one filter. A plan reads and
 * writes plain positions; what clients see of them is made and opened here.
 *
 * @module
 */
import { z } from 'zod';
import type { $ZodType } from 'zod/v4/core';
import { principalKey } from '../context/principal.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { asZod } from '../upstream/mask.ts';
import { ownTextSeal, type TextSeal, textSeal } from './cursor-seal.ts';
import type { Endpoint } from './endpoint.ts';
import { type Query, queryOf } from './query.ts';

/** The schemas of cursors in queries, with what a position has to be, and of cursors in answers. */
const cursorSchemas = new WeakMap<$ZodType, $ZodType>();
const nextSchemas = new WeakSet<$ZodType>();

const maxCursorLength = 2_048;
const hourMs = 3_600_000;
/** A cursor works for a day; hours are what it counts in, so that equal pages stay equal for a while. */
const maxAgeHours = 24;

/** What changes from page to page; everything else in the query is the filter. */
const notFilter: ReadonlySet<string> = new Set(['cursor', 'limit', 'fields']);

/**
 * The cursor of a list in an endpoint's query, under the name `cursor`: the endpoint gets the position in it,
 * checked by `position`. Whatever this gateway did not seal for this caller, route and filter within a day is 400
 * `invalid-cursor`.
 */
export function cursorOf<Position extends $ZodType>(
  position: Position,
): z.ZodType<z.output<Position>, string> {
  const schema = z.string().transform((text) => JSON.parse(text) as z.output<Position>); // opened before
  cursorSchemas.set(schema, position);
  return schema;
}

/**
 * The cursor of the next page in an answer, such as `next: nextCursor().nullable()`: `respond` gives the position.
 * It is a member of the answer itself, and the query of the endpoint has a `cursor` that takes it.
 */
export function nextCursor<Position = string>(): z.ZodType<string, Position> {
  const schema = z.string();
  nextSchemas.add(schema);
  return schema as unknown as z.ZodType<string, Position>;
}

/** Makes and opens the cursors of one BFF. */
export interface Cursors {
  seal(position: unknown, place: string, nowMs: number): string;
  /** The JSON of the position; nothing when the cursor is none of this place, or too old. */
  open(cursor: string, place: string, nowMs: number): string | undefined;
  /** Uses this key from now on, instead of one of its own; not where keys were configured. */
  share(key: string): void;
}

/**
 * @param bff Two BFFs never take each other's cursors, whatever keys they have.
 * @param keys See {@link textSeal}. Without any, a key of its own: the cursors of a process end with it.
 * @throws {RangeError} for keys that cannot be used.
 */
export function openCursors(bff: string, keys: readonly string[] | undefined): Cursors {
  let seal: TextSeal = keys === undefined ? ownTextSeal() : textSeal('cursorKeys', keys);
  return {
    seal: (position, place, nowMs) =>
      seal.seal(`${Math.floor(nowMs / hourMs) + maxAgeHours}:${JSON.stringify(position)}`, `${bff} ${place}`),
    open(cursor, place, nowMs) {
      const text = cursor.length > maxCursorLength ? undefined : seal.open(cursor, `${bff} ${place}`);
      const colon = text?.indexOf(':') ?? -1;
      if (text === undefined || nowMs / hourMs >= Number(text.slice(0, colon)) + 1) return undefined;
      return text.slice(colon + 1);
    },
    share(key) {
      if (keys === undefined) seal = textSeal('the shared cursor key', [key]);
    },
  };
}

/** Replaces the sealed cursor of a query by what is in it. Throws 400 `invalid-cursor`. */
export type OpenCursor = (query: Query, context: RequestContext, params: unknown) => void;

/** Compiles the opener; nothing where the query takes no cursor. */
export function compileOpenCursor(
  { method, path, options }: Endpoint,
  cursors: Cursors,
): OpenCursor | undefined {
  const { cursor: member, ...others } = options.query?._zod.def.shape ?? {};
  const stray = Object.keys(others).find((name) => positionOf(others[name]) !== undefined);
  if (stray !== undefined) throw new RangeError(`the cursor of a query is called 'cursor', got '${stray}'`);
  const position = positionOf(member);
  if (position === undefined) return undefined;
  const isPosition = z.compile(asZod(position));
  return function openCursor(query, context, params) {
    const { cursor } = query;
    if (cursor === undefined) return;
    const place = placeOf(`${method} ${path}`, query, context, params);
    const text = typeof cursor === 'string' ? cursors.open(cursor, place, context.clock.wallMs()) : undefined;
    if (text === undefined || !isPosition.safeParse(JSON.parse(text)).success) throw invalidCursor();
    query.cursor = text;
  };
}

function invalidCursor(): GatewayError {
  return new GatewayError('invalid-cursor', {
    issues: [{ pointer: '/query/cursor', detail: 'is not a cursor of this list; begin again without one' }],
  });
}

/** Seals the positions in the value of `respond`. */
export type SealCursors = (value: unknown, context: RequestContext, params: unknown) => unknown;

/**
 * Compiles the sealer; nothing where the answer has no cursor.
 *
 * @throws {RangeError} when a cursor is deeper in the answer, or the query takes none.
 */
export function compileSealCursors(endpoint: Endpoint, cursors: Cursors): SealCursors | undefined {
  const { method, path, response } = endpoint;
  const { shape = {} } = response._zod.def as { readonly shape?: Readonly<Record<string, $ZodType>> };
  const members = Object.entries(shape).filter(([, member]) => isNext(member));
  requireAtTop(response, new Set(members.map(([, member]) => member)));
  const names = members.map(([name]) => name);
  const [name, ...more] = names;
  if (name === undefined) return undefined;
  if (more.length > 0) throw new RangeError(`an answer has one cursor, got ${names.join(', ')}`);
  if (!takesCursor(endpoint)) {
    throw new RangeError(
      `the answer has the cursor '${name}', and the query takes none: add pageQuery() or cursorOf(…)`,
    );
  }
  const route = `${method} ${path}`;
  return function sealCursors(value, context, params) {
    if (typeof value !== 'object' || value === null) return value; // the schema says what is wrong with it
    const position: unknown = Reflect.get(value, name);
    if (position === null || position === undefined) return value;
    const place = placeOf(route, queryOf(context.inbound.target), context, params);
    return { ...value, [name]: cursors.seal(position, place, context.clock.wallMs()) };
  };
}

/** Whether the answer has what only its caller can use: a sealed cursor. */
export function writesForCaller({ options, response }: Pick<Endpoint, 'options' | 'response'>): boolean {
  const { shape = {} } = response._zod.def as { readonly shape?: Readonly<Record<string, $ZodType>> };
  return options.fields === true || Object.values(shape).some(isNext);
}

/** @param known The members of the answer itself. */
function requireAtTop(schema: $ZodType, known: ReadonlySet<$ZodType>, seen = new Set<$ZodType>()): void {
  if (known.has(schema) || seen.has(schema)) return;
  seen.add(schema);
  if (isNext(schema)) throw new RangeError('nextCursor() must be a member of the answer itself');
  for (const part of partsOf(schema)) requireAtTop(part, known, seen);
}

/** The schemas inside a schema, as far as answers are made of them. */
function partsOf(schema: $ZodType): $ZodType[] {
  const { def, innerType } = schema._zod as unknown as { readonly def: Parts; readonly innerType?: $ZodType };
  const { shape = {}, element, options = [], out } = def;
  return [...Object.values(shape), element, def.innerType ?? innerType, ...options, out].filter(
    (part) => part !== undefined,
  );
}

interface Parts {
  readonly shape?: Readonly<Record<string, $ZodType>>;
  readonly element?: $ZodType;
  readonly innerType?: $ZodType;
  readonly options?: readonly $ZodType[];
  readonly out?: $ZodType;
}

/** A schema and what it wraps or was derived from, such as by `.optional()` or `.describe()`. */
function* layersOf(schema: $ZodType | undefined): Generator<$ZodType> {
  for (let layer = schema; layer !== undefined; ) {
    yield layer;
    layer = (layer._zod.def as { innerType?: $ZodType }).innerType ?? layer._zod.parent;
  }
}

function positionOf(schema: $ZodType | undefined): $ZodType | undefined {
  for (const layer of layersOf(schema)) {
    const position = cursorSchemas.get(layer);
    if (position !== undefined) return position;
  }
  return undefined;
}

/** Whether it is the schema of a cursor in an answer. */
export function isNext(schema: $ZodType | undefined): boolean {
  return [...layersOf(schema)].some((layer) => nextSchemas.has(layer));
}

/** Whether a query takes a cursor that this gateway seals. */
export function takesCursor({ options }: Pick<Endpoint, 'options'>): boolean {
  return positionOf(options.query?._zod.def.shape.cursor) !== undefined;
}

/** Where a cursor belongs: it opens for this caller, on this route, under this filter, and nowhere else. */
function placeOf(route: string, query: Query, { principal }: RequestContext, params: unknown): string {
  const filter = Object.entries(query).filter(([name]) => !notFilter.has(name));
  const caller = principal === undefined ? null : principalKey(principal);
  const sorted = filter.toSorted(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([route, params, sorted, caller]);
}
