/**
 * Who gets an explanation, and where it is kept. In development every request does; in production those that an
 * operator signed with a key, and nothing is different for all others.
 *
 * The record goes to the admin port of the instance that answered, under the id of the request: it may be long and
 * names addresses of services. The answer itself gets a compact `Server-Timing`, which also tells the operator that
 * the signature held.
 *
 * @module
 */
import type { AdminPages } from '../context/admin-pages.ts';
import type { Clock } from '../context/clock.ts';
import type { EventBus } from '../context/event-bus.ts';
import type { BreakerStatus, RequestFact } from '../context/events.ts';
import type { Inbound } from '../context/inbound.ts';
import { writeServerTiming } from '../context/server-timing.ts';
import type { FinishedAnswer } from '../http/answer.ts';
import { describeNodes, type PlanGraph } from '../plan/graph.ts';
import type { Pseudonyms } from '../telemetry/pseudonyms.ts';
import { decisionRecord, type ExplainedNode } from './decision-record.ts';
import { recordPages } from './record-pages.ts';
import { recordRing } from './record-ring.ts';
import { explainHeader, explainKeys } from './signature.ts';

export interface ExplainOptions {
  /** 1 to 10 keys of 32 bytes each, as base64. Default none: nobody can ask. */
  readonly keys?: readonly string[] | undefined;
  /** Explains every request, for development. */
  readonly everyRequest: boolean;
  /** Records kept, a whole number from 1 to 10 000. Default 200. */
  readonly keep?: number;
}

export interface ExplainParts {
  readonly bff: string;
  readonly clock: Clock;
  readonly events: EventBus;
  readonly pseudonyms: Pseudonyms;
  breakers(): readonly BreakerStatus[];
}

/** Answers one request of one endpoint. */
export type Handle = (inbound: Inbound, params: Readonly<Record<string, string>>) => Promise<FinishedAnswer>;

export interface Explain {
  /** Explains what `handle` answers, when it is asked to. @param graph Absent for an opaque endpoint. */
  watch(handle: Handle, graph: PlanGraph | undefined): Handle;
  readonly admin: AdminPages;
}

/** An explained request that is under way, or whose body is. */
interface Note {
  readonly nodes: readonly ExplainedNode[];
  readonly credential: string | undefined;
}

const defaultKeep = 200;
/** Facts that may come between the end of a request and the moment its own is looked for. */
const maxFacts = 256;
/** Explained answers that may be streaming at once; of more there is no record. */
const maxStreams = 64;

/** @throws {RangeError} naming the option that is wrong. */
export function openExplain(options: ExplainOptions, parts: ExplainParts): Explain {
  const { keys, everyRequest, keep = defaultKeep } = options;
  const { clock, events, pseudonyms } = parts;
  const signed = keys === undefined ? undefined : explainKeys('explainKeys', keys);
  const ring = recordRing(keep);
  const explains = everyRequest ? 'every' : signed === undefined ? 'nothing' : 'signed';
  const admin = recordPages({ bff: parts.bff, clock, ring, explains, keyIds: signed?.ids ?? [] });
  if (explains === 'nothing') return { admin, watch: (handle) => handle };

  let underWay = 0;
  const facts = new Map<string, RequestFact>();
  const streams = new Map<string, Note>();
  const keepRecord = (fact: RequestFact, note: Note): void =>
    ring.add(
      decisionRecord(fact, { ...note, pseudonyms, breakers: parts.breakers(), nowMs: clock.wallMs() }),
    );
  events.on('request', (fact) => {
    const streamed = streams.get(fact.requestId);
    if (streamed !== undefined) {
      streams.delete(fact.requestId);
      keepRecord(fact, streamed);
    } else if (underWay > 0) setBounded(facts, fact.requestId, fact, maxFacts);
  });

  const isWanted = (inbound: Inbound): boolean => {
    if (everyRequest) return true;
    const header = inbound.header(explainHeader);
    return header !== undefined && signed?.holds(header, inbound, clock.wallMs()) === true;
  };

  /** The fact comes before the answer; that of a stream when it is over. */
  const explainOne = async (answering: Promise<FinishedAnswer>, note: Note): Promise<FinishedAnswer> => {
    underWay += 1;
    try {
      const answer = await answering;
      const { headers } = answer;
      const requestId = headers['x-request-id'] ?? '';
      const fact = facts.get(requestId);
      if (fact === undefined) setBounded(streams, requestId, note, maxStreams);
      else keepRecord(fact, note);
      return { ...answer, headers: { ...headers, ...marks(fact, everyRequest) } };
    } finally {
      underWay -= 1;
      if (underWay === 0) facts.clear();
    }
  };

  return {
    admin,
    watch(handle, graph) {
      const nodes = graph === undefined ? [] : describeNodes(graph, () => 0);
      return function explained(inbound, params) {
        if (!isWanted(inbound)) return handle(inbound, params);
        return explainOne(handle(inbound, params), { nodes, credential: credentialOf(inbound) });
      };
    },
  };
}

/** What an operator asked for is for nobody else: no cache on the way may keep it. */
function marks(fact: RequestFact | undefined, isDevelopment: boolean): Record<string, string> {
  const text = fact === undefined ? 'explained' : `explained, ${writeServerTiming(fact)}`;
  return { 'server-timing': text, ...(isDevelopment ? {} : { 'cache-control': 'no-store' }) };
}

/** The kind of credential, which is no secret; nothing of what it says. */
function credentialOf(inbound: Inbound): string | undefined {
  const [scheme] = /^(?:bearer|dpop)(?= )/i.exec(inbound.header('authorization') ?? '') ?? [];
  if (scheme !== undefined) return scheme.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer';
  return inbound.header('cookie') === undefined ? undefined : 'cookie';
}

function setBounded<Value>(map: Map<string, Value>, key: string, value: Value, max: number): void {
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > max && oldest !== undefined) map.delete(oldest);
}
