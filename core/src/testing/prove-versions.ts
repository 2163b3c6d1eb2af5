/**
 * Whether the versions of a BFF keep their promise, tried with random values: every older version takes every
 * answer of the newest that went back to it, and the newest takes every request of an older version that came up.
 *
 * @module
 */
import { z } from 'zod';
import { endpointName } from '../endpoint/check-options.ts';
import { asZod, narrow } from '../upstream/mask.ts';
import { type MigrationWay, type Versioned, versionsOf } from '../versions/open-versions.ts';
import { randomness, randomValue } from './random-values.ts';

export interface ProveOptions {
  /** Random values per version, endpoint and direction. Default 200. */
  readonly samples?: number;
  /** Where the random values begin; a failure says the seed that shows it again. Default 1. */
  readonly seed?: number;
}

/**
 * Tries every version of every endpoint.
 *
 * @returns How many values were tried.
 * @throws {Error} naming the version, the endpoint, the value and what is wrong with what became of it.
 *
 * @example
 * test('every older version takes what it gets', () => {
 *   expect(proveVersions(bff)).toBeGreaterThan(0);
 * });
 */
export function proveVersions(bff: Versioned, { samples = 200, seed = 1 }: ProveOptions = {}): number {
  let tried = 0;
  for (const { version, ways } of versionsOf(bff)) {
    for (const way of ways) tried += proveWay(version, way, { samples, seed });
  }
  return tried;
}

function proveWay(version: string, way: MigrationWay, { samples, seed }: Required<ProveOptions>): number {
  const accepts = z.compile(asZod(way.kind === 'up' ? way.to : narrow(way.to, true)));
  const where = `${version} ${way.endpoint === undefined ? 'problems' : endpointName(way.endpoint)}`;
  for (let index = 0; index < samples; index += 1) prove(where, way, { accepts, seed: seed + index });
  return samples;
}

function prove(
  where: string,
  way: MigrationWay,
  { accepts, seed }: { readonly accepts: z.ZodType; readonly seed: number },
): void {
  const value = jsonOf(randomValue(way.from, randomness(seed)));
  const fail = (why: string, became: unknown): Error =>
    new Error(
      `${where} (seed ${seed}): ${JSON.stringify(value)} became ${JSON.stringify(became)}, which ${why}`,
    );
  const before = JSON.stringify(value);
  let became: unknown;
  try {
    became = way.migrate(value);
  } catch (cause) {
    throw Object.assign(fail('no change could make', undefined), { cause });
  }
  if (JSON.stringify(value) !== before) throw fail('changed what it was given', became);
  if (JSON.stringify(way.migrate(value)) !== JSON.stringify(became))
    throw fail('is another one the second time', became);
  const { error } = accepts.safeParse(jsonOf(became));
  const taker = way.kind === 'up' ? 'the newest version' : 'that version';
  if (error !== undefined) throw fail(`${taker} refuses: ${z.prettifyError(error)}`, became);
  const lost = way.kind === 'down' ? extraOf(became, accepts) : undefined;
  if (lost !== undefined) throw fail(`has '${lost}', which that version does not know`, became);
}

/** What the schema would silently leave out of the answer itself. */
function extraOf(became: unknown, accepts: z.ZodType): string | undefined {
  const json = jsonOf(became);
  const parsed = jsonOf(accepts.parse(json));
  return firstExtra(json, parsed, '');
}

function firstExtra(whole: unknown, known: unknown, path: string): string | undefined {
  if (typeof whole !== 'object' || whole === null || typeof known !== 'object' || known === null)
    return undefined;
  for (const [name, member] of Object.entries(whole)) {
    if (!(name in known)) return `${path}${name}`;
    const inside = firstExtra(member, Reflect.get(known, name), `${path}${name}.`);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

function jsonOf(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
