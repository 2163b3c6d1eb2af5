/**
 * bffkit without identity: what is left is what the token costs.
 *
 * @module
 */
import { anyone } from 'bffkit';
import { readAssignment } from '../gateway.ts';
import { benchEndpoints } from './endpoints.ts';
import { serveBench } from './serve.ts';
import { bindUpstreams } from './upstreams.ts';

await serveBench({
  upstreams: bindUpstreams(readAssignment()),
  endpoints: benchEndpoints(anyone()),
  identity: [],
});
