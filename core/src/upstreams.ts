/**
 * The upstreams of one BFF together: opened from their bindings, asked by name, switched off by hand,
 * closed at the end.
 *
 * @module
 */
import type { Clock } from './context/clock.ts';
import type { EventBus } from './context/event-bus.ts';
import type { BreakerStatus } from './context/events.ts';
import type { PressureSource } from './context/pressure.ts';
import type { UpstreamBinding } from './upstream/binding.ts';
import type { Call } from './upstream/call.ts';
import { httpTransport } from './upstream/http-transport.ts';
import { type OperationContract, operationId } from './upstream/operation.ts';
import type { Random } from './upstream/random.ts';
import type { StreamCall } from './upstream/stream-call.ts';
import type { StreamContract } from './upstream/stream-contract.ts';
import { type TrafficFile, trafficFile } from './upstream/traffic-file.ts';
import type { Transport } from './upstream/transport.ts';
import { openUpstream, type Upstream, type UpstreamStatus } from './upstream/upstream.ts';

export interface UpstreamsParts {
  readonly clock: Clock;
  readonly events: EventBus;
  readonly random: Random;
  readonly pressure: PressureSource;
  /** Path of a policy file, watched; see `TrafficPolicy`. */
  readonly trafficFile: string | undefined;
  readonly transport: ((binding: UpstreamBinding) => Transport) | undefined;
}

const probeConnections = 2;

export class Upstreams {
  readonly #upstreams = new Map<string, Upstream>();
  readonly #operations = new Set<string>();
  readonly #traffic: TrafficFile | undefined;
  readonly #events: EventBus;

  /** @throws {RangeError} when an upstream is bound twice. */
  constructor(bindings: readonly UpstreamBinding[], parts: UpstreamsParts) {
    const { clock, events } = parts;
    this.#events = events;
    const twice = bindings.find(
      ({ name }, index) => bindings.findIndex((other) => other.name === name) < index,
    );
    if (twice !== undefined) throw new RangeError(`defineBff: the upstream '${twice.name}' is bound twice`);
    this.#traffic =
      parts.trafficFile === undefined
        ? undefined
        : trafficFile(
            { path: parts.trafficFile },
            {
              clock,
              upstreams: bindings.map(({ name }) => name),
              onProblem: (error) => events.emit('problem', { part: 'traffic policy', error }),
              onChange: () => {},
            },
          );
    for (const binding of bindings) this.#upstreams.set(binding.name, this.#open(binding, parts));
  }

  get names(): string[] {
    return [...this.#upstreams.keys()];
  }

  /** Whether every upstream has somewhere to send calls. */
  get isReady(): boolean {
    return [...this.#upstreams.values()].every((upstream) => upstream.isReady);
  }

  /** @throws {RangeError} when the operation's upstream is not bound. */
  of(contract: Pick<OperationContract, 'upstream' | 'name'>): Upstream {
    const upstream = this.#upstreams.get(contract.upstream);
    if (upstream === undefined) {
      throw new RangeError(
        `${contract.upstream}.${contract.name} is called, but upstream '${contract.upstream}' is not bound; add bind(…) to upstreams`,
      );
    }
    return upstream;
  }

  /** Compiles an operation; at boot. */
  prepare(contract: OperationContract): Call {
    this.#operations.add(operationId(contract));
    return this.of(contract).prepare(contract);
  }

  /** Compiles a streamed operation; at boot. */
  prepareStream(contract: StreamContract): StreamCall {
    this.#operations.add(`${contract.upstream}.${contract.name}`);
    return this.of(contract).prepareStream(contract);
  }

  status(): UpstreamStatus[] {
    return [...this.#upstreams.values()].map((upstream) => upstream.status());
  }

  breakers(): BreakerStatus[] {
    return this.status().flatMap(({ breakers }) => breakers);
  }

  /**
   * Switches an operation (`recommendations.forUser`) off or on by hand: calls of it then fail at once,
   * optional ones fall back.
   *
   * @throws {RangeError} when no endpoint calls such an operation.
   */
  switch(operation: string, on: boolean): void {
    if (!this.#operations.has(operation)) {
      throw new RangeError(
        `no endpoint calls '${operation}'; they call ${[...this.#operations].sort().join(', ')}`,
      );
    }
    const dot = operation.indexOf('.'); // names of upstreams have none, those of operations may
    this.#upstreams.get(operation.slice(0, dot))?.switch(operation.slice(dot + 1), on);
    this.#events.emit('switch', { operation, on });
  }

  async close(): Promise<void> {
    this.#traffic?.close();
    await Promise.all([...this.#upstreams.values()].map((upstream) => upstream.close()));
  }

  #open(binding: UpstreamBinding, parts: UpstreamsParts): Upstream {
    const { clock, events } = parts;
    const onProblem = (error: Error): void =>
      events.emit('problem', { part: `tls of ${binding.name}`, error });
    const open = (connections: number): Transport =>
      parts.transport?.(binding) ?? httpTransport({ connections, tls: binding.tls, clock, onProblem });
    return openUpstream(binding, {
      ...parts,
      transport: open(binding.concurrency.most),
      probeTransport: binding.targets.health === undefined ? undefined : open(probeConnections),
      traffic: () => this.#traffic?.rulesOf(binding.name),
    });
  }
}
