/**
 * The grammar of faults, `mode[:argument][@rate]`: what can be wrong with a service, and how often.
 *
 * @module
 */
import { isServiceName, SERVICE_NAMES, type ServiceName } from './directory.ts';
import { type Latency, parseLatency } from './fault-latency.ts';
import { FaultError, parseSize } from './fault-units.ts';

/** What goes wrong with one request. */
export type Effect =
  /** It is answered late. */
  | { readonly mode: 'latency'; readonly latency: Latency }
  /** It is refused with this status, and not worked on. */
  | { readonly mode: 'status'; readonly status: number }
  /** It is never answered, nor worked on. */
  | { readonly mode: 'hang' }
  /** The headers and half of the body come, then nothing. */
  | { readonly mode: 'hang-body' }
  /** The headers and half of the body come, then the connection is reset. */
  | { readonly mode: 'reset-body' }
  /** The connection is reset before any answer, and the request not worked on. */
  | { readonly mode: 'reset' }
  /** A complete answer that says JSON and is not: it breaks off in the middle. */
  | { readonly mode: 'malformed' }
  /** A page of this media type comes instead of the answer. */
  | { readonly mode: 'content-type'; readonly mediaType: string }
  /** A JSON answer of this many bytes comes instead of the real one. */
  | { readonly mode: 'huge'; readonly bytes: number };

/** An effect, and the share of requests that it hits, in `(0, 1]`. */
export interface Fault {
  /** The words it was written in. */
  readonly spec: string;
  readonly effect: Effect;
  readonly rate: number;
}

/** Faults as written, by the service they are for. */
export type FaultSpecs = Readonly<Record<string, readonly string[]>>;

type Mode = Effect['mode'];

const MODES: Readonly<Record<Mode, (argument: string | undefined) => Effect>> = {
  latency: (argument) => ({ mode: 'latency', latency: parseLatency(argument) }),
  status: (argument) => ({ mode: 'status', status: parseStatus(argument) }),
  hang: (argument) => plain('hang', argument),
  'hang-body': (argument) => plain('hang-body', argument),
  'reset-body': (argument) => plain('reset-body', argument),
  reset: (argument) => plain('reset', argument),
  malformed: (argument) => plain('malformed', argument),
  'content-type': (argument) => ({ mode: 'content-type', mediaType: parseMediaType(argument) }),
  huge: (argument) => ({ mode: 'huge', bytes: parseSize(argument ?? '50MB') }),
};

/** Every form a fault can be written in; `@30%` behind any of them hits that share of the requests. */
export const FAULT_FORMS: readonly string[] = [
  'latency:300ms',
  'latency:100ms-800ms',
  'latency:p50=20ms,p99=900ms',
  'status:503',
  'hang',
  'hang-body',
  'reset',
  'reset-body',
  'malformed',
  'content-type:text/html',
  'huge:50MB',
];

/**
 * Reads one fault.
 *
 * @throws {FaultError} that says what is wrong and what would be right.
 *
 * @example
 * parseFault('status:503@30%').rate; // => 0.3
 */
export function parseFault(spec: string): Fault {
  const [, words = '', percent] = /^(.*?)(?:@(.*))?$/s.exec(spec) ?? [];
  const [mode = '', ...rest] = words.split(':');
  const argument = rest.length === 0 ? undefined : rest.join(':');
  if (!isMode(mode)) {
    throw new FaultError('unknown_mode', `unknown fault "${mode}"; use ${Object.keys(MODES).join(', ')}`);
  }
  return { spec, effect: MODES[mode](argument), rate: percent === undefined ? 1 : parseRate(percent) };
}

/**
 * Sorts faults by the service each is for; they are written `service=mode[:argument][@rate]`.
 *
 * @throws {FaultError} that says what is wrong and what would be right.
 */
export function parseAssignments(texts: readonly string[]): FaultSpecs {
  const specs: Record<string, string[]> = {};
  for (const text of texts) {
    const equals = text.indexOf('=');
    if (equals === -1) {
      throw new FaultError(
        'invalid_fault',
        `"${text}" names no service; write for example orders=status:503`,
      );
    }
    const service = parseService(text.slice(0, equals));
    specs[service] = [...(specs[service] ?? []), text.slice(equals + 1)];
  }
  return specs;
}

/**
 * Reads the name of a service.
 *
 * @throws {FaultError} that lists the services.
 */
export function parseService(word: string): ServiceName {
  if (isServiceName(word)) return word;
  throw new FaultError('unknown_service', `unknown service "${word}"; use ${SERVICE_NAMES.join(', ')}`);
}

function isMode(word: string): word is Mode {
  return Object.hasOwn(MODES, word);
}

function plain<M extends Mode>(mode: M, argument: string | undefined): { readonly mode: M } {
  if (argument === undefined) return { mode };
  throw new FaultError('invalid_argument', `${mode} takes no argument, got "${argument}"`);
}

function parseStatus(argument = ''): number {
  if (/^[45]\d\d$/.test(argument)) return Number(argument);
  throw new FaultError('invalid_argument', `status needs a number from 400 to 599, got "${argument}"`);
}

function parseMediaType(argument = 'text/html'): string {
  if (/^[\w.+-]+\/[\w.+-]+$/.test(argument)) return argument;
  throw new FaultError(
    'invalid_argument',
    `content-type needs a media type like text/html, got "${argument}"`,
  );
}

function parseRate(text: string): number {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  const rate = Number(percent) / 100;
  if (rate > 0 && rate <= 1) return rate;
  throw new FaultError('invalid_rate', `a rate is above 0% and at most 100%, got "${text}"`);
}
