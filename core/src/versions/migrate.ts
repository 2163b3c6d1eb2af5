/**
 * From a schema and one migration: the schema before it, and the function that takes values across. Compiled at
 * boot by walking the schema, so that values are walked only where something changes.
 *
 * @module
 */
import { z } from 'zod';
import type { $ZodType } from 'zod/v4/core';
import { clone } from 'zod/v4/core';
import { asZod } from '../upstream/mask.ts';
import { schemasIn } from '../upstream/schemas-in.ts';
import type { AnySchema, Migration, Part } from './change.ts';

/** Takes a JSON value from one shape to the other. Never changes what it is given. */
export type Migrate = (value: unknown) => unknown;

export interface Migrated {
  /** The shape before. */
  readonly older: $ZodType;
  /** Absent where the shape does not have what changed. */
  readonly migrate: Migrate | undefined;
}

/** What schemas were made of, for changes name the newest shape however many changes lie between. */
export type Origins = WeakMap<$ZodType, $ZodType>;

interface Def {
  readonly type: string;
  readonly shape?: Readonly<Record<string, $ZodType>>;
  readonly catchall?: $ZodType;
  readonly element?: $ZodType;
  readonly innerType?: $ZodType;
  readonly options?: readonly $ZodType[];
  readonly valueType?: $ZodType;
  readonly checks?: readonly { readonly _zod: { readonly def: { readonly check: string } } }[];
}

const wrappers = new Set(['optional', 'nullable', 'default', 'prefault', 'readonly', 'nonoptional', 'catch']);

/**
 * Compiles one migration for the schemas it is asked about; what it made of a schema it makes once.
 *
 * @throws {RangeError} from the function, for a place that cannot be migrated: a member that is not there or is
 * not what `newer` says, a shape inside itself, checks that look at what changed.
 */
export function compileMigration(migration: Migration, origins: Origins): (schema: $ZodType) => Migrated {
  const known = new Map<$ZodType, Migrated>();
  const inside: $ZodType[] = [];

  const walk = (schema: $ZodType): Migrated => {
    const before = known.get(schema);
    if (before !== undefined) return before;
    if (inside.includes(schema)) {
      if ([...schemasIn(schema)].some(isPlace))
        throw new RangeError('a shape inside itself cannot be changed');
      return { older: schema, migrate: undefined };
    }
    inside.push(schema);
    const migrated = isPlace(schema) ? atPlace(schema) : within(schema);
    inside.pop();
    known.set(schema, migrated);
    // A whole shape that a change brings has a name of its own: that of its schema.
    if (migrated.older !== schema && migrated.older !== migration.older)
      origins.set(migrated.older, originOf(schema));
    return migrated;
  };
  const originOf = (schema: $ZodType): $ZodType => origins.get(schema) ?? schema;
  const isPlace = (schema: $ZodType): boolean => originOf(schema) === migration.of;

  const atPlace = (schema: $ZodType): Migrated => {
    if (isSchema(migration.newer) && isSchema(migration.older)) {
      requireSame('the shape', schema, migration.newer, migration.direction);
      return { older: migration.older, migrate: compileMap(migration) };
    }
    const { shape } = defOf(schema);
    if (shape === undefined || isSchema(migration.newer) || isSchema(migration.older))
      throw new RangeError('name members of an object, or the whole shape in newer and in older');
    return object(schema, shape, migration.newer, migration.older);
  };

  const within = (schema: $ZodType): Migrated => {
    const def = defOf(schema);
    if (def.shape !== undefined) return object(schema, def.shape, {}, {});
    if (def.type === 'array' && def.element !== undefined) {
      const { older, migrate } = walk(def.element);
      return rebuilt(schema, { element: older }, migrate && ((value) => mapArray(value, migrate)));
    }
    if (def.type === 'record' && def.valueType !== undefined) {
      const { older, migrate } = walk(def.valueType);
      return rebuilt(schema, { valueType: older }, migrate && ((value) => mapValues(value, migrate)));
    }
    if (def.type === 'union' && def.options !== undefined) return union(schema, def.options);
    if (wrappers.has(def.type) && def.innerType !== undefined) {
      const { older, migrate } = walk(def.innerType);
      return rebuilt(
        schema,
        { innerType: older },
        migrate && ((value) => (value === null || value === undefined ? value : migrate(value))),
      );
    }
    if ([...schemasIn(schema)].some(isPlace)) throw new RangeError(`what changed is inside a ${def.type}`);
    return { older: schema, migrate: undefined };
  };

  const object = (schema: $ZodType, shape: Shape, newer: Shape, older: Shape): Migrated => {
    const members: [string, $ZodType][] = [];
    const migrates = new Map<string, Migrate>();
    for (const [name, schemaNow] of Object.entries(newer)) {
      const member = Object.hasOwn(shape, name) ? shape[name] : undefined;
      if (member === undefined) throw new RangeError(`newer has '${name}', and the shape does not`);
      requireSame(`'${name}'`, member, schemaNow, migration.direction);
    }
    for (const name of Object.keys(older)) {
      if (Object.hasOwn(shape, name) && !Object.hasOwn(newer, name))
        throw new RangeError(`older has '${name}', which the shape has too; name it in newer`);
    }
    let isPlaced = false;
    for (const [name, member] of Object.entries(shape)) {
      if (Object.hasOwn(newer, name)) {
        if (!isPlaced) members.push(...Object.entries(older));
        isPlaced = true;
        continue;
      }
      const { older: memberBefore, migrate } = walk(member);
      members.push([name, memberBefore]);
      if (migrate !== undefined) migrates.set(name, migrate);
    }
    if (!isPlaced) members.push(...Object.entries(older));
    const { type, catchall } = defOf(schema);
    if (type !== 'object') throw new RangeError(`the shape is a ${type}, not an object`);
    const changes = Object.keys(newer).length + Object.keys(older).length > 0;
    if (!changes && migrates.size === 0) return { older: schema, migrate: undefined };
    const touched = changes ? compileTouched(migration, newer, older) : undefined;
    return rebuilt(
      schema,
      { shape: Object.fromEntries(members), catchall },
      objectMigrate(migrates, touched),
    );
  };

  const union = (schema: $ZodType, options: readonly $ZodType[]): Migrated => {
    const parts = options.map(walk);
    if (parts.every(({ migrate }) => migrate === undefined)) return { older: schema, migrate: undefined };
    const tests = parts.map(({ older, migrate }, index) => ({
      check: z.compile(asZod(migration.direction === 'down' ? (options[index] ?? older) : older)),
      migrate,
    }));
    return rebuilt(schema, { options: parts.map(({ older }) => older) }, (value) => {
      const fitting = tests.find(({ check }) => check.safeParse(value).success);
      return fitting?.migrate === undefined ? value : fitting.migrate(value);
    });
  };

  return walk;
}

type Shape = Readonly<Record<string, $ZodType>>;

/** The members that a migration replaces, under their names on the side that is given. */
interface Touched {
  readonly names: ReadonlySet<string>;
  readonly map: Migrate;
}

function compileTouched(migration: Migration, newer: Shape, older: Shape): Touched {
  const given = migration.direction === 'down' ? newer : older;
  return { names: new Set(Object.keys(given)), map: compileMap(migration) };
}

/** What a client sent is read by its schema first; what the gateway wrote has been. */
function compileMap({ direction, older, map }: Migration): Migrate {
  if (direction === 'down') return map;
  const check = z.compile(isSchema(older) ? asZod(older) : z.object(older));
  return (value) => map(check.parse(value));
}

/** New members come where the first of the old ones was, or at the end. */
function objectMigrate(members: ReadonlyMap<string, Migrate>, touched: Touched | undefined): Migrate {
  return function migrateObject(value) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const part: Record<string, unknown> = {};
    if (touched !== undefined)
      for (const [name, member] of Object.entries(value)) if (touched.names.has(name)) part[name] = member;
    const entries: [string, unknown][] = [];
    let isPlaced = touched === undefined;
    const place = (): void => {
      isPlaced = true;
      for (const entry of Object.entries(touched?.map(part) ?? {}))
        if (entry[1] !== undefined) entries.push(entry);
    };
    for (const [name, member] of Object.entries(value)) {
      const migrate = members.get(name);
      if (touched?.names.has(name) !== true) entries.push([name, migrate ? migrate(member) : member]);
      else if (!isPlaced) place();
    }
    if (!isPlaced) place();
    return Object.fromEntries(entries);
  };
}

function mapArray(value: unknown, migrate: Migrate): unknown {
  return Array.isArray(value) ? value.map((item: unknown) => migrate(item)) : value;
}

function mapValues(value: unknown, migrate: Migrate): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, migrate(member)]));
}

function rebuilt(schema: $ZodType, part: object, migrate: Migrate | undefined): Migrated {
  if (migrate === undefined) return { older: schema, migrate };
  if (defOf(schema).checks?.some(({ _zod }) => _zod.def.check === 'custom') === true)
    throw new RangeError('a refinement looks at what changed; give the whole shape in newer and in older');
  const older = clone(schema, { ...schema._zod.def, ...part } as never);
  const told = z.globalRegistry.get(schema);
  if (told !== undefined) z.globalRegistry.add(older, told); // what documents call it and say of it
  return { older, migrate };
}

/** Whether two schemas take the same JSON, as far as JSON Schema can say. */
function requireSame(what: string, now: $ZodType, said: $ZodType, direction: Migration['direction']): void {
  const [found, expected] = [now, said].map((schema) => jsonOf(schema, direction));
  if (now === said || found === expected) return;
  throw new RangeError(`newer says ${what} is ${expected}, and it is ${found}`);
}

function jsonOf(schema: $ZodType, direction: Migration['direction']): string {
  const io = direction === 'down' ? 'output' : 'input';
  const { $schema: _, ...json } = z.toJSONSchema(asZod(schema), { io, metadata: z.registry() });
  return JSON.stringify(json);
}

function isSchema(part: Part): part is AnySchema {
  return '_zod' in part && 'def' in part._zod;
}

function defOf(schema: $ZodType): Def {
  return schema._zod.def as unknown as Def;
}
