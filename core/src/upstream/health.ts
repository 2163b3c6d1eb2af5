/**
 * Active health: each target is asked for a path every few seconds, whether it gets calls or not. One
 * prober per target; probes of one target never overlap.
 *
 * @see {@link https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/health_checking Envoy, health checking}
 * @module
 */
import type { CancelTimer, Clock } from '../context/clock.ts';
import { requireInteger, requireKnown, requireRange } from '../context/options.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { jittered, type Random } from './random.ts';
import type { Health, TargetState } from './target.ts';
import type { Exchange, Transport } from './transport.ts';

export interface HealthOptions {
  /** What is asked for; any 2xx is good. Such as `/health`. */
  readonly path: string;
  /** Milliseconds from the end of one probe to the next, give or take a fifth. Default 5 000. */
  readonly everyMs?: number;
  /** Milliseconds one probe may take. Default 2 000. */
  readonly timeoutMs?: number;
  /** Good probes in a row that make an unhealthy target healthy. Default 2. */
  readonly healthy?: number;
  /** Failed probes in a row that make a target unhealthy. Default 3. */
  readonly unhealthy?: number;
}

export type ResolvedHealthOptions = Required<HealthOptions>;

const defaultHealth = { everyMs: 5_000, timeoutMs: 2_000, healthy: 2, unhealthy: 3 };
const maxAnswerBytes = 1_024 * 1_024;

/** @throws {RangeError} for an unknown option or a value out of range. */
export function resolveHealth(where: string, options: HealthOptions): ResolvedHealthOptions {
  const place = `${where}: health`;
  requireKnown(place, options, ['path', ...Object.keys(defaultHealth)]);
  const resolved = { ...defaultHealth, ...options };
  if (!/^\/[\w\-.~!$&'()*+,;=:@%/?]*$/.test(resolved.path)) {
    throw new RangeError(`${place}: path must be a path such as /health, got '${resolved.path}'`);
  }
  requireRange(place, 'everyMs', resolved.everyMs, 100, 3_600_000);
  requireRange(place, 'timeoutMs', resolved.timeoutMs, 1, 60_000);
  requireInteger(place, 'healthy', resolved.healthy, 1, 100);
  requireInteger(place, 'unhealthy', resolved.unhealthy, 1, 100);
  return resolved;
}

export interface ProberParts {
  readonly clock: Clock;
  readonly random: Random;
  /** One with connections of its own: behind a full pool a probe would blame the target for our queue. */
  readonly transport: Transport;
  /** Called after `state.health` changed. Must not throw. */
  readonly onChange: (state: TargetState) => void;
}

export class Prober {
  readonly #state: TargetState;
  readonly #options: ResolvedHealthOptions;
  readonly #parts: ProberParts;
  #stopTimer: CancelTimer | undefined;
  #running: Exchange | undefined;
  /** Probes in a row that speak against the present health. */
  #against = 0;

  constructor(state: TargetState, options: ResolvedHealthOptions, parts: ProberParts) {
    this.#state = state;
    this.#options = options;
    this.#parts = parts;
  }

  /** Probes within a fifth of the interval, and on and on. A second start does nothing. */
  start(): void {
    if (this.#stopTimer !== undefined || this.#running !== undefined) return;
    this.#schedule(this.#options.everyMs * 0.2 * this.#parts.random());
  }

  /** Ends the probe under way and leaves no timer. The health stays what it is. */
  stop(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    const running = this.#running;
    this.#running = undefined;
    running?.abort(new GatewayError('shutting-down'));
  }

  #schedule(delayMs: number): void {
    this.#stopTimer = this.#parts.clock.after(delayMs, () => this.#probe());
  }

  #probe(): void {
    const { clock, transport } = this.#parts;
    let exchange: Exchange;
    try {
      exchange = transport.send({
        operation: 'health',
        method: 'GET',
        origin: this.#state.target.origin,
        target: this.#options.path,
        headers: { accept: '*/*' },
        body: undefined,
        maxAnswerBytes,
      });
    } catch {
      this.#finish(false);
      return;
    }
    this.#running = exchange;
    const end = (isGood: boolean): void => {
      if (this.#running !== exchange) return; // stopped, or decided by the timeout
      this.#stopTimer?.();
      this.#running = undefined;
      this.#finish(isGood);
    };
    this.#stopTimer = clock.after(this.#options.timeoutMs, () => {
      end(false);
      exchange.abort(new GatewayError('upstream-timeout'));
    });
    exchange.answer.then(
      ({ status }) => end(status >= 200 && status <= 299),
      () => end(false),
    );
  }

  #finish(isGood: boolean): void {
    this.#schedule(jittered(this.#options.everyMs, this.#parts.random));
    this.#count(isGood);
  }

  #count(isGood: boolean): void {
    const { health } = this.#state;
    if (isGood === (health !== 'unhealthy')) {
      this.#against = 0;
      if (health === 'unknown') this.#become('healthy');
      return;
    }
    this.#against += 1;
    if (this.#against < (isGood ? this.#options.healthy : this.#options.unhealthy)) return;
    this.#become(isGood ? 'healthy' : 'unhealthy');
  }

  #become(health: Health): void {
    this.#against = 0;
    this.#state.health = health;
    this.#parts.onChange(this.#state);
  }
}
