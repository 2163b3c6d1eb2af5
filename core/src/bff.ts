/**
 * `defineBff`: from declarations and configuration to a checked, running app. Everything that can be
 * wrong is found here, before the first request.
 *
 * @module
 */
import { Hono } from 'hono';
import { type Clock, systemClock } from './context/clock.ts';
import { type BreakerStatus, EventBus } from './context/events.ts';
import { type IdSource, randomIds } from './context/ids.ts';
import { requireKnown } from './context/options.ts';
import type { RequestContext } from './context/request-context.ts';
import { checkOptions, endpointName } from './endpoint/check-options.ts';
import type { Endpoint } from './endpoint/endpoint.ts';
import { type BffGraph, describeEndpoint } from './graph.ts';
import { callerOf } from './identify.ts';
import type { Authenticator } from './identity/authenticator.ts';
import type { Principal } from './identity/principal.ts';
import { clientIp } from './ingress/client-ip.ts';
import { inboundOf } from './ingress/inbound.ts';
import { type LimitOptions, limitOptionNames, type OpenLimits, openLimits } from './limit/open-limits.ts';
import type { Usage } from './limit/quota-facts.ts';
import { compilePipeline } from './pipeline.ts';
import { buildGraph, type PlanGraph } from './plan/graph.ts';
import { GatewayError } from './problem/gateway-error.ts';
import { routeOrder } from './route-table.ts';
import { answerUnmatched, refuseOtherMethods } from './routes.ts';
import { countFacts, type Metrics } from './telemetry/metrics.ts';
import type { UpstreamBinding } from './upstream/binding.ts';
import { httpTransport } from './upstream/http-transport.ts';
import { type OperationContract, operationId } from './upstream/operation.ts';
import type { Transport } from './upstream/transport.ts';
import { type Call, openUpstream, type Upstream } from './upstream/upstream.ts';

export interface BffOptions extends LimitOptions {
  /** Lowercase; field `service` of logs, label `bff` of metrics. */
  readonly name: string;
  /** The team that is asked when it breaks, such as `@acme/web`. */
  readonly owner: string;
  /** Ways to prove identity, asked in order. Default none: every caller is anonymous. */
  readonly identity?: readonly Authenticator[];
  readonly upstreams: readonly UpstreamBinding[];
  readonly endpoints: readonly Endpoint[];
  /** Plain Hono middleware and routes beside the endpoints; runs before the endpoints are added. */
  readonly routes?: (app: Hono) => void;
  /** Addresses or CIDR ranges of proxies whose `X-Forwarded-For` is believed. Default none. */
  readonly trustedProxies?: readonly string[];
  /** Adds a `Server-Timing` waterfall to every answer; for development. Default false. */
  readonly serverTiming?: boolean;
  /** For tests: time, identifiers and the wire. */
  readonly clock?: Clock;
  readonly ids?: IdSource;
  readonly transport?: (binding: UpstreamBinding) => Transport;
}

/** A checked BFF, ready to serve. */
export interface Bff {
  readonly name: string;
  readonly owner: string;
  /** A real Hono app: mount it, test it with `app.request()`, add routes to it. */
  readonly app: Hono;
  readonly graph: BffGraph;
  readonly events: EventBus;
  readonly metrics: Metrics;
  fetch(request: Request): Response | Promise<Response>;
  breakers(): BreakerStatus[];
  /** What a principal has used of its limits and quotas, without using anything. */
  usage(principal: Principal): Promise<readonly Usage[]>;
  /** Requests under way. */
  liveRequests(): number;
  /** Cancels what still runs with `shutting-down`, then closes every upstream connection. */
  close(): Promise<void>;
}

// biome-ignore format: one list
const knownOptions = [
  'name', 'owner', 'identity', 'upstreams', 'endpoints', 'routes', 'trustedProxies', 'serverTiming',
  'clock', 'ids', 'transport', ...limitOptionNames,
];

/**
 * Checks and compiles a BFF.
 *
 * @throws {RangeError} for an unknown option, a value out of range, two endpoints on one route, a
 * plan that is too large, or an operation whose upstream is not bound.
 */
export function defineBff(options: BffOptions): Bff {
  requireKnown('defineBff', options, knownOptions);
  if (!/^[a-z][a-z0-9-]*$/.test(options.name))
    throw new RangeError(`defineBff: name must be lowercase, got '${options.name}'`);
  const { clock = systemClock, ids = randomIds() } = options;
  const events = new EventBus();
  const limits = naming('defineBff', () => openLimits(options, { bff: options.name, clock, events }));
  const live = new Set<RequestContext>();
  const upstreams = openUpstreams(options, clock, events);
  const prepare = (contract: OperationContract): Call =>
    naming(operationId(contract), () => upstreamOf(upstreams, contract).prepare(contract));
  const breakers = (): BreakerStatus[] => [...upstreams.values()].flatMap((upstream) => upstream.breakers());
  const parts = {
    bff: options.name,
    clock,
    ids,
    events,
    authenticators: options.identity ?? [],
    limiter: limits.limiter,
    failures: limits.failures,
    clientIp: clientIp(options.trustedProxies),
    serverTiming: options.serverTiming ?? false,
    live,
    prepare,
  };

  const app = new Hono();
  options.routes?.(app);
  const graphs = new Map<Endpoint, PlanGraph | undefined>();
  for (const endpoint of routeOrder(options.endpoints)) {
    naming(endpointName(endpoint), () => {
      const graph = graphOf(endpoint, limits, upstreams);
      const handle = compilePipeline(endpoint, graph, parts);
      graphs.set(endpoint, graph);
      app.on(endpoint.method, endpoint.path, (c) => handle(inboundOf(c), c.req.param()));
    });
  }
  refuseOtherMethods(app, options.endpoints, parts);
  answerUnmatched(app, parts);

  return {
    name: options.name,
    owner: options.owner,
    app,
    events,
    metrics: countFacts(options.name, events, breakers),
    graph: {
      name: options.name,
      owner: options.owner,
      upstreams: [...upstreams.keys()],
      endpoints: options.endpoints.map((endpoint) =>
        describeEndpoint(endpoint, graphs.get(endpoint), (contract) =>
          upstreamOf(upstreams, contract).timeoutMs(contract),
        ),
      ),
    },
    fetch: (request) => app.fetch(request),
    breakers,
    usage: (principal) => limits.limiter.usage(callerOf(principal, 'unknown', 'default')),
    liveRequests: () => live.size,
    async close() {
      for (const context of live) context.cancellation.cancel(new GatewayError('shutting-down'));
      await Promise.all([...upstreams.values()].map((upstream) => upstream.close()));
      limits.close();
    },
  };
}

function openUpstreams(options: BffOptions, clock: Clock, events: EventBus): Map<string, Upstream> {
  const upstreams = new Map<string, Upstream>();
  for (const binding of options.upstreams) {
    if (upstreams.has(binding.name))
      throw new RangeError(`defineBff: the upstream '${binding.name}' is bound twice`);
    const transport = options.transport?.(binding) ?? httpTransport({ connections: binding.connections });
    upstreams.set(binding.name, openUpstream(binding, { clock, events, transport }));
  }
  return upstreams;
}

function upstreamOf(upstreams: ReadonlyMap<string, Upstream>, contract: OperationContract): Upstream {
  const upstream = upstreams.get(contract.upstream);
  if (upstream === undefined) {
    throw new RangeError(
      `${operationId(contract)} is called, but upstream '${contract.upstream}' is not bound; add bind(…) to upstreams`,
    );
  }
  return upstream;
}

function graphOf(
  endpoint: Endpoint,
  limits: OpenLimits,
  upstreams: ReadonlyMap<string, Upstream>,
): PlanGraph | undefined {
  checkOptions(endpoint, limits.checkCost);
  if (endpoint.behaviour.kind === 'opaque') return undefined;
  const graph = buildGraph(endpointName(endpoint), endpoint.behaviour.plan);
  for (const { spec } of graph.nodes) {
    if (spec.kind !== 'derive') upstreamOf(upstreams, spec.operation);
  }
  return graph;
}

/** Runs one step of the boot; what it refuses says of which part. */
function naming<T>(where: string, boot: () => T): T {
  try {
    return boot();
  } catch (error) {
    if (error instanceof RangeError && !error.message.startsWith(where)) {
      error.message = `${where}: ${error.message}`;
    }
    throw error;
  }
}
