/**
 * From the request's text to checked input. Parameters and query are decoded once and strictly; what
 * was not declared is refused, with a JSON pointer to each fault.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6901 RFC 6901}, JSON pointers
 * @module
 */
import { z } from 'zod';
import type { $ZodIssue, $ZodObject, $ZodType } from 'zod/v4/core';
import { clone } from 'zod/v4/core';
import type { RequestContext } from '../context/request-context.ts';
import { defaultMaxBodyBytes, readJsonBody } from '../ingress/body.ts';
import { GatewayError, type InputIssue } from '../problem/gateway-error.ts';
import { asZod } from '../upstream/mask.ts';
import { paramNames } from '../upstream/path.ts';
import { type Cursors, compileOpenCursor } from './cursor.ts';
import type { Endpoint } from './endpoint.ts';
import { compileFields, type SelectFields } from './fields.ts';
import { queryOf } from './query.ts';

/** Values that cannot be one segment of a path: they climb, or hold control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const notASegment = /^\.{0,2}$|[\u0000-\u001f\u007f]/;
const maxParamLength = 256;

/** What a plan sees as `input`. */
export interface Input {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  /** The body before its schema, where an `Idempotency-Key` stands for what was sent. */
  readonly sent?: unknown;
  /** What `?fields=` keeps of the answer; for the writer of the answer, plans do not look at it. */
  readonly select?: SelectFields | undefined;
}

/** Reads and checks the input of one request. `params` are the raw segments of the router. */
export type ReadInput = (
  context: RequestContext,
  params: Readonly<Record<string, string>>,
) => Promise<Input> | Input;

/** An older version of an endpoint: how it was, and what takes its query and its body to the newest form. */
export interface OlderInput {
  readonly endpoint: Pick<Endpoint, 'options' | 'response'>;
  readonly up: {
    readonly query: ((value: unknown) => unknown) | undefined;
    readonly body: ((value: unknown) => unknown) | undefined;
  };
}

/** What a parameter of a path accepts when its endpoint does not say. */
export const plainParam = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, - or _');

/**
 * Compiles the reader of an endpoint's input. The function throws {@link GatewayError} with status 4xx.
 *
 * @param older Reads requests of this version instead.
 */
export function compileReadInput(endpoint: Endpoint, cursors: Cursors, older?: OlderInput): ReadInput {
  const { options, path } = endpoint;
  const names = paramNames(path);
  const readParams = compile(
    'params',
    options.params ?? z.object(Object.fromEntries(names.map((name) => [name, plainParam]))),
  );
  const { kind } = endpoint.behaviour;
  const isUnread = kind === 'stream' || (kind === 'plain' && options.query === undefined);
  const querySchema = refuseUnknown(options.query ?? z.object({}));
  const olderQuery = refuseUnknown(older?.endpoint.options.query ?? z.object({}));
  const readQuery = isUnread
    ? () => ({})
    : fromOlder('query', olderQuery, older?.up.query, compile('query', querySchema));
  const maxBodyBytes = options.maxBodyBytes ?? defaultMaxBodyBytes;
  const openCursor = compileOpenCursor(endpoint, cursors);
  const fieldsOf =
    options.fields === true ? compileFields((older?.endpoint ?? endpoint).response) : undefined;
  const head = (context: RequestContext, raw: Readonly<Record<string, string>>): Omit<Input, 'body'> => {
    const { target } = context.inbound;
    requireDecodable(target);
    requireSegments(raw);
    const params = names.length === 0 ? raw : readParams(raw);
    const query = queryOf(target);
    openCursor?.(query, context, params);
    if (fieldsOf === undefined) return { params, query: readQuery(query) };
    const { fields, ...others } = query;
    const select = fields === undefined ? undefined : fieldsOf(fields);
    return { params, query: readQuery(others), select };
  };
  if (options.body === undefined) return (context, params) => ({ ...head(context, params), body: undefined });

  const olderBody = older?.endpoint.options.body ?? options.body;
  const readBody = fromOlder('body', olderBody, older?.up.body, compile('body', options.body));
  const keepsSent = options.idempotency !== undefined;
  return async function readInputWithBody(context, params) {
    const parts = head(context, params);
    const count = (bytes: number): void => {
      context.bytesIn += bytes;
    };
    const reading = context.cancellation.race(readJsonBody(context.inbound, maxBodyBytes, count));
    const body = await reading.catch(blameSender);
    const input = { ...parts, body: readBody(body) };
    return keepsSent ? { ...input, sent: body } : input;
  };
}

/** When the deadline passes while the client is still sending, nothing behind the gateway was slow. */
export function blameSender(thrown: unknown): never {
  if (!(thrown instanceof GatewayError) || thrown.code !== 'deadline-exceeded') throw thrown;
  throw new GatewayError('request-timeout', {
    detail: 'The body of the request did not arrive in time.',
    headers: { connection: 'close' },
    cause: thrown,
  });
}

/** Routers and query parsers leave `%zz` as it is; a target that means nothing is refused instead. */
function requireDecodable(target: string): void {
  if (!target.includes('%')) return;
  try {
    decodeURIComponent(target);
  } catch (cause) {
    throw new GatewayError('bad-request-target', { cause });
  }
}

function requireSegments(params: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(params)) {
    if (value.length <= maxParamLength && !notASegment.test(value)) continue;
    const issue = { pointer: pointer(['params', name]), detail: 'cannot be part of a path' };
    throw new GatewayError('validation-failed', { issues: [issue] });
  }
}

/** Refuses by the schema of the version that the client knows; what it takes, the newest takes after `up`. */
function fromOlder(
  part: 'query' | 'body',
  schema: $ZodType,
  up: ((value: unknown) => unknown) | undefined,
  read: (value: unknown) => unknown,
): (value: unknown) => unknown {
  if (up === undefined) return read;
  const check = compile(part, schema);
  return function readOlder(value) {
    check(value);
    try {
      return read(up(value));
    } catch (cause) {
      throw new GatewayError('internal', { cause });
    }
  };
}

function refuseUnknown(schema: $ZodObject): $ZodType {
  return clone(schema, { ...schema._zod.def, catchall: z.never() });
}

function compile(part: keyof Input, schema: $ZodType): (value: unknown) => unknown {
  const compiled = z.compile(asZod(schema));
  return function check(value: unknown): unknown {
    const parsed = compiled.safeParse(value);
    if (parsed.success) return parsed.data;
    throw new GatewayError('validation-failed', {
      issues: parsed.error.issues.flatMap((issue) => issuesOf(part, issue)),
    });
  };
}

function issuesOf(part: keyof Input, issue: $ZodIssue): InputIssue[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ pointer: pointer([part, ...path, key]), detail: 'unknown' }));
  }
  return [{ pointer: pointer([part, ...path]), detail: issue.message }];
}

function pointer(path: readonly string[]): string {
  return path.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
