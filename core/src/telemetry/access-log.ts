/**
 * The access log: one JSON line per request, subscribed to the facts. The route is the template,
 * never the path; there are no bodies, no query values, no credentials in it.
 *
 * @module
 */
import pino from 'pino';
import { systemClock } from '../context/clock.ts';
import type { EventBus, RequestFact } from '../context/events.ts';
import { limitLine } from './limit-line.ts';
import { logTime } from './log-time.ts';
import { redact } from './redact.ts';

/** What the gateway needs of a logger; pino's own type does not leak. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface LoggerOptions {
  /** Field `service` of every line. */
  readonly name: string;
  /** Default `info`; `silent` writes nothing. */
  readonly level?: 'info' | 'warn' | 'error' | 'silent';
  /** Where lines go. Default standard output. */
  readonly write?: (line: string) => void;
}

/** A logger that writes JSON lines. */
export function jsonLogger(options: LoggerOptions): Logger {
  const settings = {
    base: { service: options.name },
    level: options.level ?? 'info',
    timestamp: logTime(systemClock),
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return options.write === undefined ? pino(settings) : pino(settings, { write: options.write });
}

/**
 * Writes a line for every request, every change of a breaker and so on. Lines with `stream: audit` say who
 * changed what; they are for a place of their own. Returns how to stop.
 */
export function logFacts(events: EventBus, logger: Logger): () => void {
  const stops = [
    events.on('request', (fact) => {
      const line = lineOf(fact);
      if (fact.status >= 500) logger.error(line, 'request');
      else logger.info(line, 'request');
    }),
    events.on('breaker', (fact) => logger.warn(fact, 'breaker')),
    events.on('target', (fact) => logger.warn(fact, 'target')),
    events.on('switch', (fact) => logger.warn(fact, 'switch')),
    events.on('problem', ({ part, error }) => logger.error({ part, cause: causeText(error) }, 'problem')),
    events.on('limitStore', ({ cause, ...fact }) => {
      const line = { ...fact, ...(cause === undefined ? {} : { cause: causeText(cause) }) };
      if (fact.state === 'up') logger.warn(line, 'limit store');
      else logger.error(line, 'limit store');
    }),
    events.on('audit', (fact) => logger.info({ stream: 'audit', ...fact }, 'audit')),
    events.on('quota', ({ limit, caller: { principal, plan }, ...fact }) =>
      logger.warn({ quota: limit, ...fact, principal, plan }, 'quota'),
    ),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function lineOf(fact: RequestFact): object {
  const {
    principal,
    cause,
    calls,
    degraded,
    durationMs,
    limit,
    bff: _bff,
    traceId: _traceId,
    ...rest
  } = fact;
  return {
    ...rest,
    ms: round(durationMs),
    ...(principal === undefined ? {} : callerFields(principal)),
    ...(limit === undefined ? {} : { limit: limitLine(limit) }),
    ...(degraded.length === 0 ? {} : { degraded }),
    ...(calls.length === 0
      ? {}
      : {
          calls: calls.map((call) => ({
            node: call.node,
            call: `${call.upstream}.${call.operation}`,
            outcome: call.outcome,
            startMs: round(call.startMs),
            ms: round(call.durationMs),
            attempts: call.attempts,
            ...(call.cause === undefined ? {} : { cause: causeText(call.cause) }),
          })),
        }),
    ...(cause === undefined ? {} : { cause: rest.code === 'internal' ? stackText(cause) : causeText(cause) }),
  };
}

function callerFields({ kind, id, tenant }: NonNullable<RequestFact['principal']>): object {
  return { principal: `${kind}:${id}`, ...(tenant === undefined ? {} : { tenant }) };
}

function causeText(cause: unknown): string {
  const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return redact(text).replaceAll(/\s+/g, ' ').slice(0, 1_000);
}

/** A fault of our own comes with where it happened. */
function stackText(cause: unknown): string {
  return redact(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)).slice(0, 4_000);
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
