/**
 * A running upstream: its targets, transport, breakers, bulkhead and budget, and its operations
 * compiled into functions that a plan calls.
 *
 * @module
 */
import type { Clock } from '../context/clock.ts';
import type { EventBus } from '../context/event-bus.ts';
import type { BreakerStatus } from '../context/events.ts';
import type { PressureSource } from '../context/pressure.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { compileAnswer } from './answer.ts';
import type { UpstreamBinding } from './binding.ts';
import { Bulkhead, type BulkheadStatus } from './bulkhead.ts';
import { type Call, compileCall } from './call.ts';
import { adaptiveLimit, fixedLimit } from './concurrency-limit.ts';
import { isConfidential } from './confidential.ts';
import { Hedging } from './hedging.ts';
import { Latency } from './latency.ts';
import type { OperationContract } from './operation.ts';
import type { CallPolicy } from './policy.ts';
import type { Random } from './random.ts';
import { compileRequest } from './request.ts';
import { type Breaker, breaker, type ResolvedBreakerOptions } from './resilience.ts';
import { RetryBudget, type RetryBudgetStatus } from './retry-budget.ts';
import { Shadow } from './shadow.ts';
import { compileStreamCall, type StreamCall } from './stream-call.ts';
import type { StreamContract } from './stream-contract.ts';
import { TargetSet, type TargetStatus, type TargetWish } from './target-set.ts';
import type { TrafficRules } from './traffic.ts';
import { versionFor } from './traffic.ts';
import type { SocketCount, Transport } from './transport.ts';

/** How an upstream is now. Names internal addresses: for operators only. */
export interface UpstreamStatus {
  readonly upstream: string;
  readonly breakers: readonly BreakerStatus[];
  readonly targets: readonly TargetStatus[];
  readonly bulkhead: BulkheadStatus;
  readonly retryBudget: RetryBudgetStatus;
  /** Absent where the transport has no connections to count. */
  readonly sockets?: SocketCount;
  /** Operations somebody switched off. */
  readonly off: readonly string[];
}

export interface Upstream {
  readonly name: string;
  /** Whether there is a target to call. */
  readonly isReady: boolean;
  /** Compiles an operation; at boot. */
  prepare(contract: OperationContract): Call;
  /** Compiles a streamed operation; at boot. @throws {RangeError} when the transport cannot stream. */
  prepareStream(contract: StreamContract): StreamCall;
  /** The most an answer may have, in bytes. */
  readonly maxAnswerBytes: number;
  /** Whether the service is told for whom it is asked. */
  readonly hasIdentity: boolean;
  /** The name of its identity when that cannot call in nobody's name. */
  readonly identityNeedingCaller: string | undefined;
  /** The timeout of an operation's calls, in milliseconds, before the deadline shortens it. */
  timeoutMs(contract: OperationContract): number;
  status(): UpstreamStatus;
  /** Switches an operation off or on by hand. */
  switch(operation: string, on: boolean): void;
  close(): Promise<void>;
}

export interface UpstreamParts {
  readonly clock: Clock;
  readonly events: EventBus;
  readonly random: Random;
  readonly pressure: PressureSource;
  /** Carries the calls. */
  readonly transport: Transport;
  /** Carries the probes, so that they do not wait behind calls. Without checks there is none. */
  readonly probeTransport: Transport | undefined;
  /** The rules of a policy file for this upstream, if there is one. */
  readonly traffic: () => TrafficRules | undefined;
}

/**
 * Opens an upstream from its binding.
 *
 * @throws {RangeError} when its identity must not be overheard and a target that is known by now could be.
 */
export function openUpstream(binding: UpstreamBinding, parts: UpstreamParts): Upstream {
  const { clock, events, random, transport } = parts;
  const { name, concurrency, identity } = binding;
  const needsTls = identity?.needsTls ?? false;
  const breakers = new Map<string, Breaker>();
  const openBreaker = (options: ResolvedBreakerOptions, operation: string): Breaker => {
    const place = operation === '' ? { upstream: name } : { upstream: name, operation };
    const opened = breaker(options, clock, (from, to) => events.emit('breaker', { ...place, from, to }));
    breakers.set(operation, opened);
    return opened;
  };
  const shared = openBreaker(binding.breaker, '');
  for (const [operation, policy] of binding.operations) {
    if (policy.breaker !== undefined) openBreaker(policy.breaker, operation);
  }
  const targets = new TargetSet(binding.targets, {
    clock,
    random,
    transport: parts.probeTransport ?? transport,
    onProblem: (error) => events.emit('problem', { part: `targets of ${name}`, error }),
    onChange: ({ kind, origin }) => events.emit('target', { upstream: name, change: kind, origin }),
  });
  if (needsTls) requireConfidential(name, targets);
  const limit =
    typeof concurrency.running === 'number'
      ? fixedLimit(concurrency.running)
      : adaptiveLimit(concurrency.running);
  const bulkhead = new Bulkhead(limit, concurrency.queued, clock);
  const budget = new RetryBudget(clock, binding.retryBudget);
  const shadow =
    binding.shadow === undefined ? undefined : new Shadow(binding.shadow, { transport, clock, random });
  const off = new Set<string>();
  const latencies = new Map<string, Latency>();
  const latencyOf = (operation: string): Latency => {
    const known = latencies.get(operation) ?? new Latency();
    latencies.set(operation, known);
    return known;
  };
  const policyOf = (contract: OperationContract): CallPolicy =>
    binding.operations.get(contract.name) ?? binding.policy;
  const wishOf = compileWish(binding, parts.traffic);

  return {
    name,
    get isReady() {
      return targets.isReady;
    },
    timeoutMs: (contract) => policyOf(contract).timeoutMs,
    prepare(contract) {
      const { timeoutMs, retry, hedge } = policyOf(contract);
      const write = compileRequest(contract, binding.maxAnswerBytes);
      const isRead = contract.method === 'GET';
      return compileCall({
        contract,
        timeoutMs,
        retry,
        hedging: hedge !== undefined && isRead ? new Hedging(hedge, clock) : undefined,
        write,
        read: compileAnswer(contract),
        breaker: breakers.get(contract.name) ?? shared,
        targets,
        transport,
        identity,
        needsTls,
        latency: latencyOf(contract.name),
        bulkhead,
        budget,
        pressure: parts.pressure,
        random,
        wishOf,
        requireOn: () => requireOn(off, contract.name),
        shadow:
          shadow !== undefined && isRead
            ? (context, request) => shadow.send(context, request, write)
            : undefined,
      });
    },
    prepareStream(contract) {
      const { timeoutMs, retry } = binding.policy;
      if (transport.stream === undefined) {
        throw new RangeError(`upstream '${name}': its transport cannot stream`);
      }
      return compileStreamCall({
        contract,
        timeoutMs,
        retry,
        breaker: shared,
        targets,
        stream: transport.stream.bind(transport),
        latency: latencyOf(contract.name),
        needsTls,
        bulkhead,
        budget,
        random,
        identity,
        wishOf,
        requireOn: () => requireOn(off, contract.name),
      });
    },
    maxAnswerBytes: binding.maxAnswerBytes,
    hasIdentity: identity !== undefined,
    identityNeedingCaller: identity?.needsCaller === true ? identity.name : undefined,
    status: () => ({
      upstream: name,
      breakers: [...breakers].map(([operation, { state }]) =>
        operation === '' ? { upstream: name, state } : { upstream: name, operation, state },
      ),
      targets: targets.status(),
      bulkhead: bulkhead.status(),
      retryBudget: budget.status(),
      ...(transport.sockets === undefined ? {} : { sockets: transport.sockets() }),
      off: [...off],
    }),
    switch(operation, on) {
      if (on) off.delete(operation);
      else off.add(operation);
    },
    async close() {
      targets.close();
      await Promise.all([transport.close(), parts.probeTransport?.close()]);
    },
  };
}

function requireConfidential(upstream: string, targets: TargetSet): void {
  const open = targets.status().find(({ origin }) => !isConfidential(origin));
  if (open === undefined) return;
  targets.close();
  throw new RangeError(
    `upstream '${upstream}': its identity sends the caller's token, so targets must be https or loopback, got '${open.origin}'`,
  );
}

const switchedOffRetryMs = 30_000;

function requireOn(off: ReadonlySet<string>, operation: string): void {
  if (off.size === 0 || !off.has(operation)) return;
  throw new GatewayError('circuit-open', {
    retryAfterMs: switchedOffRetryMs,
    cause: new Error('switched off by hand'),
  });
}

const noWish: TargetWish = {};

/** What a request asks of its target: to stick to one, and which version. Nothing where neither is used. */
function compileWish(
  binding: UpstreamBinding,
  traffic: () => TrafficRules | undefined,
): (context: RequestContext) => TargetWish {
  const isSticky = binding.targets.balance === 'sticky';
  return function wishOf({ inbound, subject }) {
    const rules = traffic();
    if (rules === undefined) return isSticky ? { key: subject } : noWish;
    const version = versionFor(rules, { subject, header: (name) => inbound.header(name) });
    return { key: subject, version };
  };
}
