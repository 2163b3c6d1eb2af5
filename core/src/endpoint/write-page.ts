/**
 * The answer of an endpoint that shows a page: the same plan, limits and degradation as any other, and a
 * document instead of JSON. What goes wrong is a page too, where the endpoint has one for it.
 *
 * @module
 */
import type { Answer } from '../http/answer.ts';
import { problemAnswer } from '../http/answer.ts';
import type { ProblemCode } from '../problem/codes.ts';
import type { GatewayError } from '../problem/gateway-error.ts';
import { documentOf, type Page, type PageOptions, pagePolicy } from '../ssr/page.ts';
import { linkValues, usablePreloads } from '../ssr/preload.ts';
import type { Endpoint } from './endpoint.ts';
import { earlyLinks, setLinks } from './hints.ts';

/** What a page may say of a failure. */
export interface PageFailure {
  readonly status: number;
  readonly code: ProblemCode;
  readonly requestId: string;
}

export interface RenderOptions extends PageOptions {
  /** The page for a request that failed; it goes out with the status of the failure. Default problem details. */
  readonly failed?: (failure: PageFailure) => Page;
}

/** Makes an answer of a page; `headers` are those of any good answer. */
export type WritePage = (page: Page, headers: Record<string, string>) => Answer;

/** Compiles the writer of an endpoint's pages. @param origin The own origin, for addresses that others read. */
export function compileWritePage(
  { options }: Pick<Endpoint, 'options'>,
  { origins = [], policy = pagePolicy(origins) }: RenderOptions,
  origin: string | undefined,
): WritePage {
  const early = earlyLinks(options.earlyHints);
  const own = { origins, ...(origin === undefined ? {} : { origin }) };
  return function writePage(page, headers) {
    headers['content-type'] = 'text/html; charset=utf-8';
    headers['content-security-policy'] = policy;
    setLinks(headers, [...early, ...linkValues(usablePreloads(page.preload ?? [], origins))]);
    return { status: page.status ?? 200, headers, body: documentOf(page, own) };
  };
}

/** A failed request as an answer. */
export type AnswerFailure = (
  error: GatewayError,
  requestId: string,
  headers: Record<string, string>,
) => Answer;

/** Compiles the answer for failed requests: problem details, or the endpoint's own page. `docs` explains codes. */
export function compileAnswerFailure(
  endpoint: Endpoint,
  origin: string | undefined,
  docs?: string,
): AnswerFailure {
  const { behaviour } = endpoint;
  const page = behaviour.kind === 'plan' ? behaviour.page : undefined;
  const describe: AnswerFailure =
    docs === undefined
      ? problemAnswer
      : (error, requestId, headers) => problemAnswer(error, requestId, headers, docs);
  if (page?.failed === undefined) return describe;
  const { failed } = page;
  const writePage = compileWritePage(endpoint, page, origin);
  return function answerFailure(error, requestId, headers) {
    const problem = describe(error, requestId, headers);
    try {
      const shown = failed({ status: error.status, code: error.code, requestId });
      return writePage({ ...shown, status: error.status }, problem.headers);
    } catch {
      return describe(error, requestId, headers);
    }
  };
}
