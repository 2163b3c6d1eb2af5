/**
 * bffkit without identity: what is left is what the token costs.
 *
 * @module
 */
import { anyone } from 'bffkit';
import { readAssignment } from '../gateway.ts';
import { serveBench } from './serve.ts';

await serveBench(readAssignment(), { access: anyone(), identity: [] });
