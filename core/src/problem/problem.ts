/**
 * Problem details: how a `GatewayError` looks on the wire. Only what is listed here leaves; causes,
 * stacks and upstream bodies do not.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9457 RFC 9457}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9209 RFC 9209}, `Proxy-Status`
 * @see {@link https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ IETF draft}, `quota-exceeded`
 * @module
 */
import { type ProblemCode, problemCodes } from './codes.ts';
import type { GatewayError, InputIssue } from './gateway-error.ts';

/** The JSON body of every answer that is an error. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail?: string;
  readonly requestId: string;
  readonly errors?: readonly InputIssue[];
  readonly 'violated-policies'?: readonly string[];
  /** What would have been accepted. */
  readonly supported?: readonly string[];
  /** The page that explains it. */
  readonly docs?: string;
}

const quotaExceeded = 'https://iana.org/assignments/http-problem-types#quota-exceeded';

/**
 * Describes `error` for the client. `type` is a URN made of the code, or the registered one of a used up limit.
 *
 * @param page What explains every code, under the code as fragment; for those that name no page of their own.
 */
export function problemDocument(error: GatewayError, requestId: string, page?: string): ProblemDocument {
  const { status, title } = problemCodes[error.code];
  const { detail, issues, violatedPolicies, supported } = error.options;
  const { docs = page === undefined ? undefined : `${page}#${error.code}` } = error.options;
  return {
    type: violatedPolicies === undefined ? `urn:bffkit:problem:${error.code}` : quotaExceeded,
    title,
    status,
    code: error.code,
    ...(detail === undefined ? {} : { detail }),
    requestId,
    ...(issues === undefined ? {} : { errors: issues }),
    ...(violatedPolicies === undefined ? {} : { 'violated-policies': violatedPolicies }),
    ...(supported === undefined ? {} : { supported }),
    ...(docs === undefined ? {} : { docs }),
  };
}

/** The headers of a problem answer: always `no-store`; `Retry-After` and `Proxy-Status` where they apply. */
export function problemHeaders(error: GatewayError): Record<string, string> {
  const { retryAfterMs, node, headers } = error.options;
  return {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    ...(retryAfterMs === undefined
      ? {}
      : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) }),
    ...(node === undefined ? {} : { 'proxy-status': proxyStatus(node, error.code) }),
    ...headers,
  };
}

/** One member of a `Proxy-Status` field: which node failed, and the registered error type where one fits. */
export function proxyStatus(node: string, code: ProblemCode): string {
  const type = proxyErrorTypes[code];
  return type === undefined ? node : `${node}; error=${type}`;
}

/** Error types registered by RFC 9209, section 2.3. A 5xx and a refusal of the service have none. */
const proxyErrorTypes: Partial<Record<ProblemCode, string>> = {
  'upstream-timeout': 'http_response_timeout',
  'deadline-exceeded': 'http_response_timeout',
  'upstream-unreachable': 'destination_unavailable',
  'circuit-open': 'destination_unavailable',
  'upstream-busy': 'connection_limit_reached',
  'upstream-bad-answer': 'http_protocol_error',
  'upstream-broken-answer': 'http_response_incomplete',
};
