/**
 * Transforms of a route: what is changed on the way to the service and on the way back, declared, checked
 * and compiled at boot. What is not declared costs nothing.
 *
 * @module
 */
import { requireKnown } from '../context/options.ts';
import { type BodyRules, compileBody, type TransformBody } from './body.ts';
import { compileHeaders, type HeaderRules, type TransformHeaders } from './headers.ts';
import { compileQueryRules, type QueryRules, type TransformQuery } from './query.ts';

export interface Transforms {
  readonly request?: {
    readonly headers?: HeaderRules;
    readonly query?: QueryRules;
    /** Of a JSON body; one that is none is then refused with 415. */
    readonly body?: BodyRules;
  };
  readonly answer?: {
    readonly headers?: HeaderRules;
    /** Of a JSON answer; it is then collected and no longer streamed. */
    readonly body?: BodyRules;
  };
}

/** The steps there are; the others are absent. */
export interface CompiledTransforms {
  readonly requestHeaders: TransformHeaders | undefined;
  readonly query: TransformQuery | undefined;
  readonly requestBody: TransformBody | undefined;
  readonly answerHeaders: TransformHeaders | undefined;
  readonly answerBody: TransformBody | undefined;
}

/** The headers that a route passes, which its transforms may touch. */
export interface PassedHeaders {
  readonly request: readonly string[];
  readonly answer: readonly string[];
  /** Those among them that decide how a body is read. */
  readonly fixed: readonly string[];
}

/** @throws {RangeError} naming the rule. */
export function compileTransforms(transforms: Transforms, passed: PassedHeaders): CompiledTransforms {
  const { request = {}, answer = {} } = transforms;
  requireKnown('transform', transforms, ['request', 'answer']);
  requireKnown('transform.request', request, ['headers', 'query', 'body']);
  requireKnown('transform.answer', answer, ['headers', 'body']);
  const { fixed } = passed;
  const headers = (direction: 'request' | 'answer', rules: HeaderRules): TransformHeaders =>
    compileHeaders(rules, {
      where: `transform.${direction}.headers`,
      direction,
      passed: passed[direction],
      fixed,
    });
  return {
    requestHeaders: request.headers && headers('request', request.headers),
    query: request.query && compileQueryRules('transform.request.query', request.query),
    requestBody: request.body && compileBody('transform.request.body', request.body),
    answerHeaders: answer.headers && headers('answer', answer.headers),
    answerBody: answer.body && compileBody('transform.answer.body', answer.body),
  };
}
