/**
 * bffkit with everything on: each caller has a bearer token, verified against the issuer's keys.
 *
 * @module
 */
import { bearer, scopes } from 'bffkit';
import { readAssignment } from '../gateway.ts';
import { benchEndpoints } from './endpoints.ts';
import { serveBench } from './serve.ts';
import { bindUpstreams } from './upstreams.ts';

const assignment = readAssignment();
const { issuer } = assignment;

await serveBench({
  upstreams: bindUpstreams(assignment),
  endpoints: benchEndpoints(scopes('home:read')),
  identity: [bearer({ issuer, audience: 'bench', jwksUrl: `${issuer}/jwks`, algorithms: ['RS256'] })],
});
