/**
 * bffkit with everything on, which reads every part of every answer and checks it against its schema: what it is
 * for others to pass on what they have parsed.
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
  endpoints: benchEndpoints(scopes('home:read'), 'nothing', 'checked'),
  identity: [bearer({ issuer, audience: 'bench', jwksUrl: `${issuer}/jwks`, algorithms: ['RS256'] })],
});
