/**
 * What bffkit's features cost: the same gateway with things switched off, or with answers kept. What a BFF
 * cannot do without (guard, a limit, deadline, breaker, checked answers, entity tags, metrics) is on in all of them.
 *
 * @module
 */
import { anyone, bearer, scopes } from 'bffkit';
import { otlpTracing } from 'bffkit/tracing';
import { readAssignment } from '../gateway.ts';
import { benchEndpoints, type Keeping } from './endpoints.ts';
import { type Observers, serveBench } from './serve.ts';
import { bindUpstreams } from './upstreams.ts';

/** `bare`: no identity, headers of limits, log lines, further attempts or outliers. The others have everything on. */
export type VariantName = keyof typeof keeping | keyof typeof observers;

const keeping = {
  bare: 'nothing',
  'keeps-calls': 'calls',
  'keeps-answers': 'answers',
  'two-processes': 'nothing',
} as const satisfies Readonly<Record<string, Keeping>>;

/** Each hears what the one before hears, and more. `traces` makes spans of one request in ten. */
const observers = {
  'heard-by-nobody': 'nobody',
  metrics: 'metrics',
  console: 'console',
  log: 'log',
  traces: 'log',
} as const satisfies Readonly<Record<string, Observers>>;

const assignment = readAssignment();
const { issuer } = assignment;
const variant = assignment.variant as VariantName;
const isBare = variant === 'bare';
/** Any server that answers 200 takes spans. */
const tracing =
  variant === 'traces' ? await otlpTracing({ url: `${issuer}/v1/traces`, share: 0.1 }) : undefined;

await serveBench({
  isBare,
  workers: variant === 'two-processes' ? 2 : 1,
  ...(variant in observers ? { observers: observers[variant as keyof typeof observers] } : {}),
  ...(tracing === undefined ? {} : { tracing }),
  upstreams: bindUpstreams(assignment, isBare),
  endpoints: benchEndpoints(
    isBare ? anyone() : scopes('home:read'),
    variant in keeping ? keeping[variant as keyof typeof keeping] : 'nothing',
  ),
  identity: isBare
    ? []
    : [bearer({ issuer, audience: 'bench', jwksUrl: `${issuer}/jwks`, algorithms: ['RS256'] })],
});
