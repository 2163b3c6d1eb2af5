/**
 * What is logged, from the environment; part of {@link serveEnv}.
 *
 * | Variable | Meaning |
 * |---|---|
 * | `NAME_LOG_SAMPLE`, `NAME_LOG_SLOW_MS` | the share of ordinary requests that get a line; from when one is slow |
 * | `NAME_PSEUDONYM_KEY` | key of the pseudonyms of people, the same on all instances |
 * | `NAME_AUDIT_LOG` | file for the lines that say who changed what, or `fd:3` for a descriptor |
 *
 * @module
 */
import { z } from 'zod';
import type { LogOptions } from '../telemetry/access-log.ts';
import type { AuditTarget } from '../telemetry/audit-file.ts';
import type { ServeOptions } from './serve-options.ts';

/** The variables, with `variable` putting the name of the BFF in front. */
export function logVariables(variable: (name: string) => string): Record<string, z.ZodType> {
  return {
    [variable('LOG_SAMPLE')]: z.coerce.number().min(0).max(1).optional(),
    [variable('LOG_SLOW_MS')]: z.coerce.number().min(0).max(600_000).optional(),
    [variable('PSEUDONYM_KEY')]: z.string().min(32, 'must have at least 32 characters').optional(),
    [variable('AUDIT_LOG')]: z.string().transform(auditTarget).optional(),
  };
}

/** @param value What was read of a variable. */
export function logOptions(
  value: (name: string) => unknown,
): Pick<ServeOptions, 'log' | 'pseudonymKey' | 'auditLog'> {
  const sample = value('LOG_SAMPLE') as number | undefined;
  const slowMs = value('LOG_SLOW_MS') as number | undefined;
  const pseudonymKey = value('PSEUDONYM_KEY') as string | undefined;
  const auditLog = value('AUDIT_LOG') as AuditTarget | undefined;
  const log: LogOptions = {
    ...(sample === undefined ? {} : { sample }),
    ...(slowMs === undefined ? {} : { slowMs }),
  };
  return {
    ...(Object.keys(log).length === 0 ? {} : { log }),
    ...(pseudonymKey === undefined ? {} : { pseudonymKey }),
    ...(auditLog === undefined ? {} : { auditLog }),
  };
}

function auditTarget(text: string): AuditTarget {
  const [, fd] = /^fd:(\d{1,4})$/.exec(text) ?? [];
  return fd === undefined ? { file: text } : { fd: Number(fd) };
}
