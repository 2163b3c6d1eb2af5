/**
 * Configuration from the environment: typed, checked at boot, and clear about every fault at once.
 *
 * @module
 */
import type { z } from 'zod';

/**
 * Reads `env` with a schema of its variables.
 *
 * @throws {RangeError} with one line per variable that is missing or wrong. Values are not repeated:
 * they may be secrets.
 *
 * @example
 * readEnv(z.object({ PORT: z.coerce.number().default(4001) }), {}).PORT; // => 4001
 */
export function readEnv<Schema extends z.ZodType>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): z.output<Schema> {
  const parsed = schema.safeParse(env);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new RangeError(`the environment is not valid\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
}
