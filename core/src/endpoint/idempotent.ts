/**
 * The step of an endpoint that takes an `Idempotency-Key`: before the limits it looks whether the key is known, after
 * the input was read it answers from what is kept, or claims the key, does the work and keeps its answer.
 *
 * @see {@link https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/ IETF draft}
 * @module
 */
import type { Principal } from '../context/principal.ts';
import type { RequestContext } from '../context/request-context.ts';
import type { Answer } from '../http/answer.ts';
import type { Entry, KeptAnswer } from '../idempotency/entry.ts';
import { fateOf } from '../idempotency/fate.ts';
import { fingerprintOf } from '../idempotency/fingerprint.ts';
import { keyIn } from '../idempotency/key.ts';
import { type Claim, maxBodyBytes } from '../idempotency/ledger.ts';
import type { Idempotency, KeyNames } from '../idempotency/open-idempotency.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { writeKeyHeader } from '../upstream/operation.ts';
import type { Endpoint } from './endpoint.ts';
import type { Input } from './read-input.ts';

/** How the pipeline makes answers. */
export interface Work {
  readonly input: Input;
  /** Those known before, such as the limit's. */
  readonly headers: Record<string, string>;
  /** Does what was asked. */
  run(): Promise<Answer>;
  /** What a failure looks like to the client. */
  failed(failure: GatewayError): Answer;
}

/** One write with a key, or without one where that is a fault. */
export interface Write {
  /** Answered from what is known already: nothing will be done. */
  readonly isRepeat: boolean;
  /** @throws {GatewayError} when the key is missing or malformed. */
  requireKey(): void;
  answer(work: Work): Promise<Answer>;
}

/** Looks at the key of a request; nothing when it has none and needs none. Rejects when the store cannot be asked. */
export type BeginWrite = (
  context: RequestContext,
  principal: Principal | undefined,
) => Promise<Write | undefined>;

/** A claim outlives the deadline by this: by then whoever made it has answered, or is dead. */
const graceMs = 5_000;
const inProgressRetryMs = 1_000;
// biome-ignore format: one list
const keptHeaders = [
  'content-type', 'cache-control', 'content-language', 'last-modified', 'link', 'location', 'bff-degraded', 'proxy-status',
];

/** Compiles the step; nothing for an endpoint that does not declare it. */
export function compileIdempotent(
  endpoint: Endpoint,
  idempotency: Idempotency | undefined,
): BeginWrite | undefined {
  const { idempotency: mode, deadlineMs } = endpoint.options;
  if (mode === undefined || idempotency === undefined) return undefined;
  const lockMs = deadlineMs + graceMs;
  return async function beginWrite(context, principal) {
    const value = context.inbound.header(writeKeyHeader);
    if (principal === undefined || (value === undefined && mode === 'optional')) return undefined;
    const key = readKey(value);
    if (key instanceof GatewayError) return faultyWrite(key);
    const names = idempotency.namesOf(principal, key);
    const known = await idempotency.ledger.look(names.own);
    return new KeyedWrite({ endpoint, idempotency, lockMs, context, names, known });
  };
}

function readKey(value: string | undefined): string | GatewayError {
  if (value === undefined) {
    const detail =
      'Send a new random Idempotency-Key with each request, and the same one when you repeat it.';
    return new GatewayError('idempotency-key-missing', { detail });
  }
  try {
    return keyIn(value);
  } catch (thrown) {
    return GatewayError.from(thrown);
  }
}

/** It is told after the limits have counted the request. */
function faultyWrite(fault: GatewayError): Write {
  const refuse = (): never => {
    throw fault;
  };
  return { isRepeat: false, requireKey: refuse, answer: async () => refuse() };
}

interface WriteParts {
  readonly endpoint: Endpoint;
  readonly idempotency: Idempotency;
  readonly lockMs: number;
  readonly context: RequestContext;
  readonly names: KeyNames;
  readonly known: Entry | undefined;
}

class KeyedWrite implements Write {
  readonly isRepeat: boolean;
  readonly #parts: WriteParts;

  constructor(parts: WriteParts) {
    this.#parts = parts;
    this.isRepeat = parts.known !== undefined;
  }

  requireKey(): void {}

  async answer(work: Work): Promise<Answer> {
    const { idempotency, context, names, known, lockMs } = this.#parts;
    const fingerprint = this.#fingerprint(work.input);
    if (known !== undefined) return repeat(known, fingerprint, work.headers);
    context.outlivesClient = true; // from here on: its client will come again and ask
    if (context.cancellation.reason !== undefined) throw context.cancellation.reason;
    const found = await idempotency.ledger.claim(names.own, fingerprint, lockMs);
    if (found.state !== 'mine') return repeat(found, fingerprint, work.headers);
    context.writeKeyFor = (operation) => names.for(operation);
    return this.#do(found, context.clock.monotonicMs(), work);
  }

  async #do(claim: Claim, claimedMs: number, work: Work): Promise<Answer> {
    const { context, lockMs } = this.#parts;
    let answer: Answer;
    try {
      answer = await work.run();
    } catch (thrown) {
      const failure = GatewayError.from(thrown);
      const fate = fateOf(failure);
      if (fate === 'leave') throw endingAfter(failure, lockMs - (context.clock.monotonicMs() - claimedMs));
      if (fate === 'release') await this.#noting(claim.release());
      else await this.#keep(claim, work.failed(failure));
      throw failure;
    }
    await this.#keep(claim, answer);
    return answer;
  }

  async #keep(claim: Claim, answer: Answer): Promise<void> {
    const kept = this.#keptOf(answer);
    if (Buffer.byteLength(kept.body) <= maxBodyBytes) return this.#noting(claim.keep(kept));
    // The service has it, under the key it got: whoever repeats the request is answered from there.
    await this.#noting(claim.release());
    this.#tell(new RangeError(`an answer of more than ${maxBodyBytes} bytes was not kept`));
  }

  #keptOf({ status, headers, body }: Answer): KeptAnswer {
    const names = [...keptHeaders, ...[...this.#parts.context.answerHeaders].map(([name]) => name)];
    const kept = names.flatMap((name) => {
      const value = headers[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    return { status, headers: Object.fromEntries(kept), body: typeof body === 'string' ? body : body.text };
  }

  /** The write is done and the client hears so; a repetition goes to the service, under the same key. */
  async #noting(step: Promise<unknown>): Promise<void> {
    try {
      await step;
    } catch (error) {
      this.#tell(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #tell(error: Error): void {
    const { context, endpoint } = this.#parts;
    context.events.emit('problem', { part: `idempotency of ${endpoint.method} ${endpoint.path}`, error });
  }

  #fingerprint({ sent }: Input): string {
    const { endpoint, context } = this.#parts;
    return fingerprintOf({
      method: endpoint.method,
      route: endpoint.path,
      target: context.inbound.target,
      version: context.version ?? '',
      body: sent,
    });
  }
}

/** @throws {GatewayError} for another request under the same key, and while the first one runs. */
function repeat(entry: Entry, fingerprint: string, headers: Record<string, string>): Answer {
  if (entry.fingerprint !== fingerprint) {
    throw new GatewayError('idempotency-key-reused', {
      detail:
        'The first request with this Idempotency-Key was another one. Send a new key with a new request.',
    });
  }
  if (entry.state === 'running') {
    throw new GatewayError('idempotency-in-progress', {
      detail:
        'The first request with this Idempotency-Key has no outcome yet. Repeat it later, with the same key.',
      retryAfterMs: inProgressRetryMs,
    });
  }
  const { status, headers: kept, body } = entry.answer;
  return { status, headers: { ...headers, ...kept, 'idempotency-replayed': 'true' }, body };
}

/** Nobody knows whether it was done; the same key is free when the claim has ended. */
function endingAfter(failure: GatewayError, leftMs: number): GatewayError {
  return new GatewayError(failure.code, { ...failure.options, retryAfterMs: Math.max(1, leftMs) });
}
