/**
 * `defineBff`: from declarations and configuration to a checked, running app. Everything that can be
 * wrong is found here, before the first request.
 *
 * @module
 */
import { Hono } from 'hono';
import { checkApiInfo } from './api-info.ts';
import { type BffOptions, bffOptionNames } from './bff-options.ts';
import { openCache } from './cache/open-cache.ts';
import type { AdminPages } from './context/admin-pages.ts';
import { systemClock } from './context/clock.ts';
import { EventBus } from './context/event-bus.ts';
import { randomIds } from './context/ids.ts';
import { requireKnown } from './context/options.ts';
import { noPressure, type PressureSource } from './context/pressure.ts';
import type { Principal } from './context/principal.ts';
import type { RequestContext } from './context/request-context.ts';
import { Roster } from './context/roster.ts';
import type { Declared } from './declared.ts';
import { type CompiledRoute, compileDirect, type Direct } from './direct.ts';
import { compileEdge, compileEnter, guardApp } from './edge.ts';
import { checkKeyedCalls } from './endpoint/check-idempotency.ts';
import { checkOptions, endpointName } from './endpoint/check-options.ts';
import { checkWholeCalls } from './endpoint/check-whole.ts';
import { openCursors } from './endpoint/cursor.ts';
import type { Endpoint } from './endpoint/endpoint.ts';
import { sloTargetOf } from './endpoint/slo.ts';
import { openExplain } from './explain/open-explain.ts';
import { type BffGraph, describeEdge, describeEndpoint, identitiesOf } from './graph.ts';
import { responseOf } from './http/answer.ts';
import { openIdempotency } from './idempotency/open-idempotency.ts';
import { callerOf } from './identify.ts';
import { clientIp } from './ingress/client-ip.ts';
import { inboundOf } from './ingress/inbound.ts';
import { peerDeadline } from './ingress/peer-deadline.ts';
import { peerTrace } from './ingress/peer-trace.ts';
import { type OpenLimits, openLimits } from './limit/open-limits.ts';
import type { Usage } from './limit/quota-facts.ts';
import { compilePipeline } from './pipeline.ts';
import { buildGraph, type PlanGraph } from './plan/graph.ts';
import { GatewayError } from './problem/gateway-error.ts';
import { remembersAlone } from './remembers-alone.ts';
import { methodsOf, routeOrder } from './route-table.ts';
import { answerUnmatched, refuseOtherMethods } from './routes.ts';
import { countFacts, type Metrics } from './telemetry/metrics.ts';
import { Pseudonyms } from './telemetry/pseudonyms.ts';
import type { Call } from './upstream/call.ts';
import { type OperationContract, operationId } from './upstream/operation.ts';
import { systemRandom } from './upstream/random.ts';
import type { StreamContract } from './upstream/stream-contract.ts';
import { Upstreams } from './upstreams.ts';
import type { VersionsOptions } from './versions/dated.ts';
import { openVersions } from './versions/open-versions.ts';

/** What operators see of the upstreams and may do to them. */
export type UpstreamControl = Pick<Upstreams, 'isReady' | 'status' | 'breakers' | 'switch'>;

/** Keys that processes of one BFF should have in common. */
export interface ProcessKeys {
  /** 32 bytes as base64: seals cursors, unless `cursorKeys` does. */
  readonly cursor?: string;
  /** At least 32 characters: names people for operators. */
  readonly pseudonym?: string;
}

/** A checked BFF, ready to serve. */
export interface Bff {
  readonly name: string;
  readonly owner: string;
  /**
   * A real Hono app: test it with `app.request()`, add routes to it, mount its `fetch` in another app. (`route()`
   * of another app would take its routes without its edge.)
   */
  readonly app: Hono;
  readonly graph: BffGraph;
  /** What it was made of, for documents and tools. */
  readonly declared: Declared;
  readonly events: EventBus;
  readonly metrics: Metrics;
  /** The names of people for whoever operates it: in the log, in explanations, on the console. */
  readonly pseudonyms: Pseudonyms;
  /** What its parts add to the admin port. */
  readonly admin: readonly AdminPages[];
  fetch(request: Request): Response | Promise<Response>;
  /** The short way for Node's servers: answers what is plain; false for what must go through the app. */
  readonly direct: Direct;
  readonly upstreams: UpstreamControl;
  /** Says from now on how loaded the process is, unless the option `pressure` does; `serve` does so. */
  usePressure(source: PressureSource): void;
  /** Uses these keys from now on instead of its own random ones; `serve` does so, and its workers share them. */
  useProcessKeys(keys: ProcessKeys): void;
  /** What it remembers in this process only, such as `limits`: other processes of the same BFF do not know of it. */
  readonly remembersAlone: readonly string[];
  /** What a principal has used of its limits and quotas, without using anything. */
  usage(principal: Principal): Promise<readonly Usage[]>;
  /** Ends every kept answer with this tag, on all instances. Rejects with 503 when only this one could be told. */
  purge(tag: string): Promise<void>;
  /** Requests under way. */
  liveRequests(): number;
  /** Cancels what still runs with `shutting-down`, then closes every upstream connection. */
  close(): Promise<void>;
}

/**
 * Checks and compiles a BFF.
 *
 * @throws {RangeError} for an unknown option, a value out of range, two endpoints on one route, a
 * plan that is too large, or an operation whose upstream is not bound.
 */
export function defineBff(options: BffOptions): Bff {
  requireKnown('defineBff', options, bffOptionNames);
  if (!/^[a-z][a-z0-9-]*$/.test(options.name))
    throw new RangeError(`defineBff: name must be lowercase, got '${options.name}'`);
  const { clock = systemClock, ids = randomIds() } = options;
  const events = new EventBus();
  const { identity = [] } = options;
  for (const way of identity) way.watch?.(events);
  options.tracing?.watch({ name: options.name, events, clock });
  options.meter?.watch({ name: options.name, events, clock });
  const endpoints = [
    ...identity.flatMap((way) => way.endpoints ?? []),
    ...options.endpoints,
    ...(options.portal?.endpoints ?? []),
  ];
  if (options.apiInfo !== undefined) checkApiInfo(options.apiInfo, endpoints);
  const limits = naming('defineBff', () => openLimits(options, { bff: options.name, clock, events }));
  const kept = naming('defineBff', () =>
    openCache(options.cache ?? {}, { bff: options.name, clock, ids, events }),
  );
  const keepsWrites = endpoints.some((endpoint) => endpoint.options.idempotency !== undefined);
  const idempotency =
    keepsWrites || options.idempotency !== undefined
      ? naming('defineBff', () =>
          openIdempotency(options.idempotency ?? {}, { bff: options.name, clock, ids }),
        )
      : undefined;
  const live = new Roster<RequestContext>();
  let pressureSource = options.pressure ?? noPressure;
  const pressure: PressureSource = { level: () => pressureSource.level() };
  const upstreams = new Upstreams(options.upstreams, {
    clock,
    events,
    pressure,
    random: options.random ?? systemRandom(),
    trafficFile: options.trafficFile,
    transport: options.transport,
  });
  const prepare = (contract: OperationContract): Call =>
    naming(operationId(contract), () => upstreams.prepare(contract));
  const versions =
    options.versions &&
    naming('defineBff', () => openVersions(options.versions as VersionsOptions, endpoints));
  if (options.webhooks !== undefined) {
    const versioned = versions?.descriptions ?? [];
    options.webhooks.watch({ name: options.name, events, clock, endpoints, versions: versioned });
  }
  const cursors = naming('defineBff', () => openCursors(options.name, options.cursorKeys));
  const parts = {
    bff: options.name,
    publicOrigin: options.publicOrigin,
    clock,
    ids,
    events,
    authenticators: identity,
    limiter: limits.limiter,
    failures: limits.failures,
    idempotency,
    edge: compileEdge(options),
    methodsAt: methodsOf(endpoints),
    clientIp: clientIp(options.trustedProxies, options.forwardedHeader),
    deadlineOf: peerDeadline(options.trustedPeers),
    readPeerTrace: peerTrace(options.trustedPeers),
    isSampled: options.tracing?.isSampled.bind(options.tracing),
    pressure,
    caching: {
      bff: options.name,
      cache: kept.cache,
      identityNeedingCaller: (contract: OperationContract) => upstreams.of(contract).identityNeedingCaller,
    },
    cursors,
    versions,
    serverTiming: options.serverTiming ?? false,
    live,
    prepare,
    prepareStream: (contract: StreamContract) => {
      const { maxAnswerBytes, hasIdentity } = upstreams.of(contract);
      return { call: upstreams.prepareStream(contract), maxAnswerBytes, hasIdentity };
    },
  };

  const pseudonyms = new Pseudonyms();
  const explain = naming('defineBff', () =>
    openExplain(
      { keys: options.explainKeys, everyRequest: parts.serverTiming },
      { bff: options.name, clock, events, pseudonyms, breakers: () => upstreams.breakers() },
    ),
  );

  const app = new Hono();
  options.routes?.(app);
  const teamRoutes = [...app.routes];
  const compiled: CompiledRoute[] = [];
  const graphs = new Map<Endpoint, PlanGraph | undefined>();
  for (const endpoint of routeOrder(endpoints)) {
    naming(endpointName(endpoint), () => {
      const graph = graphOf(endpoint, limits, upstreams);
      const handle = explain.watch(compilePipeline(endpoint, graph, parts), graph);
      graphs.set(endpoint, graph);
      compiled.push({ endpoint, handle });
      app.on(endpoint.method, endpoint.path, async (c) =>
        responseOf(await handle(inboundOf(c), c.req.param())),
      );
    });
  }
  refuseOtherMethods(app, new Set(endpoints.map(({ path }) => path)), parts);
  answerUnmatched(app, parts);
  const enter = compileEnter(parts);
  guardApp(app, enter, parts.edge);

  const parties = [...identity, ...options.upstreams.flatMap((binding) => binding.identity ?? [])];
  const bff: Bff = {
    name: options.name,
    owner: options.owner,
    app,
    events,
    pseudonyms,
    admin: [
      ...new Set([
        kept.admin,
        explain.admin,
        ...(options.meter === undefined ? [] : [options.meter.admin]),
        ...(options.webhooks === undefined ? [] : [options.webhooks.admin]),
        ...parties.flatMap((party) => party.admin ?? []),
      ]),
    ],
    metrics: countFacts(options.name, events, {
      upstreams: () => upstreams.status(),
      liveRequests: () => live.size,
      slos: endpoints.flatMap(sloTargetOf),
    }),
    graph: {
      name: options.name,
      owner: options.owner,
      ...describeEdge(options),
      upstreams: upstreams.names,
      identities: identitiesOf(options.upstreams),
      endpoints: endpoints.map((endpoint) =>
        describeEndpoint(endpoint, graphs.get(endpoint), (contract) =>
          upstreams.of(contract).timeoutMs(contract),
        ),
      ),
    },
    declared: {
      endpoints: endpoints.map((endpoint) => ({ endpoint, plan: graphs.get(endpoint) })),
      identity,
      versions: versions?.descriptions,
      info: options.apiInfo,
      problemDocs: parts.edge.problemDocs,
      webhooks: options.webhooks?.events,
      limits: options,
    },
    fetch: (request) => app.fetch(request),
    direct: compileDirect(compiled, enter, teamRoutes),
    upstreams,
    usePressure(source) {
      pressureSource = options.pressure ?? source;
    },
    useProcessKeys({ cursor, pseudonym }) {
      if (cursor !== undefined) cursors.share(cursor);
      if (pseudonym !== undefined) pseudonyms.useKey(pseudonym);
    },
    remembersAlone: [
      ...remembersAlone(options, [...graphs.values()]),
      ...(keepsWrites && idempotency?.isLocal === true ? ['idempotency keys'] : []),
    ],
    usage: (principal) => limits.limiter.usage(callerOf(principal, 'unknown', 'default')),
    purge: (tag) => kept.cache.purge(tag),
    liveRequests: () => live.size,
    async close() {
      for (const context of live.members()) context.cancellation.cancel(new GatewayError('shutting-down'));
      await options.webhooks?.close();
      await upstreams.close();
      limits.close();
      kept.close();
      await options.meter?.close();
      await options.tracing?.close();
      await Promise.all(parties.map(async (party) => party.close?.()));
    },
  };
  options.portal?.describe(bff);
  return bff;
}

function graphOf(endpoint: Endpoint, limits: OpenLimits, upstreams: Upstreams): PlanGraph | undefined {
  checkOptions(endpoint, limits.checkCost);
  if (endpoint.behaviour.kind !== 'plan') return undefined;
  const graph = buildGraph(endpointName(endpoint), endpoint.behaviour.plan);
  checkWholeCalls(endpointName(endpoint), endpoint, graph);
  checkKeyedCalls(endpointName(endpoint), endpoint, graph);
  for (const { spec } of graph.nodes) {
    if (spec.kind !== 'derive') upstreams.of(spec.operation);
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
