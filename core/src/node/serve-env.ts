/**
 * How a BFF is served, from the environment: the same variables for every BFF, each with its name in front.
 *
 * | Variable | Meaning |
 * |---|---|
 * | `NAME_PORT`, `NAME_ADMIN_PORT` | ports; 0 takes a free one |
 * | `NAME_HOSTNAME`, `NAME_ADMIN_HOSTNAME` | addresses to listen on |
 * | `NAME_WORKERS` | processes that serve; `auto` for one per core |
 * | `NAME_GRACE_MS` | notice to the load balancer before the door closes |
 * | `NAME_TLS_CERT_FILE`, `NAME_TLS_KEY_FILE` | PEM files; with both the public port speaks TLS and HTTP/2 |
 * | `NAME_ADMIN_TOKEN` | bearer token that the admin port asks for |
 * | `NAME_LOG_SAMPLE`, `NAME_LOG_SLOW_MS`, `NAME_PSEUDONYM_KEY`, `NAME_AUDIT_LOG` | what is logged: `log-env.ts` |
 *
 * @module
 */
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { envPort, readEnv } from '../context/read-env.ts';
import { logOptions, logVariables } from './log-env.ts';
import { maxWorkers, type ServeOptions } from './serve-options.ts';

export interface ServeDefaults {
  readonly port: number;
  readonly adminPort: number;
}

/**
 * Reads the options of `serve` for the BFF whose variables begin with `prefix`, such as `WEB`.
 *
 * @throws {RangeError} with one line per variable that is wrong; values are not repeated.
 */
export function serveEnv(
  prefix: string,
  env: Readonly<Record<string, string | undefined>>,
  defaults: ServeDefaults,
): ServeOptions {
  const variable = (name: string): string => `${prefix}_${name}`;
  const values = readEnv(schemaOf(variable, defaults), env);
  const text = (name: string): string | undefined => values[variable(name)] as string | undefined;
  const number = (name: string): number => values[variable(name)] as number;
  const [certFile, keyFile] = [text('TLS_CERT_FILE'), text('TLS_KEY_FILE')];
  const [hostname, adminHostname] = [text('HOSTNAME'), text('ADMIN_HOSTNAME')];
  const adminToken = text('ADMIN_TOKEN');
  const workers = values[variable('WORKERS')] as number | undefined;
  return {
    port: number('PORT'),
    adminPort: number('ADMIN_PORT'),
    graceMs: number('GRACE_MS'),
    ...(workers === undefined ? {} : { workers }),
    ...(hostname === undefined ? {} : { hostname }),
    ...(adminHostname === undefined ? {} : { adminHostname }),
    ...(adminToken === undefined ? {} : { adminToken }),
    ...(certFile === undefined || keyFile === undefined ? {} : { tls: { certFile, keyFile } }),
    ...logOptions((name) => values[variable(name)]),
  };
}

function schemaOf(
  variable: (name: string) => string,
  defaults: ServeDefaults,
): z.ZodType<Record<string, unknown>> {
  const [cert, key] = [variable('TLS_CERT_FILE'), variable('TLS_KEY_FILE')];
  return z
    .object({
      [variable('PORT')]: envPort().default(defaults.port),
      [variable('ADMIN_PORT')]: envPort().default(defaults.adminPort),
      [variable('GRACE_MS')]: z.coerce.number().min(0).max(600_000).default(5_000),
      [variable('WORKERS')]: workerCount().optional(),
      [variable('HOSTNAME')]: z.string().optional(),
      [variable('ADMIN_HOSTNAME')]: z.string().optional(),
      [variable('ADMIN_TOKEN')]: z.string().min(16, 'must have at least 16 characters').optional(),
      [cert]: z.string().optional(),
      [key]: z.string().optional(),
      ...logVariables(variable),
    })
    .superRefine((values, refinement) => {
      const [missing] = [cert, key].filter((name) => values[name] === undefined);
      const isHalf = (values[cert] === undefined) !== (values[key] === undefined);
      if (isHalf && missing !== undefined) {
        refinement.addIssue({ code: 'custom', path: [missing], message: 'is missing: TLS needs both files' });
      }
    });
}

function workerCount(): z.ZodType<number, string> {
  const cores = Math.min(availableParallelism(), maxWorkers);
  return z
    .string()
    .transform((text) => (text === 'auto' ? cores : Number(text)))
    .refine((count) => Number.isInteger(count) && count >= 1 && count <= maxWorkers, {
      error: `must be 'auto' or a whole number from 1 to ${maxWorkers}`,
    });
}
