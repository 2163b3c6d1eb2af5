/**
 * What became different with a version, as small pure values: a change has a name, a line for the changelog, and
 * says for each shape it touches how an answer goes back (`down`) and how a request comes forward (`up`). Endpoints
 * know the newest version only.
 *
 * A shape is named by its schema, wherever it is: `down(Money, …)` goes back in every answer that has a `Money`, in
 * lists too. Only the members that changed are named; the others stay, whatever other changes do to them.
 *
 * @see {@link https://stripe.com/blog/api-versioning Stripe: APIs as infrastructure}
 * @module
 */
import type { $ZodType, input, output } from 'zod/v4/core';

/** Anything, said such that a `map` may write the values of an enum without `as const`. */
type Anything = string | number | boolean | bigint | symbol | object | null | undefined;
export type AnySchema = $ZodType<unknown, Anything>;

/** The members that changed, by name. */
export type Members = Readonly<Record<string, AnySchema>>;
/** The members that changed, or the whole shape. */
export type Part = Members | AnySchema;

/** Members as they are read; one that may be missing is `undefined` then. */
export type MembersRead<M extends Members> = { readonly [K in keyof M]: output<M[K]> };
/** Members as they are written, each of them; one that may be missing is left out by `undefined`. */
export type MembersWritten<M extends Members> = { readonly [K in keyof M]: input<M[K]> };

/** How one shape differs between two versions. */
export interface Migration {
  readonly direction: 'up' | 'down';
  /** The shape, as the newest version has it, or as a change brought it. */
  readonly of: $ZodType;
  readonly newer: Part;
  readonly older: Part;
  readonly map: (part: unknown) => unknown;
}

export interface DownOptions<Newer extends Members, Older extends Members> {
  /** The members as they are. */
  readonly newer: Newer;
  /** What was there before instead. */
  readonly older: Older;
  /** Pure, total, synchronous. */
  readonly map: (part: MembersRead<NoInfer<Newer>>) => MembersWritten<NoInfer<Older>>;
}

export interface UpOptions<Older extends Members, Newer extends Members> {
  /** What the members were before. */
  readonly older: Older;
  /** The members as they are. */
  readonly newer: Newer;
  /** Pure, total, synchronous. */
  readonly map: (part: MembersRead<NoInfer<Older>>) => MembersWritten<NoInfer<Newer>>;
}

/** The same for a shape that became another one altogether. */
export interface WholeOptions<From extends AnySchema, To extends AnySchema> {
  readonly newer: From | To;
  readonly older: From | To;
  readonly map: (whole: output<NoInfer<From>>) => input<NoInfer<To>>;
}

/** How this shape goes back to what it was before, in every answer that has it. */
export function down<const Newer extends Members, const Older extends Members>(
  of: $ZodType,
  options: DownOptions<Newer, Older>,
): Migration;
export function down<Newer extends AnySchema, Older extends AnySchema>(
  of: Newer,
  options: WholeOptions<Newer, Older> & { readonly newer: Newer; readonly older: Older },
): Migration;
export function down(of: $ZodType, { newer, older, map }: AnyOptions): Migration {
  return { direction: 'down', of, newer, older, map: map as Migration['map'] };
}

/** How this shape of a body or a query comes from what it was before. */
export function up<const Older extends Members, const Newer extends Members>(
  of: $ZodType,
  options: UpOptions<Older, Newer>,
): Migration;
export function up<Older extends AnySchema, Newer extends AnySchema>(
  of: Newer,
  options: WholeOptions<Older, Newer> & { readonly newer: Newer; readonly older: Older },
): Migration;
export function up(of: $ZodType, { newer, older, map }: AnyOptions): Migration {
  return { direction: 'up', of, newer, older, map: map as Migration['map'] };
}

interface AnyOptions {
  readonly newer: Part;
  readonly older: Part;
  readonly map: (part: never) => unknown;
}

export interface ChangeOptions {
  /** Lowercase words with hyphens, unique: `order-reference`. It names the change for ever. */
  readonly name: string;
  /** One sentence for partners: what is different now, and what it was. A line of the changelog. */
  readonly summary: string;
  /** Made with {@link up}, for bodies and queries. */
  readonly request?: Migration | readonly Migration[];
  /** Made with {@link down}, for answers. */
  readonly response?: Migration | readonly Migration[];
  /** Made with {@link down} of `problemShape`, for problems. */
  readonly errors?: Migration | readonly Migration[];
}

export interface Change {
  readonly name: string;
  readonly summary: string;
  readonly request: readonly Migration[];
  readonly response: readonly Migration[];
  readonly errors: readonly Migration[];
}

/**
 * Declares a change.
 *
 * @throws {RangeError} for a name of another form, an empty summary, or a change that changes nothing.
 *
 * @example
 * const Order = z.object({ id: z.string(), reference: z.string().nullable() });
 * const renamed = change({
 *   name: 'order-reference',
 *   summary: 'The `purchaseOrder` of an order is now its `reference`.',
 *   response: down(Order, {
 *     newer: { reference: z.string().nullable() },
 *     older: { purchaseOrder: z.string().nullable() },
 *     map: ({ reference }) => ({ purchaseOrder: reference }),
 *   }),
 * });
 * renamed.name; // => 'order-reference'
 */
export function change({ name, summary, request = [], response = [], errors = [] }: ChangeOptions): Change {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 64)
    throw new RangeError(`change: name must be lowercase words with hyphens, got '${name}'`);
  if (summary.trim() === '') throw new RangeError(`change ${name}: summary must say what is different`);
  const whole = {
    name,
    summary,
    request: listOf(request),
    response: listOf(response),
    errors: listOf(errors),
  };
  const all = [...whole.request, ...whole.response, ...whole.errors];
  if (all.length === 0) throw new RangeError(`change ${name}: declare request, response or errors`);
  requireDirection(name, 'request', whole.request, 'up');
  requireDirection(name, 'response', whole.response, 'down');
  requireDirection(name, 'errors', whole.errors, 'down');
  return whole;
}

function listOf(migrations: Migration | readonly Migration[]): readonly Migration[] {
  return 'direction' in migrations ? [migrations] : migrations;
}

function requireDirection(
  name: string,
  option: string,
  migrations: readonly Migration[],
  direction: Migration['direction'],
): void {
  if (migrations.every((migration) => migration.direction === direction)) return;
  throw new RangeError(`change ${name}: ${option} is made with ${direction}(…)`);
}
