/**
 * Keeping whole answers, and saying how long others may keep them. Compiled at boot: an endpoint whose answer
 * nobody may keep has none of this.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9111 RFC 9111}, HTTP caching
 * @module
 */
import { z } from 'zod';
import { beginFreshness, freshnessNoted, noteFreshness } from '../cache/answer-freshness.ts';
import { cacheKey, ownerOf, variantOf } from '../cache/cache-key.ts';
import { type CachePolicy, requireTags } from '../cache/cache-options.ts';
import { cacheStatus } from '../cache/cache-status.ts';
import type { Found, Made, Wanted } from '../cache/wanted.ts';
import type { RequestContext } from '../context/request-context.ts';
import type { KeptBody } from '../http/kept-body.ts';
import type { PlanCaching } from '../plan/cached-call.ts';
import { withoutCaller } from '../plan/caller-view.ts';
import type { PlanGraph } from '../plan/graph.ts';
import type { BaseScope } from '../plan/run.ts';
import type { ProblemCode } from '../problem/codes.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { asZod } from '../upstream/mask.ts';
import { operationId } from '../upstream/operation.ts';
import { checkAnswerCache } from './check-cache.ts';
import { endpointName } from './check-options.ts';
import type { Endpoint } from './endpoint.ts';
import { KeptBodies } from './kept-bodies.ts';
import type { Input } from './read-input.ts';
import type { WriteOutput } from './write-output.ts';

/** Comes to the value of the answer. */
export type Produce = (context: RequestContext, base: BaseScope) => Promise<unknown>;
/** Comes to the text of the answer, or to a body that is sent often. */
export type ProduceText = (context: RequestContext, base: BaseScope) => Promise<string | KeptBody>;

export interface AnswerCacheOptions {
  readonly produce: Produce;
  readonly write: WriteOutput;
  /** Writes the header that follows from the value, if there is one. */
  readonly setLink: ((headers: Record<string, string>, value: unknown) => void) | undefined;
  /** Whether the text has what only one caller can use, such as a sealed cursor: then values are kept. */
  readonly isWrittenForCaller: boolean;
}

/** What is kept of an answer. */
interface KeptAnswer {
  /** Its text, or its value when that is written for each caller. */
  readonly content: unknown;
  /** Names and codes of the parts it went without. */
  readonly degraded: readonly (readonly [string, ProblemCode])[];
}

const keyVersion = 1;
const reserveMs = 100;
const reserveShare = 0.1;

/** Whether the functions of the endpoint's plan must not be handed the caller, but ask for it. */
export function watchesCaller(endpoint: Endpoint, graph: PlanGraph | undefined): boolean {
  return endpoint.options.cache?.scope === 'public' || isShareable(endpoint, graph);
}

/**
 * Compiles how the text of an answer is found or made; nothing when it is always made and never kept.
 *
 * @throws {RangeError} for a `public` answer with parts that are not.
 */
export function compileAnswerCache(
  endpoint: Endpoint,
  graph: PlanGraph | undefined,
  options: AnswerCacheOptions & { readonly caching: PlanCaching },
): ProduceText | undefined {
  if (endpoint.options.cache !== undefined) return compileKept(endpoint, graph, options);
  if (options.isWrittenForCaller || !isShareable(endpoint, graph)) return undefined;
  return compileShareable(graph, options);
}

/** Whether every part of the answer is the same for everybody, unless its functions look at the caller. */
function isShareable({ method, options }: Endpoint, graph: PlanGraph | undefined): boolean {
  const calls = callsOf(graph);
  const isOpen = method === 'GET' && options.access.kind === 'anyone' && (options.status ?? 200) === 200;
  return isOpen && calls.length > 0 && calls.every(({ cache }) => cache?.scope === 'public');
}

/** The header goes the way of those that services set: it is kept with the answer. */
function withLink({ produce, setLink }: AnswerCacheOptions): Produce {
  if (setLink === undefined) return produce;
  return async function produceWithLink(context, base) {
    const value = await produce(context, base);
    const headers: Record<string, string> = {};
    setLink(headers, value);
    for (const [name, text] of Object.entries(headers)) context.answerHeaders.set(name, text);
    return value;
  };
}

/** Makes the text and notes how long its parts stay fresh. */
function compileShareable(graph: PlanGraph | undefined, options: AnswerCacheOptions): ProduceText {
  const produce = withLink(options);
  const { write } = options;
  const vary = [...new Set(callsOf(graph).flatMap(({ cache }) => cache?.vary ?? []))].sort().join(', ');
  return async function makeShareable(context, base) {
    beginFreshness(context);
    const watched = {
      input: base.input,
      get principal(): unknown {
        noteFreshness(context, undefined); // from here on it is an answer for one caller
        return base.principal;
      },
    };
    const text = write(await produce(context, watched), context, base.input as Input);
    if (vary !== '') context.answerHeaders.set('vary', vary);
    return text;
  };
}

function compileKept(
  endpoint: Endpoint,
  graph: PlanGraph | undefined,
  options: AnswerCacheOptions & { readonly caching: PlanCaching },
): ProduceText {
  const { caching, write, isWrittenForCaller } = options;
  const { cache } = caching;
  const part = endpointName(endpoint);
  const { access, deadlineMs } = endpoint.options;
  const policy = checkAnswerCache(part, endpoint);
  cache.requireKeepable(part, policy);
  checkParts(policy, graph, caching);
  const fixed = cacheKey(['answer', keyVersion, caching.bff, part, shapeOf(endpoint)]);
  const mayBeShared = policy.scope === 'public' && access.kind === 'anyone' && !isWrittenForCaller;
  const vary = policy.vary.join(', ');
  const graceMs = Math.min(reserveMs, deadlineMs * reserveShare);

  const wantedOf = (context: RequestContext, base: BaseScope, key: string): Wanted => {
    const { params, query } = base.input as {
      params: Record<string, unknown>;
      query: Record<string, unknown>;
    };
    const tags = typeof policy.tags === 'function' ? policy.tags({ params, query }) : policy.tags;
    if (typeof policy.tags === 'function') requireTags(`${part}: cache`, tags);
    const budgetMs = context.deadline.remainingMs();
    const make: Wanted['make'] = (own) =>
      within(own, budgetMs, (timed) => makeKept(timed, base, policy, options, part));
    const timeoutMs = Number.POSITIVE_INFINITY;
    return { key, scope: policy.scope, policy, part, tags, rank: 0, timeoutMs, graceMs, make };
  };
  const keyOf = (context: RequestContext, base: BaseScope): string | undefined => {
    const { params, query } = base.input as Input;
    try {
      return cacheKey([
        fixed,
        params,
        query,
        variantOf(context, policy.vary),
        ownerOf(context, policy.scope),
      ]);
    } catch {
      return undefined;
    }
  };
  const bodies = new KeptBodies(cache);
  return async function findAnswer(context, base) {
    const startMs = context.clock.monotonicMs() - context.startedMs;
    const key = keyOf(context, base);
    const found = await (key === undefined
      ? cache.unkeyed(context, wantedOf(context, base, fixed))
      : cache.find(context, wantedOf(context, base, key)));
    context.lookups.push({ outcome: found.outcome, startMs });
    const answer = found.value as KeptAnswer;
    const { content, degraded } = answer;
    for (const [name, text] of found.headers) context.answerHeaders.set(name, text);
    for (const [name, code] of degraded) context.degraded.set(name, new GatewayError(code));
    if (found.outcome === 'hit' || found.outcome === 'stale') {
      context.answerHeaders.set('age', String(Math.floor(found.ageMs / 1_000)));
    }
    context.answerHeaders.set('cache-status', cacheStatus(caching.bff, found));
    if (vary !== '') context.answerHeaders.set('vary', vary);
    if (mayBeShared) {
      beginFreshness(context);
      noteFreshness(context, found.freshForMs);
    }
    if (isWrittenForCaller) return write(content, context, base.input as Input);
    const text = content as string;
    return key !== undefined && isSentAgain(found) ? bodies.of(key, answer, text) : text;
  };
}

/** Whether others got, or will get, the same; an answer that is sent once costs what it costs without a cache. */
function isSentAgain({ outcome, freshForMs = 0 }: Found): boolean {
  return outcome === 'hit' || outcome === 'stale' || (outcome === 'collapsed' && freshForMs > 0);
}

async function makeKept(
  own: RequestContext,
  base: BaseScope,
  policy: CachePolicy,
  options: AnswerCacheOptions,
  part: string,
): Promise<Made> {
  const { write, isWrittenForCaller } = options;
  const produce = withLink(options);
  beginFreshness(own);
  const { input } = base;
  const seen =
    policy.scope === 'public' ? Object.assign(Object.create(withoutCaller(part)), { input }) : base;
  const value = await produce(own, seen as BaseScope);
  const content = isWrittenForCaller ? value : write(value, own, input as Input);
  const degraded = [...own.degraded].map(([name, { code }]) => [name, code] as const);
  const isWhole = degraded.length === 0;
  const freshMs = isWhole ? Math.min(policy.ttlMs, freshnessNoted(own) ?? policy.ttlMs) : 0;
  const kept: KeptAnswer = { content, degraded };
  return {
    value: kept,
    headers: [...own.answerHeaders],
    terms: {
      isStorable: true,
      freshMs,
      swrMs: isWhole ? policy.swrMs : 0,
      staleIfErrorMs: isWhole ? policy.staleIfErrorMs : 0,
      etag: undefined,
      lastModified: undefined,
    },
  };
}

/** Gives the making of an answer the time its first caller has, so that what is optional can be left out. */
async function within<T>(
  own: RequestContext,
  budgetMs: number,
  make: (context: RequestContext) => Promise<T>,
): Promise<T> {
  const { clock, cancellation } = own;
  const endMs = clock.monotonicMs() + budgetMs;
  const stop = clock.after(budgetMs, () => cancellation.cancel(new GatewayError('deadline-exceeded')));
  const remainingMs = (): number => Math.max(0, endMs - clock.monotonicMs());
  try {
    return await make({ ...own, deadline: { budgetMs, remainingMs, dispose() {} } });
  } finally {
    stop();
  }
}

function checkParts({ scope, vary }: CachePolicy, graph: PlanGraph | undefined, caching: PlanCaching): void {
  for (const { operation, cache } of callsOf(graph)) {
    const id = operationId(operation);
    const unnamed = operation.forwardRequestHeaders.find((header) => !vary.includes(header));
    if (unnamed !== undefined) {
      throw new RangeError(`cache: ${id} forwards '${unnamed}'; name it in vary, or do not forward it`);
    }
    if (scope === 'principal') continue;
    if (cache?.scope === 'principal') {
      throw new RangeError(`cache: the answer is public, and ${id} is cached per principal`);
    }
    const identity = caching.identityNeedingCaller(operation);
    if (identity !== undefined) {
      throw new RangeError(
        `cache: a public answer cannot have ${id}, whose identity '${identity}' needs a caller`,
      );
    }
  }
}

function callsOf(graph: PlanGraph | undefined) {
  return graph?.nodes.flatMap(({ spec }) => (spec.kind === 'derive' ? [] : [spec])) ?? [];
}

/** Another version of the BFF may answer in another form. */
function shapeOf({ response }: Endpoint): unknown {
  try {
    return z.toJSONSchema(asZod(response), { unrepresentable: 'any', io: 'output' });
  } catch {
    return null;
  }
}
