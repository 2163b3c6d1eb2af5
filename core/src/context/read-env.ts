/**
 * Configuration from the environment: typed, checked at boot, and clear about every fault at once.
 *
 * @module
 */
import { z } from 'zod';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads `env` with a schema of its variables. An empty variable counts as one that is not set.
 *
 * @throws {RangeError} with one line per variable that is missing or wrong. Values are not repeated:
 * they may be secrets.
 *
 * @example
 * readEnv(z.object({ PORT: envPort().default(4001) }), {}).PORT; // => 4001
 */
export function readEnv<Schema extends z.ZodType>(schema: Schema, env: Env): z.output<Schema> {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(set);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new RangeError(`the environment is not valid\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
}

/** A list, separated by commas. */
export function envList(): z.ZodType<string[], string> {
  return z.string().transform((list) => list.split(',').map((one) => one.trim()));
}

/** A port, 0 for any that is free. */
export function envPort(): z.ZodCoercedNumber {
  return z.coerce.number().int().min(0).max(65_535);
}

/** An http or https address. */
export function envUrl(): z.ZodURL {
  return z.url({ protocol: /^https?$/ });
}
