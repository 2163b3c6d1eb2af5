/**
 * The responses of an endpoint: its answer, and every problem it can have, with the headers of each.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9457 RFC 9457}, problem details
 * @module
 */
import { STATUS_CODES } from 'node:http';
import type { Declared, DeclaredEndpoint } from '../declared.ts';
import { type ProblemCode, problemCodes } from '../problem/codes.ts';
import type { Header, JsonSchema, OpenApiResponse } from './document.ts';
import { problemsOf } from './problems.ts';
import type { Schemas } from './schemas.ts';

/** The document every problem has as its body. */
export const problemSchema: JsonSchema = {
  type: 'object',
  description: 'What went wrong (RFC 9457). Match on `code`; codes are added, never renamed.',
  properties: {
    type: {
      type: 'string',
      format: 'uri',
      description: '`urn:bffkit:problem:` and the code; for a used up limit the registered `quota-exceeded`.',
    },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string' },
    detail: { type: 'string' },
    requestId: { type: 'string', description: 'For whoever looks into it.' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          pointer: { type: 'string', format: 'json-pointer', description: 'Into params, query and body.' },
          detail: { type: 'string' },
        },
        required: ['pointer', 'detail'],
      },
    },
    'violated-policies': {
      type: 'array',
      items: { type: 'string' },
      description: 'The limits that are used up, by name.',
    },
  },
  required: ['type', 'title', 'status', 'code', 'requestId'],
};

const text: JsonSchema = { type: 'string' };
const count: JsonSchema = { type: 'integer', minimum: 0 };

/** Every header a response may have, by the name it has on the wire. */
const knownHeaders: Readonly<Record<string, Header>> = {
  Age: { description: 'Seconds since a kept answer was made; absent on a new one.', schema: count },
  'Bff-Degraded': { description: 'The optional parts that are missing or stand in.', schema: text },
  'Cache-Control': { description: 'Who may keep the answer, and for how long.', schema: text },
  'Cache-Status': {
    description: 'Whether the answer was kept, and how long it stays fresh (RFC 9211).',
    schema: text,
  },
  ETag: { description: 'Names this answer; send it back in `If-None-Match`.', schema: text },
  'Idempotency-Replayed': {
    description: '`true` on the kept answer to an earlier request with the same key.',
    schema: { type: 'string', const: 'true' },
  },
  'Proxy-Status': { description: 'Which part failed, and how (RFC 9209).', schema: text },
  RateLimit: { description: 'What is left of each limit (IETF draft).', schema: text },
  'RateLimit-Policy': { description: 'The limits (IETF draft).', schema: text },
  'Retry-After': {
    description: 'Seconds to wait before trying again.',
    schema: { type: 'integer', minimum: 1 },
  },
  'WWW-Authenticate': { description: 'Which credentials are taken here.', schema: text },
  'X-RateLimit-Limit': { description: 'Requests the tightest limit allows.', schema: count },
  'X-RateLimit-Remaining': { description: 'What is left of it.', schema: count },
  'X-RateLimit-Reset': { description: 'Epoch second at which all of it is back.', schema: count },
  'X-Request-Id': { description: 'Names this request in the logs.', schema: text },
};

/** The headers of limited answers, in the dialect of the BFF. */
export function limitHeaderNames({
  limits,
  plans = {},
  rateLimitHeaders = 'both',
}: Declared['limits']): string[] {
  const all = [...Object.values(plans), limits ?? []].flat();
  const isCounted = limits === undefined || all.some(({ kind }) => kind !== 'concurrency');
  if (!isCounted || rateLimitHeaders === 'none') return [];
  return [
    ...(rateLimitHeaders === 'draft'
      ? []
      : ['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset']),
    ...(rateLimitHeaders === 'legacy' ? [] : ['RateLimit-Policy', 'RateLimit']),
  ];
}

export interface ResponseParts {
  readonly identity: Declared['identity'];
  readonly limitHeaders: readonly string[];
  readonly schemas: Pick<Schemas, 'of'>;
}

/** Describes every response of an endpoint, the good one first. */
export function responsesOf(
  declared: DeclaredEndpoint,
  { identity, limitHeaders, schemas }: ResponseParts,
): Record<string, OpenApiResponse> {
  const isKeyed = declared.endpoint.options.idempotency !== undefined;
  const problems = [...problemsOf(declared, identity)].map(([status, codes]) => {
    const headers = [
      'X-Request-Id',
      ...ofProblem(status, codes),
      ...(isLimited(status) ? limitHeaders : []),
      ...(isKeyed && codes.some((code) => decided.includes(code)) ? ['Idempotency-Replayed'] : []),
    ];
    return [status, problem(codes, headers)] as const;
  });
  return {
    ...goodResponses(declared, limitHeaders, schemas),
    ...Object.fromEntries(problems),
    default: {
      description: 'Any other problem: what is refused before an endpoint is found, or thrown by this one.',
      headers: headersOf(['X-Request-Id']),
      content: problemContent,
    },
  };
}

/** The headers that responses refer to, for `components`. */
export function headerComponents(responses: readonly OpenApiResponse[]): Record<string, Header> {
  const used = new Set(responses.flatMap(({ headers = {} }) => Object.keys(headers)));
  return Object.fromEntries([...used].sort().map((name) => [name, headerOf(name)]));
}

function headerOf(name: string): Header {
  return knownHeaders[name] ?? { description: 'As a service behind says it.', schema: text };
}

const problemContent = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };

function goodResponses(
  { endpoint: { method, options, response, behaviour }, plan }: DeclaredEndpoint,
  limitHeaders: readonly string[],
  schemas: Pick<Schemas, 'of'>,
): Record<string, OpenApiResponse> {
  const always = ['X-Request-Id', ...limitHeaders];
  if (behaviour.kind === 'stream') {
    const description = 'What the service behind answers.';
    const headers = headersOf(always);
    const content = { '*/*': {} };
    const said = { description, headers, content };
    return { '2XX': said, '3XX': { description, headers }, '4XX': said };
  }
  if (behaviour.kind === 'plain') {
    const description = 'What the endpoint writes itself: its status and media type are not declared.';
    const headers = headersOf(always);
    return { '2XX': { description, headers, content: { '*/*': {} } }, '3XX': { description, headers } };
  }
  const { status = 200 } = options;
  const specs = plan?.nodes.flatMap(({ spec }) => (spec.kind === 'derive' ? [] : [spec])) ?? [];
  // A required call with a kept answer to stand in is degraded too.
  const canDegrade = specs.some((spec) => !spec.required || (spec.cache?.staleIfErrorMs ?? 0) > 0);
  const forwarded = specs.flatMap(({ operation }) => operation.forwardResponseHeaders);
  const isConditional = method === 'GET' && status === 200;
  const ofCaches = [
    'Cache-Control',
    ...(isConditional ? ['ETag'] : []),
    ...(options.cache === undefined ? [] : ['Age', 'Cache-Status']),
  ];
  const headers = headersOf([
    ...always,
    ...ofCaches,
    ...(canDegrade ? ['Bff-Degraded', 'Proxy-Status'] : []),
    ...(options.idempotency === undefined ? [] : ['Idempotency-Replayed']),
    ...forwarded,
  ]);
  const good = {
    description: STATUS_CODES[status] ?? 'Done',
    headers,
    content: {
      'application/json': { schema: schemas.of(response, 'output') },
      ...(options.progressive === true ? { 'application/x-ndjson': {} } : {}),
    },
  };
  if (!isConditional) return { [status]: good };
  const same = 'The answer is the one whose `ETag` came in `If-None-Match`.';
  return { [status]: good, 304: { description: same, headers } };
}

function problem(codes: readonly ProblemCode[], headers: readonly string[]): OpenApiResponse {
  const titles = codes.map((code) => `- \`${code}\`: ${problemCodes[code].title}`);
  return {
    description: titles.join('\n'),
    headers: headersOf(headers),
    content: problemContent,
    'x-codes': codes,
  };
}

function ofProblem(status: number, codes: readonly ProblemCode[]): string[] {
  return [
    ...(status === 429 || status === 503 || codes.includes('idempotency-in-progress') ? ['Retry-After'] : []),
    ...(status === 401 || codes.some((code) => challenging.includes(code)) ? ['WWW-Authenticate'] : []),
    ...(codes.some((code) => code.startsWith('upstream-')) ? ['Proxy-Status'] : []),
  ];
}

/** What a service decided is kept with the key of the request. */
const decided: readonly ProblemCode[] = ['not-found', 'conflict', 'unprocessable'];

/** Beside every 401. */
const challenging: readonly ProblemCode[] = ['credential-in-url', 'insufficient-scope'];

/** Who is not known or may not call costs no limit. */
function isLimited(status: number): boolean {
  return status !== 401 && status !== 403;
}

function headersOf(names: readonly string[]): NonNullable<OpenApiResponse['headers']> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
