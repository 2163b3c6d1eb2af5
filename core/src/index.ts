/**
 * bffkit: typed Backend-for-Frontend gateways. What is exported here is promised.
 *
 * @module
 */
export type { ApiInfo } from './api-info.ts';
export { type Bff, defineBff } from './bff.ts';
export type { BffOptions } from './bff-options.ts';
export type { CacheOptions, EndpointCacheOptions, TaggedRequest } from './cache/cache-options.ts';
export type { CacheStoreOptions } from './cache/open-cache.ts';
export type { Caller } from './context/caller.ts';
export { type CancelTimer, type Clock, systemClock } from './context/clock.ts';
export type { EventBus } from './context/event-bus.ts';
export type {
  AuditFact,
  BreakerFact,
  BreakerState,
  BreakerStatus,
  CacheFact,
  CacheOutcome,
  CallFact,
  CallOutcome,
  Facts,
  LimitDecision,
  LimitFact,
  LimitStoreFact,
  OverBudgetFact,
  ProblemFact,
  QuotaFact,
  RequestFact,
  StandIn,
  WebhookFact,
  WebhookOutcome,
} from './context/events.ts';
export { type IdSource, randomIds } from './context/ids.ts';
export type { PressureSource, Priority } from './context/pressure.ts';
export type { Principal } from './context/principal.ts';
export { envList, envPort, envUrl, readEnv } from './context/read-env.ts';
export type { RequestContext } from './context/request-context.ts';
export type { Whole } from './context/whole.ts';
export type { Declared, DeclaredEndpoint } from './declared.ts';
export { type ClientCredentialsOptions, clientCredentials } from './delegation/client-credentials.ts';
export { type InternalJwtOptions, internalJwt } from './delegation/internal-jwt.ts';
export { passThrough } from './delegation/pass-through.ts';
export {
  type GatewayKeys,
  type GatewayKeysOptions,
  gatewayKeys,
  type PrivateJwk,
  type PublicJwk,
  type SigningAlgorithm,
} from './delegation/signing-keys.ts';
export type { TokenEndpointOptions } from './delegation/token-endpoint.ts';
export { type TokenExchangeOptions, tokenExchange } from './delegation/token-exchange.ts';
export type { Budget } from './endpoint/budget.ts';
export { cursorOf, nextCursor } from './endpoint/cursor.ts';
export {
  type Endpoint,
  type EndpointOptions,
  type EndpointTypes,
  endpoint,
  type HandleContext,
} from './endpoint/endpoint.ts';
export { type OpenEnum, openEnum } from './endpoint/open-enum.ts';
export { type PageQueryOptions, pageOf, pageQuery } from './endpoint/page.ts';
export type { LatencyObjective, SloOptions } from './endpoint/slo.ts';
export type { PageFailure, RenderOptions } from './endpoint/write-page.ts';
export { type BffGraph, type FieldUse, fieldUses, type GraphEndpoint } from './graph.ts';
export type { CorsOptions } from './http/cors.ts';
export type { IdempotencyOptions } from './idempotency/open-idempotency.ts';
export { type Access, allOf, anyone, roles, scopes, signedIn } from './identity/access.ts';
export type { Authenticator } from './identity/authenticator.ts';
export { type BearerAlgorithm, type BearerOptions, bearer } from './identity/bearer.ts';
export type { CredentialForm, CredentialPlace } from './identity/credential-form.ts';
export type { DpopOptions } from './identity/dpop.ts';
export {
  type Revocation,
  type Revocations,
  type RevocationsOptions,
  revocations,
  type TokenName,
} from './identity/revocation.ts';
export type { AddressOptions } from './ingress/address-rules.ts';
export type { ForwardedHeader } from './ingress/client-ip.ts';
export { type ApiKeys, type ApiKeysOptions, apiKeys } from './keys/api-keys.ts';
export type { KeyAdmin, KeyListing, KeyOrder, NewKey, Pinned, RotateOptions } from './keys/key-admin.ts';
export type { KeyDescription } from './keys/key-record.ts';
export type { KeySeed } from './keys/seeds.ts';
export {
  type ConcurrentOptions,
  concurrent,
  fixedWindow,
  type LeakyBucketOptions,
  leakyBucket,
  type MonthlyQuotaOptions,
  monthlyQuota,
  slidingCounter,
  slidingLog,
  type TokenBucketOptions,
  tokenBucket,
  type WindowOptions,
} from './limit/declare.ts';
export type { RateLimitHeaders } from './limit/headers.ts';
export type { ConcurrencyLimit, Limit, RateLimit } from './limit/limit.ts';
export { type MemoryStoreOptions, memoryStore } from './limit/memory-store.ts';
export type { LimitOptions } from './limit/open-limits.ts';
export type { Usage } from './limit/quota-facts.ts';
export type { Admission, Claim, Decision, LimitStore } from './limit/store.ts';
export type { By } from './limit/subject.ts';
export type { CallOptions, EachOptions, OptionalOptions, PlanBuilder } from './plan/builder.ts';
export type { GraphNode } from './plan/graph.ts';
export type { CallFailure, Node, Scope, Settled } from './plan/node.ts';
export { type ProblemCode, problemCodes } from './problem/codes.ts';
export { GatewayError, type GatewayErrorOptions, type InputIssue } from './problem/gateway-error.ts';
export type { ProblemDocument } from './problem/problem.ts';
export { type Proxied, type ProxyOptions, proxy } from './proxy/proxy.ts';
export type { Turn } from './records/counters.ts';
export { type FileRecordsOptions, fileRecords } from './records/file-records.ts';
export { type MemoryRecordsOptions, memoryRecords } from './records/memory-records.ts';
export type { RecordStore, When } from './records/record-store.ts';
export { type SeenOnce, seenOnce } from './records/seen-once.ts';
export { type HeadOptions, renderHead } from './ssr/head.ts';
export { type HtmlValue, html, type SafeHtml } from './ssr/html.ts';
export type { Page, PageOptions } from './ssr/page.ts';
export { Preload } from './ssr/preload.ts';
export { PageHints, PageMeta, type SsrParts, ssr } from './ssr/ssr.ts';
export { type LogOptions, type LogSource, logFacts } from './telemetry/access-log.ts';
export type { AuditTarget } from './telemetry/audit-file.ts';
export { jsonLogger, type Logger, type LoggerOptions, type LogLevel } from './telemetry/logger.ts';
export type { Metrics } from './telemetry/metrics.ts';
export type { BodyRules, Json } from './transform/body.ts';
export type { HeaderRules } from './transform/headers.ts';
export type { QueryRules } from './transform/query.ts';
export type { Rules } from './transform/rules.ts';
export type { Transforms } from './transform/transforms.ts';
export { type BindingOptions, bind, type UpstreamBinding } from './upstream/binding.ts';
export { type DnsTargetsOptions, dnsTargets } from './upstream/discover-dns.ts';
export { fileTargets } from './upstream/discover-file.ts';
export { functionTargets } from './upstream/discover-function.ts';
export { type Discovery, joinTargets } from './upstream/discovery.ts';
export type { HealthOptions } from './upstream/health.ts';
export type { HedgeOptions } from './upstream/hedging.ts';
export { type HttpTransportOptions, httpTransport } from './upstream/http-transport.ts';
export type { IdentityHeaders, UpstreamIdentity } from './upstream/identity.ts';
export type { Mask, MaskOf, Picked } from './upstream/mask.ts';
export {
  del,
  get,
  type Method,
  type Operation,
  type OperationOptions,
  patch,
  post,
  put,
  upstream,
} from './upstream/operation.ts';
export type { OutlierOptions } from './upstream/outlier.ts';
export type { CallPolicyOptions, ConcurrencyOptions } from './upstream/policy.ts';
export type { BreakerOptions } from './upstream/resilience.ts';
export type { RetryOptions } from './upstream/retry.ts';
export type { RetryBudgetOptions } from './upstream/retry-budget.ts';
export type { ShadowOptions } from './upstream/shadow.ts';
export type { TargetList, TargetOption } from './upstream/target.ts';
export type { TrafficPolicy } from './upstream/traffic.ts';
export type {
  Exchange,
  StreamExchange,
  StreamHead,
  StreamRequest,
  Transport,
  TransportAnswer,
  TransportRequest,
} from './upstream/transport.ts';
export type { UpstreamTlsOptions } from './upstream/upstream-tls.ts';
export { whole, wholeOf } from './upstream/whole.ts';
export type { UsageEndpointOptions } from './usage/usage-endpoint.ts';
export { type UsageMeter, type UsageMeterOptions, usageMeter } from './usage/usage-meter.ts';
export type { UsageReport, VersionUse } from './usage/usage-report.ts';
export type { DayRange } from './usage/utc-days.ts';
export {
  type Change,
  type ChangeOptions,
  change,
  type DownOptions,
  down,
  type Members,
  type MembersRead,
  type MembersWritten,
  type Migration,
  type Part,
  type UpOptions,
  up,
  type WholeOptions,
} from './versions/change.ts';
export { type Brownout, type DatedVersion, type VersionsOptions, versionNames } from './versions/dated.ts';
export {
  type ChangeDescription,
  type MigrationWay,
  type VersionDescription,
  type Versioned,
  versionsOf,
} from './versions/open-versions.ts';
export { problemShape } from './versions/problem-shape.ts';
export type { WebhookEvent } from './webhooks/event-documents.ts';
export type { WebhookEndpointsOptions } from './webhooks/receiver-endpoints.ts';
export { type Webhooks, type WebhooksOptions, webhooks } from './webhooks/webhooks.ts';
