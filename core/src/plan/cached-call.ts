/**
 * A call whose answer may be kept: finds it in the cache, or makes it there once for everybody with the same
 * key. What the cache cannot give is the same failure as without it.
 *
 * @module
 */
import { z } from 'zod';
import { noteFreshness } from '../cache/answer-freshness.ts';
import type { Cache } from '../cache/cache.ts';
import { cacheKey, ownerOf, variantOf } from '../cache/cache-key.ts';
import { type CacheOptions, type CachePolicy, requireTags, resolveCache } from '../cache/cache-options.ts';
import { type AnswerHead, termsOf } from '../cache/directives.ts';
import { type Entry, validatorsOf } from '../cache/entry.ts';
import type { Found, Made, Wanted } from '../cache/wanted.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import type { Call, CallNode } from '../upstream/call.ts';
import { asZod, narrow } from '../upstream/mask.ts';
import { type OperationContract, operationId } from '../upstream/operation.ts';
import type { CallRequest } from '../upstream/request.ts';

/** What plans need to keep answers. */
export interface PlanCaching {
  readonly bff: string;
  readonly cache: Cache;
  /** The name of the identity that cannot call this service without a caller, if it has such a one. */
  identityNeedingCaller(contract: OperationContract): string | undefined;
}

/** Answers at once when the value is at hand. */
export type Ask = (context: RequestContext, request: CallRequest) => unknown;

/** One cached call, as its plan declares it. */
export interface CachedCall {
  readonly node: CallNode;
  readonly options: CacheOptions;
  readonly contract: OperationContract;
  readonly call: Call;
}

/** Changes with every change of how entries are made. */
const keyVersion = 1;

/**
 * Checks what a node says about keeping its answer.
 *
 * @throws {RangeError} when it is not a GET with an answer, or forwards headers that `vary` does not name.
 */
export function checkCallCache(
  place: string,
  contract: OperationContract,
  options: CacheOptions,
): CachePolicy {
  const policy = resolveCache(place, options);
  const { method, response, forwardRequestHeaders } = contract;
  if (method !== 'GET')
    throw new RangeError(`${place}: cache is for GET operations, this one is a ${method}`);
  if (response === undefined) throw new RangeError(`${place}: cache needs an operation with a response`);
  const unnamed = forwardRequestHeaders.find((header) => !policy.vary.includes(header));
  if (unnamed !== undefined) {
    throw new RangeError(
      `${place}: cache: the operation forwards '${unnamed}'; name it in vary, or do not forward it`,
    );
  }
  const unsent = policy.vary.find((header) => !forwardRequestHeaders.includes(header));
  if (unsent !== undefined) {
    throw new RangeError(`${place}: cache: vary names '${unsent}', which the operation does not forward`);
  }
  return policy;
}

/**
 * Compiles a cached call.
 *
 * @throws {RangeError} when a `public` answer would be asked for in the name of a caller.
 */
export function compileCachedCall(cached: CachedCall, caching: PlanCaching): Ask {
  const { node, contract, options } = cached;
  const { cache } = caching;
  const policy = checkCallCache(node.name, contract, options);
  cache.requireKeepable(`node '${node.name}'`, policy);
  const identity = policy.scope === 'public' ? caching.identityNeedingCaller(contract) : undefined;
  if (identity !== undefined) {
    throw new RangeError(
      `node '${node.name}': cache: a public answer of ${operationId(contract)} cannot be asked for with the identity '${identity}', which needs a caller`,
    );
  }
  const fixed = cacheKey([
    'call',
    keyVersion,
    caching.bff,
    operationId(contract),
    contract.isWhole ? ['whole', contract.mask] : contract.mask,
    shapeOf(contract),
  ]);
  const rank = node.worth === 'required' ? Number.POSITIVE_INFINITY : node.worth;
  const part = operationId(contract);
  const { vary, scope, tags } = policy;

  const wantedOf = (request: CallRequest, key: string): Wanted => ({
    key,
    scope,
    policy,
    part,
    rank,
    tags: typeof tags === 'function' ? tagsOf(node.name, tags(request)) : tags,
    timeoutMs: node.timeoutMs,
    make: (own, old) => makeAnswer(cached, policy, { own, old, request }),
  });
  const use = (context: RequestContext, found: Found, startMs: number): unknown => {
    const { value, headers, failure, freshForMs, outcome } = found;
    context.lookups.push({ node: node.name, outcome, startMs });
    for (const [name, text] of headers) context.answerHeaders.set(name, text);
    if (failure !== undefined) context.degraded.set(node.name, failure);
    noteFreshness(context, freshForMs);
    return value;
  };
  const find = (context: RequestContext, request: CallRequest): Found | Promise<Found> => {
    const { params, query } = request;
    let key: string;
    try {
      key = cacheKey([fixed, params, query, variantOf(context, vary), ownerOf(context, scope)]);
    } catch {
      return cache.unkeyed(context, wantedOf(request, fixed));
    }
    return cache.find(context, wantedOf(request, key));
  };
  return function askCache(context, request) {
    const startMs = context.clock.monotonicMs() - context.startedMs;
    const found = find(context, request);
    if (!(found instanceof Promise)) return use(context, found, startMs);
    return found.then(
      (late) => use(context, late, startMs),
      (thrown: unknown) => {
        throw named(GatewayError.from(thrown), node.name, context.cancellation.reason);
      },
    );
  };
}

async function makeAnswer(
  { node, call }: CachedCall,
  policy: CachePolicy,
  { own, old, request }: { own: RequestContext; old: Entry | undefined; request: CallRequest },
): Promise<Made> {
  const headers = validatorsOf(old);
  let head: AnswerHead | undefined;
  const value = await call(
    own,
    {
      name: node.name,
      timeoutMs: Number.POSITIVE_INFINITY, // that of the node is for its own caller, not for all who wait
      worth: node.worth,
      revalidation: {
        headers,
        unchanged: old === undefined || Object.keys(headers).length === 0 ? undefined : { value: old.value },
        heard: (answer) => {
          head = answer;
        },
      },
    },
    request,
  );
  if (head === undefined) return { value, headers: [...own.answerHeaders], terms: undefined };
  const terms = termsOf(policy, head);
  if (head.status !== 304 || old === undefined) return { value, headers: [...own.answerHeaders], terms };
  const { etag = old.terms.etag, lastModified = old.terms.lastModified } = terms;
  return { value, headers: old.headers, terms: { ...terms, etag, lastModified }, isUnchanged: true };
}

/** Another version of the BFF may read other fields under the same names: they must not share answers. */
function shapeOf({ response, mask }: OperationContract): unknown {
  if (response === undefined) return null;
  try {
    return z.toJSONSchema(asZod(narrow(response, mask)), { unrepresentable: 'any', io: 'output' });
  } catch {
    return null;
  }
}

function tagsOf(name: string, tags: readonly string[]): readonly string[] {
  requireTags(`node '${name}': cache`, tags);
  return tags;
}

/** A shared failure names the node of whoever began the call; each who waited says its own. */
function named(error: GatewayError, node: string, cancelled: GatewayError | undefined): GatewayError {
  if (error === cancelled || error.status < 502 || error.options.node === node) return error;
  return new GatewayError(error.code, { ...error.options, node });
}
