/**
 * The responses of an endpoint: its answer, and every problem it can have, with the headers of each.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9457 RFC 9457}, problem details
 * @module
 */
import { STATUS_CODES } from 'node:http';
import type { EndpointExample } from '../api-info.ts';
import type { Declared, DeclaredEndpoint } from '../declared.ts';
import { type ProblemCode, problemCodes } from '../problem/codes.ts';
import type { Content, OpenApiResponse } from './document.ts';
import { headersOf } from './headers.ts';
import { problemsOf } from './problems.ts';
import type { Schemas } from './schemas.ts';

export interface ResponseParts {
  readonly identity: Declared['identity'];
  /** Of every answer. */
  readonly alwaysHeaders: readonly string[];
  readonly limitHeaders: readonly string[];
  /** What every endpoint may refuse because of its version. */
  readonly versionProblems: readonly ProblemCode[];
  readonly schemas: Pick<Schemas, 'of'>;
  /** By endpoint. */
  readonly examples: Readonly<Record<string, EndpointExample>>;
}

/** Describes every response of an endpoint, the good one first. */
export function responsesOf(
  declared: DeclaredEndpoint,
  parts: ResponseParts,
): Record<string, OpenApiResponse> {
  const { alwaysHeaders, limitHeaders } = parts;
  const isKeyed = declared.endpoint.options.idempotency !== undefined;
  const problems = [...problemsOf(declared, parts)].map(([status, codes]) => {
    const headers = [
      ...alwaysHeaders,
      ...ofProblem(status, codes),
      ...(isLimited(status) ? limitHeaders : []),
      ...(isKeyed && codes.some((code) => decided.includes(code)) ? ['Idempotency-Replayed'] : []),
    ];
    return [status, problem(codes, headers)] as const;
  });
  return {
    ...goodResponses(declared, parts),
    ...Object.fromEntries(problems),
    default: {
      description: 'Any other problem: what is refused before an endpoint is found, or thrown by this one.',
      headers: headersOf(alwaysHeaders),
      content: problemContent([]),
    },
  };
}

function problemContent(codes: readonly ProblemCode[]): Content {
  const examples = codes.map((code) => [code, { $ref: `#/components/examples/${code}` }] as const);
  return {
    'application/problem+json': {
      schema: { $ref: '#/components/schemas/Problem' },
      ...(codes.length === 0 ? {} : { examples: Object.fromEntries(examples) }),
    },
  };
}

function goodResponses(
  { endpoint: { method, path, options, response, behaviour }, plan }: DeclaredEndpoint,
  { alwaysHeaders, limitHeaders, schemas, examples }: ResponseParts,
): Record<string, OpenApiResponse> {
  const always = [...alwaysHeaders, ...limitHeaders];
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
  const answer = examples[`${method} ${path}`]?.answer;
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
      'application/json': {
        schema: schemas.of(response, 'output'),
        ...(answer === undefined ? {} : { example: answer }),
      },
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
    content: problemContent(codes),
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
