/**
 * Shadow traffic: a copy of some requests to another place, such as the next version of a service. It
 * never delays or fails an answer: copies are sent beside, their answers are dropped, and when too
 * many are under way no more are sent. Copies carry no identity: what is only being tried must not be
 * able to act for anybody.
 *
 * @see {@link https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction-requestmirrorpolicy Envoy, request mirroring}
 * @module
 */
import type { Clock } from '../context/clock.ts';
import { requireKnown, requireRange } from '../context/options.ts';
import type { RequestContext } from '../context/request-context.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import type { Random } from './random.ts';
import type { CallRequest, WriteRequest } from './request.ts';
import { parseTargets } from './target.ts';
import type { Exchange, Transport } from './transport.ts';

export interface ShadowOptions {
  /** Where copies go, `http://host:port`. */
  readonly target: string;
  /** Share of the GET requests, in `(0, 1]`. */
  readonly sample: number;
}

export interface ResolvedShadowOptions {
  readonly origin: string;
  readonly sample: number;
}

const maxUnderWay = 16;
const timeoutMs = 5_000;

/** @throws {RangeError} */
export function resolveShadow(where: string, options: ShadowOptions): ResolvedShadowOptions {
  requireKnown(`${where}: shadow`, options, ['target', 'sample']);
  requireRange(`${where}: shadow`, 'sample', options.sample, 0.0001, 1);
  const [target] = parseTargets(`${where}: shadow`, options.target);
  return { origin: target?.origin ?? '', sample: options.sample };
}

export class Shadow {
  readonly #options: ResolvedShadowOptions;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #random: Random;
  #underWay = 0;

  constructor(
    options: ResolvedShadowOptions,
    parts: { readonly transport: Transport; readonly clock: Clock; readonly random: Random },
  ) {
    this.#options = options;
    this.#transport = parts.transport;
    this.#clock = parts.clock;
    this.#random = parts.random;
  }

  /** Copies the request, or does not. Never throws, and nobody waits for it. */
  send(context: RequestContext, request: CallRequest, write: WriteRequest): void {
    if (this.#underWay >= maxUnderWay || this.#random() >= this.#options.sample) return;
    let exchange: Exchange;
    try {
      const { origin } = this.#options;
      const outgoing = write(context, request, { origin, budgetMs: timeoutMs, spanId: context.ids.spanId() });
      exchange = this.#transport.send({ ...outgoing, headers: { ...outgoing.headers, 'bff-shadow': '1' } });
    } catch {
      return; // the real call reports what is wrong with the request
    }
    this.#underWay += 1;
    const stopTimer = this.#clock.after(timeoutMs, () =>
      exchange.abort(new GatewayError('upstream-timeout')),
    );
    void exchange.answer
      .catch(() => undefined) // a shadow's failure is nobody's failure
      .finally(() => {
        stopTimer();
        this.#underWay -= 1;
      });
  }
}
