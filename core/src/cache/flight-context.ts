/**
 * The context in which a kept answer is made: nobody's request. It outlives the caller it began with, has no
 * deadline of a caller, and shows of the caller only what is part of the key. For a `public` answer that is
 * nothing: whatever an identity towards a service reads here, it finds nobody.
 *
 * @module
 */
import type { Cancellation } from '../context/cancellation.ts';
import { maxDeadlineMs } from '../context/deadline.ts';
import type { Inbound } from '../context/inbound.ts';
import { Notes } from '../context/notes.ts';
import type { RequestContext } from '../context/request-context.ts';
import type { CachePolicy } from './cache-options.ts';

/** Opens the context of one flight, begun by `leader`. Field by field: a new field of a request must be judged here. */
export function flightContext(
  leader: RequestContext,
  { scope, vary }: Pick<CachePolicy, 'scope' | 'vary'>,
  { key, cancellation }: { readonly key: string; readonly cancellation: Cancellation },
): RequestContext {
  const isPublic = scope === 'public';
  const address = isPublic ? 'unknown' : leader.clientAddress();
  return {
    requestId: leader.requestId,
    traceId: leader.traceId,
    trace: leader.trace,
    clock: leader.clock,
    ids: leader.ids,
    events: leader.events,
    inbound: narrowed(leader.inbound, vary),
    subject: isPublic ? `cache:${key}` : leader.subject,
    principal: isPublic ? undefined : leader.principal,
    subjectToken: isPublic ? undefined : leader.subjectToken,
    version: undefined, // what is kept is the newest; older versions are made of it
    writeKeyFor: undefined, // nothing that is kept by the cache writes
    outlivesClient: false,
    requires: leader.requires,
    cookies: [],
    startedMs: leader.startedMs,
    // A call is ended by its own time or when the last one who waits has left. A cut by a deadline says what
    // it says of the service in `Flight`, hence a budget of which every call has its share.
    deadline: { budgetMs: 1, remainingMs: () => maxDeadlineMs + 1, dispose() {} },
    cancellation,
    calls: [],
    lookups: [],
    bytesIn: 0,
    degraded: new Notes(),
    extraHeaders: new Notes(),
    answerHeaders: new Notes(),
    clientAddress: () => address,
    close() {},
  };
}

/** The request without its caller: the headers that are part of the key, and nothing else. */
function narrowed(inbound: Inbound, vary: readonly string[]): Inbound {
  const headers = new Map(vary.map((name) => [name, inbound.header(name)]));
  return {
    method: inbound.method,
    target: '/',
    peerAddress: undefined,
    header: (name) => headers.get(name),
    body: () => null,
    onGone: () => () => {},
  };
}
