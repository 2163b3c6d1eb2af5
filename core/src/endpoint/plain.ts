/**
 * Plain answers: pages, redirects and forms, written by the endpoint itself, with the defaults that
 * keep them out of caches.
 *
 * @module
 */
import type { RequestContext } from '../context/request-context.ts';
import type { Answer } from '../http/answer.ts';
import type { BaseScope } from '../plan/run.ts';
import type { Behaviour } from './endpoint.ts';

type WriteAnswer = (
  context: RequestContext,
  base: BaseScope,
  headers: Record<string, string>,
) => Promise<Answer>;

/** Compiles a plain endpoint's answer; `headers` are those known before it, such as the limit's. */
export function compilePlain({ answer }: Extract<Behaviour, { kind: 'plain' }>): WriteAnswer {
  return async function writePlain(context, base, headers) {
    const plain = await context.cancellation.race(Promise.resolve(answer({ ...base, context })));
    return {
      status: plain.status,
      headers: {
        ...headers,
        'content-type': 'text/plain; charset=utf-8',
        'cache-control': 'private, no-store',
        ...plain.headers,
      },
      body: plain.body ?? '',
    };
  };
}
