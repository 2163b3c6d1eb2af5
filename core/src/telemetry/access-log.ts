/**
 * The log: one JSON line per request and per whatever else an operator has to know, subscribed to the facts. The
 * route is the template, never the path; there are no bodies, no query values, no credentials in it, and people are
 * under pseudonyms.
 *
 * @module
 */

import type { EventBus } from '../context/event-bus.ts';
import type { AuditFact, QuotaFact, RequestFact } from '../context/events.ts';
import { requireKnown } from '../context/options.ts';
import { causeText, type Redact } from './cause-text.ts';
import type { Logger } from './logger.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { redact as redactSecrets } from './redact.ts';
import { requestLine } from './request-line.ts';
import { type SampleOptions, sampling } from './sampling.ts';

export interface LogOptions extends SampleOptions {
  /** Takes secrets out of the text of errors. Default: whatever looks like a credential is replaced. */
  readonly redact?: Redact;
  /** Where lines go that say who changed what. Default: the log itself, marked `stream: audit`. */
  readonly audit?: Logger;
}

/** What is logged: a BFF. */
export interface LogSource {
  readonly events: EventBus;
  readonly pseudonyms: Pseudonyms;
}

/** The part of a `problem` when a line of the audit could not be written. */
export const auditPart = 'audit log';

const knownOptions = ['sample', 'slowMs', 'redact', 'audit'];

/** @throws {RangeError} for an unknown option, or one out of range. */
export function checkLogOptions(options: LogOptions): void {
  requireKnown('log', options, knownOptions);
  sampling(options);
}

/**
 * Writes a line for every request, every change of a breaker and so on. Returns how to stop.
 *
 * @throws {RangeError} for an unknown option, or one out of range.
 */
export function logFacts(
  { events, pseudonyms }: LogSource,
  logger: Logger,
  options: LogOptions = {},
): () => void {
  checkLogOptions(options);
  const { redact = redactSecrets, audit = logger } = options;
  const cause = (error: unknown): string => causeText(error, redact);
  const stops = [
    events.on('request', requestLogger(logger, options, { pseudonyms, redact })),
    events.on('breaker', (fact) => logger.warn(fact, 'breaker')),
    events.on('target', (fact) => logger.warn(fact, 'target')),
    events.on('switch', (fact) => logger.warn(fact, 'switch')),
    events.on('problem', ({ part, error }) => logger.error({ part, cause: cause(error) }, 'problem')),
    events.on('limitStore', ({ cause: reason, ...fact }) => {
      const line = { ...fact, ...(reason === undefined ? {} : { cause: cause(reason) }) };
      if (fact.state === 'up') logger.warn(line, 'limit store');
      else logger.error(line, 'limit store');
    }),
    events.on('audit', (fact) => {
      const line = auditFields(fact, redact);
      try {
        audit.info(line, 'audit');
      } catch (error) {
        // It must be somewhere; and whoever watches must hear that it is not where it should be.
        logger.error(line, 'audit');
        events.emit('problem', {
          part: auditPart,
          error: error instanceof Error ? error : new Error(String(error)),
        });
      }
    }),
    events.on('quota', (fact) => logger.warn(quotaFields(fact, pseudonyms), 'quota')),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

type RequestLogger = (fact: RequestFact) => void;

function requestLogger(
  logger: Logger,
  options: SampleOptions,
  parts: { readonly pseudonyms: Pseudonyms; readonly redact: Redact },
): RequestLogger {
  const shareOf = sampling(options);
  const write = requestLine(parts);
  return function logRequest(fact) {
    const level = fact.status >= 500 ? 'error' : 'info';
    if (logger.wants?.(level) === false) return;
    const share = shareOf(fact);
    if (share === 0) return;
    const members = write(fact, share);
    if (logger.json === undefined) logger[level](JSON.parse(`{${members}}`), 'request');
    else logger.json(level, members, 'request');
  };
}

function auditFields({ details, ...fact }: AuditFact, redact: Redact): object {
  const clean = (value: unknown): unknown => {
    if (typeof value === 'string') return redact(value);
    return Array.isArray(value) ? value.map(clean) : value;
  };
  const cleanAll = (fields: object): object =>
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, clean(value)]));
  return {
    stream: 'audit',
    ...cleanAll(fact),
    ...(details === undefined ? {} : { details: cleanAll(details) }),
  };
}

/** The caller as the lines of its requests name it. */
function quotaFields({ limit, caller, ...fact }: QuotaFact, pseudonyms: Pseudonyms): object {
  const { kind, subject: id, tenant, plan, address } = caller;
  const who =
    kind === undefined || id === undefined
      ? { ip: pseudonyms.address(address) }
      : { principal: pseudonyms.principal({ kind, id, ...(tenant === undefined ? {} : { tenant }) }) };
  return { quota: limit, ...fact, ...who, ...(tenant === undefined ? {} : { tenant }), plan };
}
