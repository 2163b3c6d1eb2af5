/**
 * What bffkit's features cost: the same gateway with things switched off, or with answers kept. What a BFF
 * cannot do without (guard, a limit, deadline, breaker, checked answers, entity tags, metrics) is on in all of them.
 *
 * @module
 */
import { anyone, bearer, scopes } from 'bffkit';
import { readAssignment } from '../gateway.ts';
import { benchEndpoints, type Keeping } from './endpoints.ts';
import { serveBench } from './serve.ts';
import { bindUpstreams } from './upstreams.ts';

/** `bare`: no identity, headers of limits, log lines, further attempts or outliers. The others have everything on. */
export type VariantName = 'bare' | 'keeps-calls' | 'keeps-answers' | 'two-processes';

const keeping: Readonly<Record<VariantName, Keeping>> = {
  bare: 'nothing',
  'keeps-calls': 'calls',
  'keeps-answers': 'answers',
  'two-processes': 'nothing',
};

const assignment = readAssignment();
const { issuer } = assignment;
const variant = assignment.variant as VariantName;
const isBare = variant === 'bare';

await serveBench({
  isBare,
  workers: variant === 'two-processes' ? 2 : 1,
  upstreams: bindUpstreams(assignment, isBare),
  endpoints: benchEndpoints(isBare ? anyone() : scopes('home:read'), keeping[variant]),
  identity: isBare
    ? []
    : [bearer({ issuer, audience: 'bench', jwksUrl: `${issuer}/jwks`, algorithms: ['RS256'] })],
});
