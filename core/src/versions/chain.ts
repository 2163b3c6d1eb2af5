/**
 * The chain of changes of each endpoint: for every older version the endpoint as it was, and the functions that
 * take requests up to the newest and answers down from it. Composed at boot, newest change first.
 *
 * @module
 */
import type { $ZodObject, $ZodType } from 'zod/v4/core';
import { endpointName } from '../endpoint/check-options.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import { schemasIn } from '../upstream/schemas-in.ts';
import type { Change, Migration } from './change.ts';
import type { CheckedVersion } from './dated.ts';
import { compileMigration, type Migrate, type Origins } from './migrate.ts';
import { problemShape } from './problem-shape.ts';

/** One endpoint in one older version. Without `up` or `down` it is the same there as in the newest. */
export interface OlderEndpoint {
  /** The endpoint with the schemas it had. It is for reading, describing and checking; it answers nothing. */
  readonly endpoint: Endpoint;
  readonly up: { readonly query: Migrate | undefined; readonly body: Migrate | undefined };
  readonly down: Migrate | undefined;
}

/** One version of all endpoints. */
export interface OlderVersion {
  readonly declared: CheckedVersion;
  readonly isHead: boolean;
  /** By the declaration; those that did not change are not in it. */
  readonly endpoints: ReadonlyMap<Endpoint, OlderEndpoint>;
  readonly problem: { readonly shape: $ZodType; readonly down: Migrate | undefined };
}

export interface Chains {
  /** One per version, in their order; the newest is the first and has no older endpoints. */
  readonly versions: readonly OlderVersion[];
  /** The endpoints that each change touches. */
  readonly touched: ReadonlyMap<Change, readonly Endpoint[]>;
}

/** How far back the walk is, for one endpoint. */
interface Walk {
  readonly response: $ZodType;
  readonly body: $ZodType | undefined;
  readonly query: $ZodObject | undefined;
  /** In the order in which an answer takes them. */
  readonly down: readonly Migrate[];
  /** In the order in which a request takes them. */
  readonly upBody: readonly Migrate[];
  readonly upQuery: readonly Migrate[];
}

/** @throws {RangeError} naming the change that cannot be composed, and why. */
export function composeChains(versions: readonly CheckedVersion[], endpoints: readonly Endpoint[]): Chains {
  const origins: Origins = new WeakMap();
  const touched = new Map<Change, Endpoint[]>();
  let walks = new Map(
    endpoints.map((endpoint): [Endpoint, Walk] => {
      const { response, options } = endpoint;
      return [
        endpoint,
        { response, body: options.body, query: options.query, down: [], upBody: [], upQuery: [] },
      ];
    }),
  );
  let problem: OlderVersion['problem'] = { shape: problemShape, down: undefined };
  const composed: OlderVersion[] = [];
  for (const declared of versions) {
    composed.push({ declared, isHead: declared === versions[0], endpoints: olderOf(walks), problem });
    for (const change of declared.changes.toReversed()) {
      naming(`change ${change.name}`, () => {
        const before = walks;
        walks = undo(change, walks, origins);
        problem = undoProblem(change, problem, origins);
        touched.set(
          change,
          endpoints.filter((endpoint) => walks.get(endpoint) !== before.get(endpoint)),
        );
      });
    }
  }
  return { versions: composed, touched };
}

function undo(change: Change, walks: ReadonlyMap<Endpoint, Walk>, origins: Origins): Map<Endpoint, Walk> {
  let after = new Map(walks);
  for (const migration of change.response.toReversed()) {
    const step = compileMigration(migration, origins);
    after = each(after, migration, (walk, endpoint) => {
      const { older, migrate } = step(walk.response);
      if (migrate === undefined) return walk;
      requireMigratable(endpoint);
      return { ...walk, response: older, down: [...walk.down, migrate] };
    });
  }
  for (const migration of change.request.toReversed()) {
    const step = compileMigration(migration, origins);
    after = each(after, migration, (walk, endpoint) => {
      const body = walk.body && step(walk.body);
      const query = walk.query && step(walk.query);
      if (body?.migrate === undefined && query?.migrate === undefined) return walk;
      requireMigratable(endpoint);
      return {
        ...walk,
        body: body?.older,
        query: query?.older as $ZodObject | undefined,
        upBody: body?.migrate === undefined ? walk.upBody : [body.migrate, ...walk.upBody],
        upQuery: query?.migrate === undefined ? walk.upQuery : [query.migrate, ...walk.upQuery],
      };
    });
  }
  return after;
}

function each(
  walks: ReadonlyMap<Endpoint, Walk>,
  { direction }: Migration,
  step: (walk: Walk, endpoint: Endpoint) => Walk,
): Map<Endpoint, Walk> {
  const after = new Map(
    [...walks].map(([endpoint, walk]): [Endpoint, Walk] => [
      endpoint,
      naming(endpointName(endpoint), () => step(walk, endpoint)),
    ]),
  );
  if ([...after].every(([endpoint, walk]) => walk === walks.get(endpoint))) {
    const where = direction === 'down' ? 'answer' : 'body and no query';
    throw new RangeError(`a shape that it changes is in no ${where} of any endpoint`);
  }
  return after;
}

function undoProblem(
  change: Change,
  problem: OlderVersion['problem'],
  origins: Origins,
): OlderVersion['problem'] {
  let after = problem;
  for (const migration of change.errors.toReversed()) {
    const { older, migrate } = compileMigration(migration, origins)(after.shape);
    if (migrate === undefined) throw new RangeError('errors is made with down(problemShape, …)');
    after = { shape: older, down: inTurn(after.down === undefined ? [migrate] : [after.down, migrate]) };
  }
  return after;
}

/** What is migrated is JSON that the gateway wrote, under a schema that leaves it as it is. */
function requireMigratable({ behaviour, response }: Endpoint): void {
  const isJson = behaviour.kind === 'opaque' || (behaviour.kind === 'plan' && behaviour.page === undefined);
  if (!isJson) throw new RangeError('only endpoints that answer with JSON have versions');
  const types = [...schemasIn(response)].map((schema) => schema._zod.def.type as string);
  const odd = types.find((type) => type === 'pipe' || type === 'transform' || type === 'custom');
  if (odd !== undefined)
    throw new RangeError(`an answer with versions has plain JSON in its schema, and this has a ${odd}`);
}

function olderOf(walks: ReadonlyMap<Endpoint, Walk>): Map<Endpoint, OlderEndpoint> {
  const older = new Map<Endpoint, OlderEndpoint>();
  for (const [endpoint, { response, body, query, down, upBody, upQuery }] of walks) {
    if (down.length + upBody.length + upQuery.length === 0) continue;
    const options = {
      ...endpoint.options,
      ...(body === undefined ? {} : { body }),
      ...(query === undefined ? {} : { query }),
    };
    older.set(endpoint, {
      endpoint: { ...endpoint, options, response },
      up: { query: inTurn(upQuery), body: inTurn(upBody) },
      down: inTurn(down),
    });
  }
  return older;
}

function inTurn(migrates: readonly Migrate[]): Migrate | undefined {
  const [only, ...others] = migrates;
  if (only === undefined || others.length === 0) return only;
  return function migrateInTurn(value) {
    let result = value;
    for (const migrate of migrates) result = migrate(result);
    return result;
  };
}

function naming<T>(where: string, compose: () => T): T {
  try {
    return compose();
  } catch (error) {
    if (error instanceof Error) error.message = `${where}: ${error.message}`;
    throw error;
  }
}
