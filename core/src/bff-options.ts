/**
 * What a BFF is made of: the options of `defineBff`.
 *
 * @module
 */
import type { Hono } from 'hono';
import type { ApiInfo } from './api-info.ts';
import type { CacheStoreOptions } from './cache/open-cache.ts';
import type { Clock } from './context/clock.ts';
import type { IdSource } from './context/ids.ts';
import type { PressureSource } from './context/pressure.ts';
import type { Tracing } from './context/tracing.ts';
import { type EdgeOptions, edgeOptionNames } from './edge.ts';
import type { Endpoint } from './endpoint/endpoint.ts';
import type { SignIn } from './endpoint/sign-in.ts';
import type { IdempotencyOptions } from './idempotency/open-idempotency.ts';
import type { ForwardedHeader } from './ingress/client-ip.ts';
import { type LimitOptions, limitOptionNames } from './limit/open-limits.ts';
import type { Portal } from './portal-part.ts';
import type { UpstreamBinding } from './upstream/binding.ts';
import type { Random } from './upstream/random.ts';
import type { Transport } from './upstream/transport.ts';
import type { UsageMeter } from './usage/usage-meter.ts';
import type { VersionsOptions } from './versions/dated.ts';
import type { Webhooks } from './webhooks/webhooks.ts';

export interface BffOptions extends LimitOptions, EdgeOptions {
  /** Lowercase; field `service` of logs, label `bff` of metrics. */
  readonly name: string;
  /** The team that is asked when it breaks, such as `@acme/web`. */
  readonly owner: string;
  /** Ways to prove identity, asked in order. Default none: every caller is anonymous. */
  readonly identity?: readonly SignIn[];
  readonly upstreams: readonly UpstreamBinding[];
  readonly endpoints: readonly Endpoint[];
  /** Plain Hono middleware and routes beside the endpoints; runs before the endpoints are added. */
  readonly routes?: (app: Hono) => void;
  /** Addresses or CIDR ranges of proxies whose `forwardedHeader` is believed. Default none. */
  readonly trustedProxies?: readonly string[];
  /** The one header in which `trustedProxies` write who called them. Default `x-forwarded-for`. */
  readonly forwardedHeader?: ForwardedHeader;
  /**
   * Addresses or CIDR ranges of peers, such as another gateway, whose `Bff-Deadline-Ms` may shorten a deadline and
   * whose `traceparent` and `X-Request-Id` are believed. Default none.
   */
  readonly trustedPeers?: readonly string[];
  /** Path of a policy file that splits traffic between versions of upstreams; watched. Default none. */
  readonly trafficFile?: string;
  /**
   * Keys that seal the cursors of pages: 1 to 10 of 32 bytes each, as base64. The first seals, all of them open, so
   * that keys can be changed. Needed where several instances serve one BFF. Default: a key of this process' own, or
   * of it and its workers, with which its cursors end.
   */
  readonly cursorKeys?: readonly string[] | undefined;
  /** The dated versions clients may ask for. Endpoints are written for the newest. Default none. */
  readonly versions?: VersionsOptions | undefined;
  /** What people are told of the API in its documents, beside what is declared. Default its name alone. */
  readonly apiInfo?: ApiInfo | undefined;
  /** How much room kept answers have, and where they are shared. What is kept is declared by calls and endpoints. */
  readonly cache?: CacheStoreOptions;
  /** Where the answers to writes with an `Idempotency-Key` are kept. Which writes take one is declared by endpoints. */
  readonly idempotency?: IdempotencyOptions;
  /** The documentation of this BFF as pages of its own; `docsPortal()` of `bffkit/portal` makes it. Default none. */
  readonly portal?: Portal | undefined;
  /** Counts what partners use; `usageMeter()` makes it. Default nobody counts. */
  readonly meter?: UsageMeter;
  /** Tells partners of events; `webhooks()` makes it. Default nobody is told. */
  readonly webhooks?: Webhooks | undefined;
  /** Where spans go, such as `otlpTracing()` of `bffkit/tracing`. Default nowhere. */
  readonly tracing?: Tracing | undefined;
  /**
   * Adds a `Server-Timing` waterfall to every answer and keeps the decision records of the last requests for the admin
   * port; for development. Default false.
   */
  readonly serverTiming?: boolean;
  /**
   * Keys with which operators ask for the decision record of one request in production: 1 to 10 of 32 bytes each, as
   * base64. The first signs, all of them hold, so that keys can be changed. Default none: nobody can ask.
   */
  readonly explainKeys?: readonly string[] | undefined;
  /** For tests: time, randomness, identifiers, load and the wire. */
  readonly random?: Random;
  readonly pressure?: PressureSource;
  readonly clock?: Clock;
  readonly ids?: IdSource;
  readonly transport?: (binding: UpstreamBinding) => Transport;
}

// biome-ignore format: one list
export const bffOptionNames = [
  'name', 'owner', 'identity', 'upstreams', 'endpoints', 'routes', 'trustedProxies',
  'forwardedHeader', 'trustedPeers', 'trafficFile', 'serverTiming', 'explainKeys', 'apiInfo', 'portal', 'meter', 'tracing', 'cursorKeys', 'cache', 'versions', 'idempotency', 'webhooks', 'clock', 'ids', 'transport', 'random', 'pressure',
  ...edgeOptionNames, ...limitOptionNames,
];
