/**
 * What an upstream's answer means: a value, or a failure with a code.
 *
 * @module
 */
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { compileDecode } from './decode.ts';
import type { OperationContract } from './operation.ts';
import { failureOf } from './status.ts';
import type { TransportAnswer } from './transport.ts';

/** Reads one answer. Throws a {@link GatewayError}. */
export type ReadAnswer = (context: RequestContext, answer: TransportAnswer) => unknown;

/** Compiles the reader of an operation: status, content type, forwarded headers, then the body. */
export function compileAnswer(contract: OperationContract): ReadAnswer {
  const decode = compileDecode(contract);
  const { passes, forwardResponseHeaders } = contract;
  return function readAnswer(context, answer) {
    if (answer.status < 200 || answer.status > 299) throw failureOf(answer, passes);
    if (contract.response !== undefined) requireJson(answer);
    const value = decode(answer.body);
    for (const name of forwardResponseHeaders) {
      const field = answer.header(name);
      if (field !== undefined) context.answerHeaders.set(name, field);
    }
    return value;
  };
}

function requireJson(answer: TransportAnswer): void {
  const type = answer.header('content-type') ?? 'none';
  if (/^application\/(?:[\w.+-]+\+)?json\b/i.test(type)) return;
  throw new GatewayError('upstream-bad-answer', {
    cause: new TypeError(`the answer's content type is ${type}`),
  });
}
